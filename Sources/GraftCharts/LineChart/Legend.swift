/// A table of keys: the look of each line, its name, its last value.
struct Legend: Sendable {
  let keys: [LegendKey]
  /// The number of keys that had no room.
  let hidden: Int
  /// The size in pixels.
  let size: (width: Double, height: Double)

  private static let pitch = 19.0
  private static let sample = 22.0
  private static let gap = 8.0

  /// A legend of as many of `keys` as fit into `room` x `height` pixels.
  init(_ keys: [LegendKey], room: Double, height: Double) {
    let capacity = max(1, Int(height / Self.pitch))
    let shown = keys.count > capacity ? max(capacity - 1, 0) : keys.count
    let values = keys.prefix(shown).map(\.valueWidth).max() ?? 0
    let fixed = Self.sample + Self.gap + (values > 0 ? values + 2 * Self.gap : 0)
    self.keys = keys.prefix(shown).map { $0.fitted(max(40, min(200, room - fixed))) }
    hidden = keys.count - shown
    let names = max(self.keys.map(\.nameWidth).max() ?? 0, hidden > 0 ? 70 : 0)
    size = (fixed + names, Double(shown + (hidden > 0 ? 1 : 0)) * Self.pitch)
  }

  /// The table with its top left corner at the corner of `box`.
  func elements(in box: ChartBox) -> [SVGElement] {
    // The veil keeps grid lines from striking through the names.
    let veil = SVGElement.box(box.grown(by: 4), fill: Palette.background).with("fill-opacity", 0.85)
    var elements = [veil]
    let names = box.x + Self.sample + Self.gap
    for (row, key) in keys.enumerated() {
      let middle = box.y + (Double(row) + 0.5) * Self.pitch
      elements.append(
        key.isDot
          ? .dot(at: ChartPoint(x: box.x + Self.sample / 2, y: middle), radius: 4, fill: key.stroke.color, rim: 1)
          : .line(
            from: ChartPoint(x: box.x, y: middle), to: ChartPoint(x: box.x + Self.sample, y: middle), stroke: key.stroke
          ))
      elements.append(.text(key.name, at: ChartPoint(x: names, y: middle + 4), key.nameStyle))
      var style = key.valueStyle
      style.anchor = .end
      elements.append(.text(key.value, at: ChartPoint(x: box.right, y: middle + 4), style))
    }
    if hidden > 0 {
      let baseline = box.y + (Double(keys.count) + 0.5) * Self.pitch + 4
      let style = TextStyle(size: LegendKey.fontSize, color: Palette.muted)
      elements.append(.text("and \(hidden) more", at: ChartPoint(x: names, y: baseline), style))
    }
    return elements
  }
}
