/// The figure drawn in a picture, with reasons to doubt it.
///
/// Ink is every deviation from the local light of the paper, see `PaperLight`, towards the end of the scale with more
/// deviation: dark or bright. A piece that touches the border is left out if other ink does not, and so is a strip
/// along an edge.
struct InkFigure: Sendable {
  /// The difference of each pixel from the paper, towards the ink.
  let ink: GreyMap
  /// The pieces of the figure; empty if nothing is drawn.
  let patches: [InkPatch]
  let doubts: [ImageDoubt]

  /// - Parameter picture: Values from 0, black, to 255, white.
  init(in picture: GreyMap) {
    // Is the ink dark or bright? The half favours neither; the light is then estimated anew for paper that is bright or dark.
    let even = PaperLight(of: picture, quantile: 0.5)
    let dark = Search(even.differences, grain: even.grain)
    let turned = GreyMap(height: picture.height, width: picture.width, values: even.differences.values.map { -$0 })
    let bright = Search(turned, grain: even.grain)
    let isBright = bright.mass > dark.mass
    let sheet = picture.without(
      InkPatch.all(in: isBright ? even.differences : turned, from: max(4 * even.grain, 10)), even)
    let paper = PaperLight(of: isBright ? sheet.inverted : sheet, quantile: 0.8)
    let search = Search(paper.differences, grain: paper.grain)
    (ink, patches) = (paper.differences, search.patches)
    doubts = search.doubts(paper)
  }
}

extension GreyMap {
  /// The picture with paper in place of those patches that line an edge: the surface beside the sheet may differ from
  /// the paper in the opposite direction to the ink.
  fileprivate func without(_ patches: [InkPatch], _ paper: PaperLight) -> GreyMap {
    var isOutside = Array(repeating: false, count: values.count)
    mark(patches.filter { $0.linesEdge(of: self) }, reach: 2, in: &isOutside)
    var sheet = self
    for (index, isOutside) in isOutside.enumerated() where isOutside {
      sheet.values[index] = min(255, max(0, values[index] + paper.differences.values[index]))
    }
    return sheet
  }
}

/// The search for the figure among all deviations from the paper.
private struct Search {
  /// The ink, its grain smoothed.
  private let map: GreyMap
  /// The pixels that were left out, with a margin around them.
  private var isDropped: [Bool]
  private let reach: Int
  private(set) var patches: [InkPatch] = []
  private var peak = 0.0

  var mass: Double { patches.reduce(0) { $0 + $1.mass } }

  /// The least contrast of ink, of 255, however even the paper is.
  private static let leastContrast = 24.0

  init(_ differences: GreyMap, grain: Double) {
    // In a small picture a line is one pixel wide: smoothing would take its ink.
    map = differences.longestSide < 64 ? differences : differences.smoothed
    isDropped = Array(repeating: false, count: map.values.count)
    reach = map.longestSide < 64 ? 1 : max(2, map.longestSide / 64)
    // Each round leaves something out; pencil shows only when the black table beside the sheet has gone.
    for _ in 0..<6 {
      var open = map
      for (index, isDropped) in isDropped.enumerated() where isDropped { open.values[index] = 0 }
      let peak = open.quantile(0.999)
      guard peak >= max(Search.leastContrast, 5 * grain) else { return }
      let found = InkPatch.all(in: open, from: max(0.35 * peak, 4 * grain, 10))
      guard let heaviest = found.map(\.mass).max() else { return }
      let outside = found.filter { isOutside($0, among: found, heaviest: heaviest) }
      guard outside.isEmpty else {
        map.mark(outside, reach: reach, in: &isDropped)
        continue
      }
      self.peak = peak
      patches = found.filter { $0.mass >= 0.04 * heaviest }
      return
    }
  }

  private func isOutside(_ patch: InkPatch, among found: [InkPatch], heaviest: Double) -> Bool {
    guard patch.touchesBorder(of: map) else { return false }
    return patch.linesEdge(of: map) || found.contains { !$0.touchesBorder(of: map) && $0.mass >= 0.02 * heaviest }
  }

  // MARK: Doubts

  func doubts(_ paper: PaperLight) -> [ImageDoubt] {
    guard !patches.isEmpty else { return [.nothingDrawn] }
    if patches.count > 8 || paper.grain > 0.12 * peak || clutter > 0.015 { return [.noPaper] }
    var doubts: [ImageDoubt] = []
    if isSeveral { doubts.append(.severalFigures) }
    if isBlot { doubts.append(.blot) }
    if patches.contains(where: { $0.touchesBorder(of: map) }) { doubts.append(.cutOff) }
    return doubts
  }

  /// The share of pixels that are not paper, among those that are neither figure nor left out.
  private var clutter: Double {
    var isNear = isDropped
    map.mark(patches, reach: reach, in: &isNear)
    let level = max(0.2 * peak, 8)
    var (rest, unlike) = (0, 0)
    for (index, isNear) in isNear.enumerated() where !isNear {
      rest += 1
      if abs(map.values[index]) > level { unlike += 1 }
    }
    return rest == 0 ? 0 : Double(unlike) / Double(rest)
  }

  /// Whether the pieces fall into two or more large groups: side by side, or in any direction with space between them.
  /// One piece much wider than a digit counts as two that touch.
  private var isSeveral: Bool {
    let rows = (patches.map(\.rows.lowerBound).min() ?? 0)...(patches.map(\.rows.upperBound).max() ?? 0)
    let columns = (patches.map(\.columns.lowerBound).min() ?? 0)...(patches.map(\.columns.upperBound).max() ?? 0)
    if Double(columns.count) > 1.6 * Double(rows.count) { return true }
    let large = patches.map(\.longestSide).max() ?? 0
    let beside = groups { one, other in
      one.columns.lowerBound <= other.columns.upperBound && other.columns.lowerBound <= one.columns.upperBound
    }
    if beside.filter({ 2 * $0.rows.count > rows.count }).count > 1 { return true }
    let apart = groups { one, other in one.gap(to: other) * 10 <= large }
    return apart.filter { 3 * max($0.rows.count, $0.columns.count) > large }.count > 1
  }

  /// The boxes of groups of pieces that belong together, directly or by others.
  private func groups(_ belong: (InkPatch, InkPatch) -> Bool) -> [(rows: ClosedRange<Int>, columns: ClosedRange<Int>)] {
    var group = Array(patches.indices)
    for (place, patch) in patches.enumerated() {
      for (other, earlier) in patches.prefix(place).enumerated() where belong(patch, earlier) {
        let (old, new) = (group[place], group[other])
        for index in group.indices where group[index] == old { group[index] = new }
      }
    }
    return patches.indices.filter { group[$0] == $0 }.map { first in
      let members = patches.indices.filter { group[$0] == first }.map { patches[$0] }
      return members.reduce((patches[first].rows, patches[first].columns)) { box, patch in
        (
          min(box.0.lowerBound, patch.rows.lowerBound)...max(box.0.upperBound, patch.rows.upperBound),
          min(box.1.lowerBound, patch.columns.lowerBound)...max(box.1.upperBound, patch.columns.upperBound)
        )
      }
    }
  }

  /// Whether a square of two fifths of the figure fits into its ink: the widest pens draw a quarter.
  private var isBlot: Bool {
    let large = patches.map(\.longestSide).max() ?? 0
    let radius = large / 5
    guard radius > 0 else { return false }
    var solid = GreyMap(height: map.height, width: map.width, values: [Double](repeating: 0, count: map.values.count))
    for pixel in patches.lazy.flatMap(\.pixels) { solid.values[pixel] = 1 }
    let whole = Double((2 * radius + 1) * (2 * radius + 1))
    return solid.sums(radius: radius).contains { $0 >= whole }
  }
}
