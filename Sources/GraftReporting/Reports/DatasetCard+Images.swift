import GraftData
import GraftDocuments
import GraftFiles
import GraftMatrices

extension DatasetCard {
  /// An image to draw, with its caption.
  private struct Example {
    let caption: String
    /// [channels × height × width].
    let pixels: [UInt8]
  }

  /// The images of each class, each followed by its augmented versions.
  private var groups: [[Example]] {
    let train = data.pair.train
    var chosen = [[Int]](repeating: [], count: train.classNames.count)
    for (index, label) in train.labels.enumerated() where chosen[label].count < examples { chosen[label].append(index) }
    var augmenter = augmentation.map { Augmenter($0, shape: train.shape) }
    return chosen.map { indices in
      indices.flatMap { index in
        let image = train.image(index)
        let name = train.classNames[train.labels[index]]
        let versions = augmenter == nil ? 0 : 2
        return [Example(caption: "\(name) (image \(index))", pixels: Array(image))]
          + (0..<versions).compactMap { version in
            augmenter?.apply(to: image, seed: 0, epoch: version + 1, index: index)
          }.enumerated().map { Example(caption: "in epoch \($0 + 1)", pixels: $1) }
      }
    }
  }

  // MARK: In characters

  /// Columns of text that goes to no terminal: three images of 32 pixels.
  private static let usualColumns = 100
  /// The columns that an image may have at least, if the terminal has as many.
  private static let leastWidth = 32

  /// The images in characters, some side by side. Images that are too wide are scaled down: to a third of the terminal, or
  /// to 32 pixels if that is more and no augmented versions belong beside them.
  func drawings(for terminal: Terminal) -> [String] {
    let examples = groups.joined().map { $0 }
    let shape = data.pair.train.shape
    let columns = terminal.columns ?? Self.usualColumns
    let third = max((columns - 4) / 3, 1)
    let width = min(shape.width, augmentation == nil ? max(third, min(Self.leastWidth, columns)) : third)
    let height = max((shape.height * width + shape.width / 2) / shape.width, 1)
    var scaler = ImageScaler(from: shape, height: height, width: width)
    let cell = max(width, examples.map { singleLine($0.caption).count }.max() ?? 0)
    let perRow = augmentation == nil ? max((columns + 2) / (cell + 2), 1) : 3
    return stride(from: 0, to: examples.count, by: perRow).map { first in
      CharacterImage.row(
        examples[first..<min(first + perRow, examples.count)].map { ($0.caption, scaler.planes(of: $0.pixels)) },
        width: width, height: height, inColor: terminal.hasColors)
    }
  }

  // MARK: As a picture

  /// White paper around each image of a sheet, in pixels.
  private static let margin = 4
  /// The longest side of an image on a sheet, and the side up to which small ones are enlarged.
  private static let (longestSide, readableSide) = (256, 64)
  /// The most pixels of a sheet. Images are scaled down to at least `leastSide` so that it has no more.
  private static let (mostPixels, leastSide) = (32 << 20, 16)

  /// The images on white paper, about as many below each other as side by side: class after class, an image before its
  /// augmented versions. Small images are enlarged by a whole number, large ones scaled down.
  ///
  /// - Throws: If there are no images, or too many for one picture.
  package func sheet() throws(GraftFailure) -> PNGImage {
    let (groups, shape, margin) = (groups, data.pair.train.shape, Self.margin)
    let size = augmentation == nil ? max(examples, 1) : 3
    // An augmented image and its versions stay side by side, and so do the images of a class.
    let rows = augmentation == nil ? groups.filter { !$0.isEmpty } : groups.joined().map { $0 }.split(by: size)
    guard !rows.isEmpty else { throw GraftFailure(.usage, "a sheet of no images cannot be drawn") }
    let across = Int(Double(max(rows.count / size, 1)).squareRoot().rounded(.up))
    let down = (rows.count + across - 1) / across
    let fitting = Int((Double(Self.mostPixels) / Double(across * size * down)).squareRoot()) - margin
    guard fitting >= Self.leastSide else {
      throw GraftFailure(
        .usage, "\(grouped(across * size * down)) images are too many for one sheet; choose fewer of each class")
    }
    let longest = max(shape.height, shape.width)
    let most = min(Self.longestSide, fitting)
    let factor = max(min(Self.readableSide, most) / longest, 1)
    func side(_ side: Int) -> Int { longest <= most ? side : max((side * most + longest / 2) / longest, 1) }
    var scaler = ImageScaler(from: shape, height: side(shape.height), width: side(shape.width))
    var paper = ImagePaper(
      height: margin + down * (factor * scaler.height + margin),
      width: margin + across * size * (factor * scaler.width + margin), channels: scaler.channels)
    for (place, row) in rows.enumerated() {
      for (number, example) in row.enumerated() {
        let column = place % across * size + number
        paper.put(
          scaler.planes(of: example.pixels), of: (scaler.height, scaler.width), enlargedBy: factor,
          row: margin + place / across * (factor * scaler.height + margin),
          column: margin + column * (factor * scaler.width + margin))
      }
    }
    return paper.png
  }
}

extension Array {
  /// Runs of `size` elements; the last may be shorter.
  fileprivate func split(by size: Int) -> [[Element]] {
    stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
  }
}
