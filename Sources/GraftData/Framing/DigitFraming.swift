import GraftFiles
import GraftMatrices

/// A method that brings a picture of any size into the form of MNIST's images, as MNIST was made: the ink is scaled to
/// fit a box of 20 × 20 with its proportions kept, and put into 28 × 28 so that its centre of mass lies in the middle
/// (LeCun, Bottou, Bengio and Haffner, "Gradient-Based Learning Applied to Document Recognition", 1998, and the page of
/// the data set). A report's drawing pad does the same.
///
/// The ink is found on unevenly lit paper, see `InkFigure`. Its darkest places become 255, so pale pencil counts as
/// much as a marker.
package enum DigitFraming {
  /// A picture in the form that a model reads.
  package struct Framed: Sendable, Hashable {
    /// Bright ink on black; all black if nothing is drawn.
    package let pixels: [UInt8]
    /// Reasons why an answer to it may be wrong.
    package let doubts: [ImageDoubt]
  }

  /// The longest side, in pixels, at which a picture is examined; larger ones are shrunk.
  private static let longestSide = 384

  /// The side of the box for the ink: 20 of 28 pixels; other shapes in proportion.
  private static func box(of shape: ImageShape) -> Int { max(1, min(shape.height, shape.width) * 20 / 28) }

  /// Frames a picture.
  ///
  /// - Parameters:
  ///   - pixels: [height × width], one byte each.
  ///   - shape: The shape that the model reads, of one channel.
  package static func framed(_ pixels: [UInt8], height: Int, width: Int, to shape: ImageShape) -> Framed {
    precondition(pixels.count == height * width && shape.channels == 1)
    let figure = InkFigure(in: GreyMap(pixels, height: height, width: width, longestSide: longestSide))
    guard let cut = figure.cut else {
      return Framed(pixels: [UInt8](repeating: 0, count: shape.count), doubts: [.nothingDrawn])
    }
    return Framed(pixels: fitted(cut, into: shape), doubts: figure.doubts)
  }

  /// The ink scaled so that its longer side is as long as the box, with its centre of mass in the middle of `shape`.
  private static func fitted(_ ink: Dataset, into shape: ImageShape) -> [UInt8] {
    let (height, width) = (ink.shape.height, ink.shape.width)
    let box = box(of: shape)
    let longest = max(height, width)
    func scaled(_ side: Int) -> Int { max(1, (side * box * 2 + longest) / (2 * longest)) }
    let small: Dataset
    do {
      small = try ink.resized(to: ImageShape(channels: 1, height: scaled(height), width: scaled(width)))
    } catch {
      // Resizing refuses several channels and sides of no or too many pixels: here is one channel, `scaled` gives at least
      // one pixel and no more than the box has, and longer pictures than `longestSide` were shortened before.
      preconditionFailure("sides of up to \(longestSide) and \(box) pixels, one channel: \(error)")
    }
    let (row, column) = place(of: small, in: shape)
    var framed = [UInt8](repeating: 0, count: shape.count)
    for y in 0..<small.shape.height {
      for x in 0..<small.shape.width {
        framed[(row + y) * shape.width + column + x] = small.pixels[y * small.shape.width + x]
      }
    }
    return framed
  }

  /// The row and column at which the scaled ink begins, so that its centre of mass lies in the middle, as near as the
  /// frame allows.
  private static func place(of ink: Dataset, in shape: ImageShape) -> (row: Int, column: Int) {
    let (height, width) = (ink.shape.height, ink.shape.width)
    var (sum, rows, columns) = (0, 0, 0)
    for y in 0..<height {
      for x in 0..<width {
        let value = Int(ink.pixels[y * width + x])
        sum += value
        rows += value * y
        columns += value * x
      }
    }
    func start(_ moment: Int, _ length: Int, in side: Int) -> Int {
      let wanted = Int((Double(side) / 2 - Double(moment) / Double(max(sum, 1))).rounded())
      return max(0, min(side - length, wanted))
    }
    return (start(rows, height, in: shape.height), start(columns, width, in: shape.width))
  }
}

extension InkFigure {
  /// The figure alone, cut out along its extent, with its darkest tenth at 255; nil if nothing is drawn.
  fileprivate var cut: Dataset? {
    guard !patches.isEmpty else { return nil }
    var isFigure = Array(repeating: false, count: ink.values.count)
    // The soft edge of a stroke belongs to it.
    ink.mark(patches, reach: 2, in: &isFigure)
    let inside = patches.flatMap { $0.pixels.map { max(0, ink.values[$0]) } }
    let darkest = max(1, GreyMap(height: 1, width: inside.count, values: inside).quantile(0.9))
    let bytes = zip(ink.values, isFigure).map { value, isFigure in
      isFigure ? UInt8(min(255, max(0, (value * 255 / darkest).rounded()))) : 0
    }
    // Grain of the paper and the soft edge of a stroke are no part of its extent.
    let least: UInt8 = 51
    let rows = (0..<ink.height).filter { row in
      bytes[row * ink.width..<(row + 1) * ink.width].contains { $0 >= least }
    }
    let columns = (0..<ink.width).filter { column in rows.contains { bytes[$0 * ink.width + column] >= least } }
    guard let top = rows.first, let bottom = rows.last, let left = columns.first, let right = columns.last else {
      return nil
    }
    let shape = ImageShape(channels: 1, height: bottom - top + 1, width: right - left + 1)
    let pixels = (top...bottom).flatMap { bytes[$0 * ink.width + left...$0 * ink.width + right] }
    return Dataset(name: "ink", shape: shape, classNames: [""], pixels: pixels, labels: [0])
  }
}
