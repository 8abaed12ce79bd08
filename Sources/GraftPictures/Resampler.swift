/// A worker that brings many pictures to one size, one after the other.
///
/// It keeps its memory, and its weights for the sizes that it met last. Only what the result depends on is computed.
/// Each thread needs a worker of its own.
///
/// The results are those of Pillow, bit for bit: first the width, rounded to bytes, then the height. Since version 13
/// Pillow begins with the height if that shrinks much more than the width, which only `PictureFit.Mode.squash` asks
/// for; some samples of a photograph then differ by 1.
package struct Resampler: Sendable {
  package let fit: PictureFit
  /// The weights of the last sizes, oldest first.
  private var known: [ResamplingWeights] = []
  var scratch: [UInt8] = []

  package init(_ fit: PictureFit) {
    self.fit = fit
  }

  /// Weights that are kept at most.
  private static let mostKnown = 16

  mutating func weights(_ side: FitPlan.Side) -> ResamplingWeights {
    if let match = known.last(where: { $0.axis == side.axis && $0.pixels == side.window }) { return match }
    let weights = ResamplingWeights(side.axis, pixels: side.window)
    if known.count == Resampler.mostKnown { known.removeFirst() }
    known.append(weights)
    return weights
  }
}

// MARK: - Pictures

extension Resampler {
  /// Computes the result for a whole picture.
  package mutating func apply(to picture: Picture) -> Picture {
    apply(to: picture, plan: fit.plan(width: picture.width, height: picture.height))
  }

  /// Computes the result for a picture of which only a part may be there.
  ///
  /// - Parameters:
  ///   - part: A part that has at least the plan's `columns` and `rows`.
  ///   - column: The column of the decoded picture at which the part begins.
  ///   - row: The row of the decoded picture at which the part begins.
  ///   - plan: A plan of `fit`, for the size that the whole picture has or would have.
  package mutating func apply(to part: Picture, column: Int = 0, row: Int = 0, plan: FitPlan) -> Picture {
    check(part, column, row, plan)
    if plan.isIdentity, part.width == plan.sourceWidth, part.height == plan.sourceHeight { return part }
    let (channels, fit) = (part.channels, fit)
    let count = fit.height * fit.width * channels
    let samples = [UInt8](unsafeUninitializedCapacity: count) { output, filled in
      if plan.left > 0 || plan.top > 0 || plan.windowColumns.count < fit.width || plan.windowRows.count < fit.height {
        output.initialize(repeating: 0)
      }
      guard let first = output.baseAddress else { return }
      let width = plan.windowColumns.count
      resample(part, column, row, plan) { index, line, pitch in
        let place = first + ((plan.top &+ index) &* fit.width &+ plan.left) &* channels
        if channels == 1 {
          place.update(from: line, count: width)
        } else {
          for pixel in 0..<width {
            place[3 &* pixel] = line[pixel]
            place[3 &* pixel &+ 1] = line[pitch &+ pixel]
            place[3 &* pixel &+ 2] = line[2 &* pitch &+ pixel]
          }
        }
      }
      filled = count
    }
    return Picture(width: fit.width, height: fit.height, channels: channels, samples: samples)
  }

  /// Writes the result for a whole picture as planes: [channels × height × width] bytes.
  ///
  /// - Parameter start: The index in `output` at which they begin.
  package mutating func write(_ picture: Picture, planarInto output: inout MutableSpan<UInt8>, at start: Int) {
    write(
      picture, plan: fit.plan(width: picture.width, height: picture.height), planarInto: &output, at: start)
  }

  /// Writes the result for a picture of which only a part may be there, as planes: [channels × height × width] bytes.
  ///
  /// - Parameters:
  ///   - part: A part that has at least the plan's `columns` and `rows`.
  ///   - column: The column of the decoded picture at which the part begins.
  ///   - row: The row of the decoded picture at which the part begins.
  ///   - plan: A plan of `fit`, for the size that the whole picture has or would have.
  ///   - start: The index in `output` at which the planes begin.
  package mutating func write(
    _ part: Picture, column: Int = 0, row: Int = 0, plan: FitPlan, planarInto output: inout MutableSpan<UInt8>,
    at start: Int
  ) {
    check(part, column, row, plan)
    let fit = fit
    let plane = fit.height * fit.width
    let count = part.channels * plane
    precondition(start >= 0 && count <= output.count && start <= output.count - count)
    output.withUnsafeMutableBufferPointer { output in
      guard let base = output.baseAddress else { return }
      let first = base + start
      let width = plan.windowColumns.count
      if plan.left > 0 || plan.top > 0 || width < fit.width || plan.windowRows.count < fit.height {
        first.update(repeating: 0, count: count)
      }
      resample(part, column, row, plan) { index, line, pitch in
        let place = first + ((plan.top &+ index) &* fit.width &+ plan.left)
        for channel in 0..<part.channels {
          (place + channel &* plane).update(from: line + channel &* pitch, count: width)
        }
      }
    }
  }

  private func check(_ part: Picture, _ column: Int, _ row: Int, _ plan: FitPlan) {
    precondition(plan.fit == fit && column >= 0 && row >= 0)
    let (columns, rows) = (plan.columns, plan.rows)
    precondition(column <= columns.lowerBound && columns.upperBound <= column + part.width)
    precondition(row <= rows.lowerBound && rows.upperBound <= row + part.height)
    precondition(column + part.width <= plan.sourceWidth && row + part.height <= plan.sourceHeight)
  }
}
