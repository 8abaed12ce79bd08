import GraftFiles

extension DatasetCheck {
  /// Fewer training images than this teach little of a class.
  static let fewImages = 10
  /// The ratio of the largest to the smallest class from which classes count as unequal.
  static let unequalRatio = 3.0

  /// The findings about classes: those with few images or none, unequal ones, and those that may be one.
  static func classFindings(_ pair: DatasetPair) -> [Finding] {
    let names = pair.train.classNames
    let (train, test) = (pair.train.countsPerClass, pair.test.countsPerClass)
    var findings: [Finding] = []
    let unlearnable = names.indices.filter { train[$0] == 0 && test[$0] > 0 }
    if !unlearnable.isEmpty {
      findings.append(
        Finding(
          .unlearnable, .warning, count: unlearnable.count,
          "\(classes(unlearnable, names)) test images but no training images and cannot be learned",
          examples: unlearnable.map { names[$0] }))
    }
    let unmeasured = names.indices.filter { train[$0] > 0 && test[$0] == 0 }
    if !unmeasured.isEmpty {
      findings.append(
        Finding(
          .unmeasured, .warning, count: unmeasured.count,
          "\(classes(unmeasured, names)) no test images and cannot be measured",
          examples: unmeasured.map { names[$0] }))
    }
    // Stable, so that classes of the same size keep their order.
    let ranked = names.indices.filter { train[$0] > 0 }.sorted { (train[$0], $0) < (train[$1], $1) }
    let tiny = ranked.filter { train[$0] < fewImages }
    if let first = tiny.first {
      let counts =
        tiny.count == 1
        ? "class \(quoted(names[first])) has \(images(train[first], "training")): few to learn from"
        : "\(grouped(tiny.count)) classes have fewer than \(fewImages) training images, "
          + "\(quoted(names[first])) only \(train[first])"
      findings.append(
        Finding(
          .tiny, .warning, count: tiny.count, counts,
          examples: tiny.map { "\(names[$0]) (\(train[$0]))" }))
    }
    if let smallest = ranked.first, let largest = ranked.last {
      let ratio = Double(train[largest]) / Double(train[smallest])
      if ratio >= unequalRatio {
        findings.append(
          Finding(
            .imbalance, .warning, count: 2,
            "class \(quoted(names[largest])) has \(decimals(ratio, 1)) times the training images of "
              + "\(quoted(names[smallest])), \(grouped(train[largest])) and \(grouped(train[smallest]))",
            examples: [largest, smallest].map { "\(names[$0]) (\(grouped(train[$0])))" }))
      }
    }
    for similar in similarNames(names) {
      findings.append(
        Finding(
          .similarNames, .warning, count: similar.count,
          "the classes \(similar.map(quoted).joined(separator: " and ")) differ in capitals only: are they one?",
          examples: similar))
    }
    let empty = names.indices.filter { train[$0] == 0 && test[$0] == 0 }
    if !empty.isEmpty {
      findings.append(
        Finding(
          .empty, .note, count: empty.count, "\(classes(empty, names)) no images", examples: empty.map { names[$0] }))
    }
    return findings
  }

  /// Names that are equal apart from capitals and spaces around them, in the order of the classes.
  private static func similarNames(_ names: [String]) -> [[String]] {
    let folded = names.map { name in
      String(name.lowercased().drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace })
    }
    let groups = Dictionary(grouping: names.indices) { folded[$0] }.values.filter { $0.count > 1 }
    return groups.sorted { $0[0] < $1[0] }.map { group in group.map { names[$0] } }
  }

  /// `class "ants" has` or `3 classes have`.
  private static func classes(_ labels: [Int], _ names: [String]) -> String {
    labels.count == 1 ? "class \(quoted(names[labels[0]])) has" : "\(grouped(labels.count)) classes have"
  }

  /// `1 training image` or `1,200 training images`.
  static func images(_ count: Int, _ part: String) -> String {
    "\(grouped(count)) \(part) image\(count == 1 ? "" : "s")"
  }
}
