import GraftData
import GraftDocuments
import GraftFiles
import GraftMatrices

/// A card for a data set: counts, mean, density, and some of its images, as they are or beside augmented ones.
package struct DatasetCard: Sendable {
  private let data: LoadedData
  /// The number of images of each class to draw.
  private let examples: Int
  private let augmentation: Augmentation?

  /// - Parameter augmentation: The augmentation that draws each image beside its versions in two epochs of seed 0.
  package init(_ data: LoadedData, examples: Int, augmentation: Augmentation? = nil) {
    self.data = data
    self.examples = examples
    self.augmentation = augmentation
  }

  private struct Part {
    let name: String
    let dataset: Dataset
  }

  private var parts: [Part] {
    [Part(name: "training", dataset: data.pair.train), Part(name: "test", dataset: data.pair.test)]
  }

  package var text: String {
    let train = data.pair.train
    let columns: [TextTable.Column] =
      [.init("images", .leading)] + train.classNames.map { .init($0) } + [
        .init("all"), .init("mean"), .init("lit pixels"),
      ]
    let rows = parts.map { part in
      [part.name] + part.dataset.countsPerClass.map(grouped) + [
        grouped(part.dataset.count), decimals(part.dataset.mean, 4), "\(decimals(100 * part.dataset.density, 1)) %",
      ]
    }
    var blocks = [
      "\(singleLine(train.name)): images of \(train.shape), from \(singleLine(data.source))",
      TextTable(columns, rows: rows).terminal(),
    ]
    if let augmentation { blocks.append("augmentation: \(augmentation)") }
    let images = (0..<examples * train.classNames.count).compactMap { place in
      image(of: place / examples, number: place % examples)
    }
    let pictures = images.flatMap(pictures)
    for first in stride(from: 0, to: pictures.count, by: 3) {
      let row = pictures[first..<min(first + 3, pictures.count)]
      blocks.append(CharacterImage.row(Array(row), width: train.shape.width))
    }
    return blocks.joined(separator: "\n\n") + "\n"
  }

  /// The index of the `number`-th training image of a class.
  private func image(of label: Int, number: Int) -> Int? {
    let labels = data.pair.train.labels
    return labels.indices.lazy.filter { labels[$0] == label }.dropFirst(number).first
  }

  /// A training image under its class, with the augmented ones that fill its row.
  private func pictures(of index: Int) -> [(caption: String, pixels: [UInt8])] {
    let train = data.pair.train
    let image = train.image(index)
    let caption = "\(train.classNames[train.labels[index]]) (image \(index))"
    guard let augmentation else { return [(caption, Array(image))] }
    var augmenter = Augmenter(augmentation, shape: train.shape)
    return [(caption, Array(image))]
      + (1...2).map { epoch in
        ("in epoch \(epoch)", augmenter.apply(to: image, seed: 0, epoch: epoch, index: index))
      }
  }

  package var json: JSON {
    [
      "schema_version": 1, "name": .string(data.pair.train.name), "source": .string(data.source),
      "shape": .string(data.pair.train.shape.description),
      "classes": .array(data.pair.train.classNames.map(JSON.string)),
      "parts": .array(
        parts.map { part in
          [
            "part": .string(part.name), "images": .integer(part.dataset.count),
            "counts": .array(part.dataset.countsPerClass.map(JSON.integer)), "mean": .number(part.dataset.mean),
            "density": .number(part.dataset.density), "sha256": .string(part.dataset.digest),
          ]
        }),
      "augmentation": augmentation.map { .string($0.description) } ?? .null,
      "files": .array(data.fileDigests.map { ["name": .string($0.name), "sha256": .string($0.sha256)] }),
    ]
  }
}

extension Dataset {
  /// The mean pixel, 0 to 1.
  fileprivate var mean: Double {
    pixels.isEmpty ? 0 : Double(pixels.reduce(into: 0) { $0 += Int($1) }) / 255 / Double(pixels.count)
  }

  /// The share of pixels that are not background, 0 to 1.
  fileprivate var density: Double {
    pixels.isEmpty ? 0 : Double(pixels.reduce(into: 0) { $0 += $1 == 0 ? 0 : 1 }) / Double(pixels.count)
  }
}
