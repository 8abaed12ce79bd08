import GraftDocuments
import GraftFiles
import GraftStatistics
import GraftTraining
import GraftWorkbench

extension TextDocument {
  /// A comparison of two runs for a reader.
  ///
  /// - Parameter limit: The most flipped images to list.
  package init(_ comparison: RunComparison, limit: Int) {
    let columns: [TextTable.Column] = [
      .init("run", .leading), .init("right"), .init("images"), .init("accuracy / %"), .init("95 % over images"),
    ]
    func row(_ name: String, _ correct: Int) -> [String] {
      let interval = Interval.wilson(successes: correct, trials: comparison.images)
      return [
        name, grouped(correct), grouped(comparison.images), percent(100 * Double(correct) / Double(comparison.images)),
        "\(percent(100 * interval.low)) to \(percent(100 * interval.high))",
      ]
    }
    var blocks: [Block] = [
      .table(
        TextTable(
          columns,
          rows: [
            row("first: \(comparison.first.name)", comparison.firstCorrect),
            row("second: \(comparison.second.name)", comparison.secondCorrect),
          ])), .paragraph("Verdict: \(comparison.words)."),
    ]
    blocks.append(.heading("Settings that differ"))
    if comparison.differences.isEmpty {
      blocks.append(.paragraph("None."))
    } else {
      let rows = comparison.differences.map { [$0.key, shortened($0.first ?? "-"), shortened($0.second ?? "-")] }
      blocks.append(
        .table(
          TextTable([.init("setting", .leading), .init("first", .leading), .init("second", .leading)], rows: rows)))
    }
    if let layers = comparison.layers { blocks += TextDocument.similarity(layers) }
    blocks.append(.heading("Images that flipped"))
    blocks.append(.paragraph(summary(comparison)))
    if !comparison.flips.isEmpty {
      let rows = comparison.flips.prefix(limit).map { flip in
        [
          grouped(flip.image), comparison.classNames[flip.label],
          answer(flip.first, flip.isFirstRight, comparison),
          answer(flip.second, flip.isSecondRight, comparison),
        ]
      }
      blocks.append(
        .table(
          TextTable(
            [.init("image"), .init("true", .leading), .init("first", .leading), .init("second", .leading)], rows: rows))
      )
      if comparison.flips.count > limit {
        blocks.append(.paragraph("and \(grouped(comparison.flips.count - limit)) more (--limit, --json)"))
      }
    }
    self.init(blocks)
  }
}

extension TextDocument {
  private static func similarity(_ layers: LayerSimilarities) -> [Block] {
    let columns = (layers.values.first ?? []).indices.map { TextTable.Column("second, layer \($0 + 1)") }
    let rows = layers.values.enumerated().map { index, values in
      ["first, layer \(index + 1)"] + values.map { $0.map { decimals($0, 3) } ?? "-" }
    }
    return [
      .heading("How alike the hidden layers are"),
      .table(TextTable([.init("linear CKA", .leading)] + columns, rows: rows)),
      .paragraph(
        "On \(grouped(layers.images)) test images: 1 for the same up to rotation and scale, 0 for nothing in common."),
    ]
  }
}

private func answer(_ label: Int, _ isRight: Bool, _ comparison: RunComparison) -> String {
  let name = label < comparison.classNames.count ? comparison.classNames[label] : "\(label)"
  return isRight ? "\(name) right" : name
}

private func summary(_ comparison: RunComparison) -> String {
  let neither = comparison.flips.count { !$0.isFirstRight && !$0.isSecondRight }
  return
    "\(grouped(comparison.flips.count)) of \(grouped(comparison.images)) images are answered differently: "
    + "\(grouped(comparison.test.firstOnly)) only the first gets right, \(grouped(comparison.test.secondOnly)) only the second, "
    + "\(grouped(neither)) neither."
}

/// Shortens digests, which need no line of their own.
private func shortened(_ text: String) -> String { text.count > 40 ? "\(text.prefix(37))…" : text }

extension RunComparison {
  package var json: JSON {
    func run(_ run: ComparedRun, _ correct: Int) -> JSON {
      let interval = Interval.wilson(successes: correct, trials: images)
      return [
        "name": .string(run.name), "correct": .integer(correct),
        "accuracy": .number(100 * Double(correct) / Double(images)),
        "wilson": ["low": .number(100 * interval.low), "high": .number(100 * interval.high)],
        "settings": .object(run.settings),
      ]
    }
    return [
      "schema_version": 1, "images": .integer(images), "test_sha256": .string(first.testDigest),
      "first": run(first, firstCorrect), "second": run(second, secondCorrect),
      "gain": .number(secondAccuracy.percent - firstAccuracy.percent),
      "gain_over_images": ["low": .number(gainOverImages.low), "high": .number(gainOverImages.high)],
      "mcnemar": [
        "first_only": .integer(test.firstOnly), "second_only": .integer(test.secondOnly), "p": .number(test.pValue),
      ], "words": .string(words),
      "cka": layers.map { layers in
        .array(layers.values.map { .array($0.map { $0.map(JSON.number) ?? .null }) })
      } ?? .null,
      "differences": .array(
        differences.map {
          [
            "setting": .string($0.key), "first": $0.first.map(JSON.string) ?? .null,
            "second": $0.second.map(JSON.string) ?? .null,
          ]
        }),
      "flips": .array(
        flips.map {
          [
            "image": .integer($0.image), "true": .string(classNames[$0.label]), "first": .integer($0.first),
            "second": .integer(Int($0.second)),
          ]
        }),
    ]
  }
}
