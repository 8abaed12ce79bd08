/// The choices in a rule for pictures that do not depend on the size: what happens to other proportions, and the filter.
package struct PictureStyle: Sendable, Hashable, CustomStringConvertible {
  package let mode: PictureFit.Mode
  package let filter: ResamplingFilter

  package init(_ mode: PictureFit.Mode = .crop, _ filter: ResamplingFilter = .bilinear) {
    self.mode = mode
    self.filter = filter
  }

  /// Reads `crop` or `crop-bicubic`, as a checkpoint's record has it; nil if the text is neither.
  package init?(parsing text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
    guard let mode = PictureFit.Mode(rawValue: parts[0]), parts.count <= 2,
      let filter = parts.count == 1 ? .bilinear : ResamplingFilter(rawValue: parts[1])
    else { return nil }
    self.init(mode, filter)
  }

  /// `crop`, or `crop-bicubic` with another filter than the usual one.
  package var description: String { mode.rawValue + (filter == .bilinear ? "" : "-\(filter.rawValue)") }
}
