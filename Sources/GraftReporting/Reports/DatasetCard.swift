import GraftData
import GraftDocuments
import GraftFiles
import GraftMatrices

/// A card for a data set: counts, mean, density, and some of its images, as they are or beside augmented ones.
package struct DatasetCard: Sendable {
  let data: LoadedData
  /// The number of images of each class to draw.
  let examples: Int
  let augmentation: Augmentation?

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

  /// The most classes that have a column each; of more each has a row.
  private static let mostColumns = 12

  /// The card as text.
  ///
  /// - Parameters:
  ///   - terminal: The terminal that it is written to.
  ///   - drawsImages: Whether the images are drawn below the counts.
  package func text(for terminal: Terminal, drawsImages: Bool = true) -> String {
    let train = data.pair.train
    var blocks = ["\(singleLine(train.name)): images of \(train.shape), from \(singleLine(data.source))"]
    blocks += tables.map { $0.terminal() }
    if let augmentation { blocks.append("augmentation: \(augmentation)") }
    if drawsImages { blocks += drawings(for: terminal) }
    return blocks.joined(separator: "\n\n") + "\n"
  }

  // MARK: Counts

  private var tables: [TextTable] {
    let names = data.pair.train.classNames
    let isWide = names.count <= Self.mostColumns
    let hasColors = data.pair.train.shape.channels == 3
    let columns: [TextTable.Column] =
      [.init("images", .leading)] + (isWide ? names : []).map { .init($0) }
      + (hasColors
        ? [.init("all"), .init("mean red"), .init("green"), .init("blue")]
        : [.init("all"), .init("mean"), .init("lit pixels")])
    let rows = parts.map { part in
      let dataset = part.dataset
      let means = hasColors ? dataset.channelMoments.map(\.mean) : [dataset.mean]
      return [part.name] + (isWide ? dataset.countsPerClass.map(grouped) : []) + [grouped(dataset.count)]
        + means.map { decimals($0, 4) } + (hasColors ? [] : ["\(decimals(100 * dataset.density, 1)) %"])
    }
    let all = TextTable(columns, rows: rows)
    if isWide { return [all] }
    let counts = parts.map(\.dataset.countsPerClass)
    return [
      all,
      TextTable(
        [.init("class", .leading)] + parts.map { .init($0.name) },
        rows: names.enumerated().map { label, name in [name] + counts.map { grouped($0[label]) } }),
    ]
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
