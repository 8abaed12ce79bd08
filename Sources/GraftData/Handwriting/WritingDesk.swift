import GraftMatrices

/// A writer of digits, one after the other, with room for one at a time.
struct WritingDesk: Sendable {
  private let hand: Handwriting
  private var controls: [PenPoint] = []
  private var path = PenPath()
  private var field = ElasticField()
  private var raster = StrokeRaster(size: ImageShape.mnist.width)
  /// The strength of the darkest ink, from 0 to 1.
  private var darkness: Float = 1

  init(hand: Handwriting) { self.hand = hand }

  /// Writes `digit` in place of the previous one. Everything about it is drawn from `stream`, in a fixed order.
  mutating func write(_ digit: Int, from stream: inout RandomStream) {
    let haste = happens(from: &stream) ? hand.haste : 1
    trace(digit, jitter: hand.jitter * haste, from: &stream)
    field.redraw(hand.elastic * haste, from: &stream)
    field.displace(&path.points)
    if happens(from: &stream) { path.lift(from: &stream) }
    if happens(from: &stream) { path.hook(from: &stream) }
    if happens(from: &stream) { path.stray(from: &stream) }
    Posture(hand, from: &stream).apply(to: &path.points)
    let width = hand.halfWidth.mean + hand.halfWidth.deviation * stream.normal()
    let halfWidth = min(max(width, hand.halfWidth.low), hand.halfWidth.high)
    path.place(halfWidth: halfWidth + hand.softness, inImageOf: raster.size, from: &stream)
    raster.clear()
    raster.draw(path.points, halfWidth: halfWidth, softness: hand.softness)
    darkness = happens(from: &stream) ? stream.uniform(hand.faintest, 1) : 1
  }

  /// Appends the image as bytes: 0 for the background, 255 for the darkest ink.
  func appendPixels(to pixels: inout [UInt8]) {
    for ink in raster.ink { pixels.append(UInt8(ink * darkness * 255)) }
  }

  private func happens(from stream: inout RandomStream) -> Bool { stream.uniform() < hand.accidents }

  /// Makes the pen's path for one style of a digit: somewhere between its two forms, each control point a little off.
  private mutating func trace(_ digit: Int, jitter: Float, from stream: inout RandomStream) {
    let styles = SyntheticDigits.styles[digit]
    let style = styles[SyntheticDigits.choice(among: styles.map(\.share), from: &stream)]
    let form = stream.uniform(hand.form.low, hand.form.high)
    path.removeAll()
    for stroke in style.strokes {
      controls.removeAll(keepingCapacity: true)
      for index in 0..<stroke.count {
        let (x, y) = (stroke.from[2 * index], stroke.from[2 * index + 1])
        let (otherX, otherY) = (stroke.to[2 * index], stroke.to[2 * index + 1])
        // One after the other: the order of the draws is part of the meaning of a seed.
        let dx = jitter * stream.normal()
        let dy = jitter * stream.normal()
        let pressure = 1 + hand.pressure * stream.normal()
        controls.append(
          PenPoint(
            x: x + form * (otherX - x) + dx, y: y + form * (otherY - y) + dy,
            pressure: min(max(pressure, 0.5), 1.5), writes: true))
      }
      path.addStroke(through: controls, corners: stroke.corners)
    }
  }
}
