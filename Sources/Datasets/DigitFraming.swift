import Files
import Matrices

/// Brings a picture of any size to what a model of MNIST reads, the way MNIST was made: the ink is scaled to fit a box of 20 × 20 with
/// its shape kept, and put into 28 × 28 so that its centre of mass lies in the middle (LeCun, Bottou, Bengio and Haffner, "Gradient-Based
/// Learning Applied to Document Recognition", 1998, and the page of the data set). A report's drawing pad does the same.
///
/// Which is the ink shows at the border: the paper is what most of it is, and ink is what differs from that towards the other end, dark
/// or bright. Its darkest place becomes 255, so pale pencil counts as much as a marker.
public enum DigitFraming {
  /// Of 28 pixels the ink takes 20; other shapes in proportion.
  private static func box(of shape: ImageShape) -> Int { max(1, min(shape.height, shape.width) * 20 / 28) }

  /// - Parameters:
  ///   - pixels: [height × width], one byte each.
  ///   - shape: What the model reads, of one channel.
  /// - Returns: Bright ink on black, [shape].
  /// - Throws: Where nothing is drawn.
  public static func framed(
    _ pixels: [UInt8], height: Int, width: Int, to shape: ImageShape
  ) throws(FormatError) -> [UInt8] {
    precondition(pixels.count == height * width && shape.channels == 1)
    let ink = try ink(pixels, height: height, width: width)
    // Grain of the paper and the soft edge of a stroke are no part of its extent.
    let least: UInt8 = 51
    let rows = (0..<height).filter { row in ink[row * width..<(row + 1) * width].contains { $0 >= least } }
    let columns = (0..<width).filter { column in rows.contains { ink[$0 * width + column] >= least } }
    guard let top = rows.first, let bottom = rows.last, let left = columns.first, let right = columns.last else {
      throw FormatError(problem: "there is nothing drawn")
    }
    let (inkHeight, inkWidth) = (bottom - top + 1, right - left + 1)
    let cut = (top...bottom).flatMap { ink[$0 * width + left...$0 * width + right] }
    let box = box(of: shape)
    let longest = max(inkHeight, inkWidth)
    func scaled(_ side: Int) -> Int { max(1, (side * box * 2 + longest) / (2 * longest)) }
    let (newHeight, newWidth) = (scaled(inkHeight), scaled(inkWidth))
    let small: [UInt8]
    do {
      small = try Dataset(
        name: "ink", shape: ImageShape(channels: 1, height: inkHeight, width: inkWidth), classNames: [""], pixels: cut,
        labels: [0]
      ).resized(to: ImageShape(channels: 1, height: newHeight, width: newWidth)).pixels
    } catch {
      throw FormatError(problem: error.message)
    }
    let (row, column) = place(of: small, newHeight, newWidth, in: shape)
    var framed = [UInt8](repeating: 0, count: shape.count)
    for y in 0..<newHeight {
      for x in 0..<newWidth { framed[(row + y) * shape.width + column + x] = small[y * newWidth + x] }
    }
    return framed
  }

  /// How much each pixel differs from the paper, the most being 255.
  private static func ink(_ pixels: [UInt8], height: Int, width: Int) throws(FormatError) -> [UInt8] {
    let edges = [pixels[..<width], pixels[((height - 1) * width)...]]
    let sides = (0..<height).flatMap { [pixels[$0 * width], pixels[$0 * width + width - 1]] }
    let sorted = (edges.joined() + sides).sorted()
    let paper = Int(sorted[sorted.count / 2])
    let isBright = paper > 127
    let differences = pixels.map { max(0, isBright ? paper - Int($0) : Int($0) - paper) }
    // Less than a quarter of the whole range is the paper's own grain.
    guard let most = differences.max(), most >= 64 else { throw FormatError(problem: "there is nothing drawn") }
    return differences.map { UInt8($0 * 255 / most) }
  }

  /// Where the scaled ink begins so that its centre of mass lies in the middle, as near as the frame allows.
  private static func place(
    of ink: [UInt8], _ height: Int, _ width: Int, in shape: ImageShape
  ) -> (row: Int, column: Int) {
    var (sum, rows, columns) = (0, 0, 0)
    for y in 0..<height {
      for x in 0..<width {
        let value = Int(ink[y * width + x])
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
