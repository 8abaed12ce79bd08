import GraftFiles
import GraftMatrices
import GraftPictures
import Synchronization

/// The decoding of a list of pictures into images of one shape, on several cores.
struct PictureDecoding: Sendable {
  let tree: PictureTree
  let shape: ImageShape
  let fit: PictureFit
  let threads: Int

  /// Decoded images, and the pictures that could not be decoded.
  struct Outcome {
    /// [images × channels × height × width]; zeros in place of a picture that could not be decoded.
    var pixels: [UInt8]
    /// The problem with each bad picture, by its index in the list.
    var bad: [Int: FormatError]
  }

  /// Decodes pictures into memory.
  ///
  /// - Parameter wanted: Whether each picture of the list is decoded; the others stay zeros.
  /// - Throws: `FileFailure` if the system cannot read a file.
  func decode(_ items: [PictureLayout.Item], where wanted: [Bool]) throws -> Outcome {
    let size = shape.count
    var pixels = [UInt8](repeating: 0, count: items.count * size)
    let problems = Mutex<[Int: any Error]>([:])
    let colors: ColorMode = shape.channels == 1 ? .grey : .rgb
    WorkerPool(threads: threads).fill(&pixels, partsOf: max(1, min(64, (1 << 20) / size)) * size) { start, part in
      var resampler = Resampler(fit)
      for place in stride(from: 0, to: part.count, by: size) {
        let index = (start + place) / size
        guard wanted[index] else { continue }
        do {
          let bytes = try tree.bytes(of: items[index].file)
          try resampler.write(file: bytes, as: colors, planarInto: &part, at: place)
        } catch {
          problems.withLock { $0[index] = error }
        }
      }
    }
    var bad: [Int: FormatError] = [:]
    for (index, error) in problems.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
      guard let error = error as? FormatError else { throw error }
      bad[index] = error.at(path: tree.place(of: items[index].file))
    }
    return Outcome(pixels: pixels, bad: bad)
  }

  /// Bytes of the images that are decoded before they are written to a file.
  private static let bytesPerPart = 64 << 20

  /// Decodes pictures in order, some at a time.
  ///
  /// - Parameter write: Takes the pixels of each part.
  /// - Returns: The problem with each bad picture, by its index in the list.
  /// - Throws: As `decode(_:where:)`, and whatever `write` throws.
  func decode(
    _ items: [PictureLayout.Item], where wanted: [Bool], write: AtomicFile.Append
  ) throws -> [Int: FormatError] {
    let count = max(1, PictureDecoding.bytesPerPart / shape.count)
    var bad: [Int: FormatError] = [:]
    for start in stride(from: 0, to: items.count, by: count) {
      let part = start..<min(start + count, items.count)
      let outcome = try decode(Array(items[part]), where: Array(wanted[part]))
      try write(outcome.pixels)
      for (index, error) in outcome.bad { bad[start + index] = error }
    }
    return bad
  }
}
