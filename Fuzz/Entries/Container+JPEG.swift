extension Container {
  /// A JPEG file (ITU-T T.81) of whatever size, components and restarts the content begins with; the rest are the greys of
  /// its blocks, each of which has one.
  static func jpegOfFields(_ content: [UInt8]) -> [UInt8] {
    var fields = content[...]
    func next() -> Int { Int(fields.popFirst() ?? 0) }
    let (width, height) = (1 + next() % 40, 1 + next() % 40)
    let (isColored, across, down) = (next() & 1 == 1, 1 + next() % 2, 1 + next() % 2)
    let interval = next() % 4
    func segment(_ marker: UInt8, _ body: [UInt8]) -> [UInt8] {
      let head: [UInt8] = [0xff, marker]
      return head + big(body.count + 2, 2) + body
    }
    var components: [(number: UInt8, blocks: Int)] = [(number: 1, blocks: isColored ? across * down : 1)]
    if isColored { components += [(number: 2, blocks: 1), (number: 3, blocks: 1)] }
    let sampling = UInt8(across << 4 | down)
    var file: [UInt8] = [0xff, 0xd8]
    // Differences of eight make a step of one in each pixel of a block.
    file += segment(0xdb, [0, 8] + [UInt8](repeating: 1, count: 63))
    var frame: [UInt8] = [8] + big(height, 2) + big(width, 2)
    frame.append(UInt8(components.count))
    for component in components {
      frame += [component.number, component.number == 1 && isColored ? sampling : 0x11, 0]
    }
    file += segment(0xc0, frame)
    // Nine sizes of differences have codes of four bits, the end of a block has one of one bit.
    file += segment(0xc4, [0x00, 0, 0, 0, 9] + [UInt8](repeating: 0, count: 12) + Array(0...8))
    file += segment(0xc4, [0x10, 1] + [UInt8](repeating: 0, count: 15) + [0])
    if interval > 0 { file += segment(0xdd, big(interval, 2)) }
    var scan = [UInt8(components.count)]
    for component in components { scan += [component.number, 0] }
    file += segment(0xda, scan + [0, 63, 0])
    let (right, below) = isColored ? (8 * across, 8 * down) : (8, 8)
    let units = ((width + right - 1) / right) * ((height + below - 1) / below)
    var bits = Bits()
    var levels = [Int](repeating: 0, count: components.count)
    for unit in 0..<units {
      if interval > 0, unit > 0, unit % interval == 0 {
        file += bits.ended()
        file += [0xff, 0xd0 + UInt8((unit / interval - 1) % 8)]
        (bits, levels) = (Bits(), levels.map { _ in 0 })
      }
      for (index, component) in components.enumerated() {
        for _ in 0..<component.blocks {
          let level = next() - 128
          let difference = level - levels[index]
          levels[index] = level
          let size = Int.bitWidth - abs(difference).leadingZeroBitCount
          bits.append(size, count: 4)
          bits.append(difference < 0 ? difference + (1 << size) - 1 : difference, count: size)
          bits.append(0, count: 1)
        }
      }
    }
    return file + bits.ended() + [0xff, 0xd9]
  }

  /// The bits of a scan, the highest of a byte first, with a zero behind each byte of ones.
  private struct Bits {
    private var bytes: [UInt8] = []
    private var current = 0
    private var count = 0

    mutating func append(_ value: Int, count: Int) {
      for place in (0..<count).reversed() {
        current = current << 1 | value >> place & 1
        self.count += 1
        guard self.count == 8 else { continue }
        bytes += current == 0xff ? [0xff, 0] : [UInt8(current)]
        (current, self.count) = (0, 0)
      }
    }

    /// All bytes, the last one filled up with ones.
    func ended() -> [UInt8] {
      var copy = self
      while copy.count > 0 { copy.append(1, count: 1) }
      return copy.bytes
    }
  }
}
