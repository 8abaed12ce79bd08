import GraftData
import GraftFiles
import GraftReporting

/// Lines on standard error about images whose answer may be wrong.
struct DoubtLines {
  private let images: [ImageInput]
  /// A hint for a kind of doubt, if a flag would help.
  private let hint: (ImageDoubt) -> String?

  init(_ images: [ImageInput], hint: @escaping (ImageDoubt) -> String?) {
    self.images = images
    self.hint = hint
  }

  /// The lines: one for each image and doubt, or a single one for a kind that many images share.
  var lines: [String] {
    let kinds = images.flatMap(\.doubts).map(\.name)
    return kinds.indices.filter { kinds.firstIndex(of: kinds[$0]) == $0 }.flatMap { first -> [String] in
      let found = images.compactMap { image in
        image.doubts.first { $0.name == kinds[first] }.map { (image.name, $0) }
      }
      let shown = found.count > DoubtLines.most ? Array(found.prefix(1)) : found
      return shown.map { name, doubt in
        let others =
          found.count > shown.count ? " (and \(grouped(found.count - 1)) more of \(grouped(images.count)))" : ""
        return "warning: \(name)\(others): \(doubt)" + (hint(doubt).map { "; \($0)" } ?? "")
      }
    }
  }

  /// The most images of a kind that are listed; more are counted.
  private static let most = 20

  func write() {
    for line in lines { StandardError.write(singleLine(line) + "\n") }
  }
}
