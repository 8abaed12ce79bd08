/// The colours of pixels by how much they matter: from black over red and yellow to white.
enum PixelGlow {
  /// The glow of each value, 0 to 255; values below zero are dark.
  static func glow(_ values: [Float], largest: Float) -> [UInt8] {
    guard largest > 0 else { return [UInt8](repeating: 0, count: values.count) }
    return values.map { UInt8((255 * min(max($0 / largest, 0), 1)).rounded()) }
  }

  /// Three planes: red rises in the first third, green in the second, blue in the last.
  static func colors(_ glow: [UInt8]) -> [UInt8] {
    (0..<3).flatMap { channel in glow.map { UInt8(min(max(3 * Int($0) - 255 * channel, 0), 255)) } }
  }
}
