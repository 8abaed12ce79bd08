import GraftFiles
import GraftMatrices

/// The images of a data set that occur more than once, byte for byte, within its parts and over them.
struct ImageCopies: Sendable {
  /// The places of one image, at least two in all.
  struct Group: Sendable, Hashable {
    var train: [Int] = []
    var test: [Int] = []
  }

  /// The images that occur more than once, in the order of their first places.
  let groups: [Group]

  /// Compares all images.
  ///
  /// - Complexity: O(pixels), with one hash of each image.
  init(_ pair: DatasetPair) {
    let (train, test) = (pair.train, pair.test)
    // Images of two shapes are no copies of each other.
    guard train.shape == test.shape, train.shape.count > 0 else {
      groups = []
      return
    }
    let hashes = ImageCopies.hashes(train) + ImageCopies.hashes(test)
    func image(_ number: Int) -> ArraySlice<UInt8> {
      number < train.count ? train.image(number) : test.image(number - train.count)
    }
    let order = hashes.indices.sorted { (hashes[$0], $0) < (hashes[$1], $1) }
    var found: [[Int]] = []
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, hashes[order[end]] == hashes[order[start]] { end += 1 }
      // Equal hashes of different images are possible, if only in theory.
      var rest = order[start..<end]
      while rest.count > 1, let first = rest.first {
        let pixels = image(first)
        let equal = rest.filter { image($0) == pixels }
        if equal.count > 1 { found.append(equal) }
        rest = equal.count == rest.count ? [] : rest.filter { image($0) != pixels }[...]
      }
      start = end
    }
    groups = found.sorted { $0[0] < $1[0] }.map { numbers in
      Group(
        train: numbers.filter { $0 < train.count }, test: numbers.filter { $0 >= train.count }.map { $0 - train.count })
    }
  }

  private static func hashes(_ dataset: Dataset) -> [Int] {
    dataset.rows.withRows { row in
      (0..<dataset.count).map { index in
        var hasher = Hasher()
        hasher.combine(bytes: UnsafeRawBufferPointer(row(index)))
        return hasher.finalize()
      }
    }
  }

  /// The test images that are training images too, with the first of these.
  var shared: [(test: Int, train: Int)] {
    groups.flatMap { group in group.train.first.map { first in group.test.map { ($0, first) } } ?? [] }
      .sorted { $0.0 < $1.0 }
  }

  /// The findings about copies.
  func findings(in pair: DatasetPair, names: ImageNames) -> [DatasetCheck.Finding] {
    let classNames = pair.train.classNames
    var findings: [DatasetCheck.Finding] = []
    let shared = shared
    if !shared.isEmpty {
      let sameFiles = shared.count { names.areSameFile(train: $0.train, test: $0.test) }
      let files = sameFiles == 0 ? "" : ", \(grouped(sameFiles)) of them from the same file"
      findings.append(
        DatasetCheck.Finding(
          .sharedImages, .warning, count: shared.count,
          "\(grouped(shared.count)) of the \(grouped(pair.test.count)) test images "
            + (shared.count == 1 ? "is a training image too" : "are training images too") + files,
          examples: shared.lazy.map { "\(names.test($0.test)) = \(names.train($0.train))" }))
    }
    let conflicts = groups.filter { labels(of: $0, in: pair).count > 1 }
    if !conflicts.isEmpty {
      findings.append(
        DatasetCheck.Finding(
          .labelConflicts, .warning, count: conflicts.count,
          conflicts.count == 1
            ? "1 image occurs under different labels"
            : "\(grouped(conflicts.count)) images occur under different labels",
          examples: conflicts.lazy.map { group in
            let places =
              group.train.map { (names.train($0), pair.train.labels[$0]) }
              + group.test.map { (names.test($0), pair.test.labels[$0]) }
            // The first image, and the first under another label.
            let pair = [places.first, places.first { $0.1 != places.first?.1 }].compactMap { $0 }
            return pair.map { "\($0.0): \(quoted(classNames[$0.1]))" }.joined(separator: ", ")
          }))
    }
    findings += repeats(.trainingCopies, "training", groups.map(\.train), names.train(_:))
    findings += repeats(.testCopies, "test", groups.map(\.test), names.test(_:))
    return findings
  }

  /// The finding about images that repeat another one of the same part.
  private func repeats(
    _ kind: DatasetCheck.Finding.Kind, _ part: String, _ groups: [[Int]], _ name: (Int) -> String
  ) -> [DatasetCheck.Finding] {
    let groups = groups.filter { $0.count > 1 }
    let count = groups.reduce(0) { $0 + $1.count - 1 }
    if count == 0 { return [] }
    return [
      DatasetCheck.Finding(
        kind, .note, count: count,
        count == 1 ? "1 \(part) image is a copy of another" : "\(grouped(count)) \(part) images are copies of others",
        examples: groups.map { $0.prefix(3).map(name).joined(separator: " = ") })
    ]
  }

  private func labels(of group: Group, in pair: DatasetPair) -> Set<Int> {
    Set(group.train.map { pair.train.labels[$0] } + group.test.map { pair.test.labels[$0] })
  }
}
