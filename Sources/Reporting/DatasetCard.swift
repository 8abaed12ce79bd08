import Datasets
import Files
import Matrices

/// What is in a data set: counts, mean, density, and some of its images.
package struct DatasetCard: Sendable {
  private let data: LoadedData
  /// Images of each class to draw.
  private let examples: Int

  package init(_ data: LoadedData, examples: Int) {
    self.data = data
    self.examples = examples
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
      "\(train.name): images of \(train.shape), from \(data.source)", TextTable(columns, rows: rows).terminal(),
    ]
    let perRow = 3
    for first in Swift.stride(from: 0, to: examples * train.classNames.count, by: perRow) {
      let images = (first..<min(first + perRow, examples * train.classNames.count)).compactMap { place in
        image(of: place / examples, number: place % examples)
      }
      if !images.isEmpty { blocks.append(CharacterImage.row(images, width: train.shape.width)) }
    }
    return blocks.joined(separator: "\n\n") + "\n"
  }

  /// The `number`-th training image of a class.
  private func image(of label: Int, number: Int) -> (caption: String, pixels: [UInt8])? {
    let train = data.pair.train
    let members = train.labels.indices.lazy.filter { Int(train.labels[$0]) == label }
    guard let index = members.dropFirst(number).first else { return nil }
    return ("\(train.classNames[label]) (image \(index))", Array(train.image(index)))
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
      "files": .array(data.fileDigests.map { ["name": .string($0.name), "sha256": .string($0.sha256)] }),
    ]
  }
}

extension Dataset {
  /// Mean pixel, 0 to 1.
  fileprivate var mean: Double {
    pixels.isEmpty ? 0 : Double(pixels.reduce(into: 0) { $0 += Int($1) }) / 255 / Double(pixels.count)
  }

  /// The share of pixels that are not background, 0 to 1.
  fileprivate var density: Double {
    pixels.isEmpty ? 0 : Double(pixels.reduce(into: 0) { $0 += $1 == 0 ? 0 : 1 }) / Double(pixels.count)
  }
}
