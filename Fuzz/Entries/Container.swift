import CGraftBzip2
import GraftFiles

/// Right files around content that may be wrong: with sizes and checksums that fit, which a change of bytes would spoil.
enum Container {
  static func little(_ value: Int, _ width: Int) -> [UInt8] {
    (0..<width).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  static func big(_ value: Int, _ width: Int) -> [UInt8] { little(value, width).reversed() }

  // MARK: Packed bytes

  /// The bytes that a deflate stream unpacks to, as far as it goes, and the number of its bytes.
  static func inflated(_ stream: [UInt8], limit: Int) -> (output: [UInt8], used: Int) {
    var output: [UInt8] = []
    guard var inflater = try? Inflater(stream[...], wrapping: .none) else { return ([], 0) }
    while !inflater.isFinished, output.count < limit {
      guard (try? inflater.read(upTo: min(4096, limit - output.count), appendingTo: &output)) != nil else { break }
    }
    return (output, inflater.offset)
  }

  /// A gzip member of a deflate stream.
  static func gzip(_ stream: [UInt8], limit: Int) -> [UInt8] {
    let (output, used) = inflated(stream, limit: limit)
    return [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255] + stream.prefix(used) + little(Int(CRC32.checksum(output)), 4)
      + little(output.count, 4)
  }

  /// A zlib stream (RFC 1950) of a deflate stream.
  static func zlib(_ stream: [UInt8], limit: Int) -> [UInt8] {
    let (output, used) = inflated(stream, limit: limit)
    return [0x78, 0x9c] + stream.prefix(used) + big(adler(output), 4)
  }

  /// A zlib stream of stored blocks.
  static func stored(_ bytes: [UInt8]) -> [UInt8] {
    var stream: [UInt8] = [0x78, 0x01]
    var rest = bytes[...]
    repeat {
      let block = rest.prefix(65535)
      rest = rest.dropFirst(block.count)
      stream += [rest.isEmpty ? 1 : 0] + little(block.count, 2) + little(~block.count, 2) + block
    } while !rest.isEmpty
    return stream + big(adler(bytes), 4)
  }

  private static func adler(_ bytes: [UInt8]) -> Int {
    var (one, two) = (1, 0)
    for byte in bytes {
      one = (one + Int(byte)) % 65521
      two = (two + one) % 65521
    }
    return two << 16 | one
  }

  /// A bzip2 file.
  static func bzip2(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    var size = UInt32(bytes.count + bytes.count / 100 + 700)
    let count = UInt32(bytes.count)
    return [UInt8](unsafeUninitializedCapacity: Int(size)) { output, filled in
      bytes.withUnsafeMutableBytes { input in
        output.withMemoryRebound(to: CChar.self) { output in
          var nothing = CChar(0)
          withUnsafeMutablePointer(to: &nothing) { nothing in
            let source = input.bindMemory(to: CChar.self).baseAddress ?? nothing
            let code = BZ2_bzBuffToBuffCompress(output.baseAddress, &size, source, count, 1, 0, 0)
            require(code == BZ_OK, "libbz2 packs")
          }
        }
      }
      filled = Int(size)
    }
  }

  // MARK: Archives

  /// An entry of an archive; packed if `packed` is a deflate stream of its bytes.
  struct Entry {
    let name: String
    let bytes: [UInt8]
    var packed: [UInt8]?
  }

  /// A zip archive.
  static func zip(_ entries: [Entry]) -> [UInt8] {
    var output: [UInt8] = []
    var directory: [UInt8] = []
    for entry in entries {
      let data = entry.packed ?? entry.bytes
      let name = Array(entry.name.utf8)
      let offset = little(output.count, 4)
      let head =
        [20, 0, 0, 0, entry.packed == nil ? 0 : 8, 0, 0, 0, 0, 0] + little(Int(CRC32.checksum(entry.bytes)), 4)
        + little(data.count, 4) + little(entry.bytes.count, 4) + little(name.count, 2) + [0, 0]
      output += [0x50, 0x4b, 3, 4] + head + name + data
      directory += [0x50, 0x4b, 1, 2, 20, 0] + head + [UInt8](repeating: 0, count: 10) + offset + name
    }
    let count = little(entries.count, 2)
    return output + directory + [0x50, 0x4b, 5, 6, 0, 0, 0, 0] + count + count + little(directory.count, 4)
      + little(output.count, 4) + [0, 0]
  }

  /// A tar archive: headers that get their checksums, files up to whole blocks, and an end.
  static func tar(_ content: [UInt8]) -> [UInt8] {
    var bytes = content
    bytes += [UInt8](repeating: 0, count: (512 - bytes.count % 512) % 512)
    var position = 0
    while position < bytes.count {
      let sum = (0..<512).reduce(0) { $0 + ((148..<156).contains($1) ? 0x20 : Int(bytes[position + $1])) }
      // A block of zeros has the sum of eight blanks, and ends the archive.
      guard sum > 8 * 0x20 else { break }
      for digit in 0..<6 { bytes[position + 153 - digit] = 0x30 + UInt8(sum >> (3 * digit) & 7) }
      (bytes[position + 154], bytes[position + 155]) = (0, 0x20)
      let digits = bytes[position + 124..<position + 136].prefix { (0x30...0x37).contains($0) }
      let size = min(digits.reduce(0) { $0 << 3 | Int($1 - 0x30) }, bytes.count)
      position += 512 + (size + 511) / 512 * 512
    }
    return bytes + [UInt8](repeating: 0, count: 1024)
  }

  // MARK: Arrays and tensors

  /// An NPY file of numbers in single precision.
  static func npy(_ shape: [Int], _ values: [Float]) -> [UInt8] {
    let bytes = values.flatMap { little(Int($0.bitPattern), 4) }
    return npy("<f4", shape, bytes)
  }

  /// An NPY file.
  static func npy(_ descriptor: String, _ shape: [Int], _ elements: [UInt8]) -> [UInt8] {
    let sizes = shape.map { "\($0), " }.joined()
    let header = "{'descr': '\(descriptor)', 'fortran_order': False, 'shape': (\(sizes)), }\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0] + little(header.utf8.count, 2) + Array(header.utf8) + elements
  }

  /// An NPZ file of the NPY files that the content is.
  static func npz(_ content: [UInt8]) -> [UInt8] {
    let magic = [0x93] + Array("NUMPY".utf8)
    var starts = content.indices.filter { content[$0] == 0x93 && content[$0...].starts(with: magic) }
    starts.append(content.count)
    let arrays = Swift.zip(starts, starts.dropFirst()).map { Array(content[$0..<$1]) }
    let names = ["x_train", "y_train", "x_test", "y_test"]
    return zip(Swift.zip(names, arrays).map { Entry(name: $0 + ".npy", bytes: $1) })
  }

  /// A safetensors file whose header ends with the last brace.
  static func safetensors(_ content: [UInt8]) -> [UInt8] {
    let end = content.lastIndex(of: UInt8(ascii: "}")).map { $0 + 1 } ?? content.count
    return little(end, 8) + content
  }

  // MARK: PyTorch

  private static func pickled(_ text: String) -> [UInt8] {
    [0x58] + little(text.utf8.count, 4) + Array(text.utf8)
  }

  /// A file of `torch.save` around a pickle, with storages "0" of 24 bytes and "1" of 8.
  static func torchArchive(_ pickle: [UInt8]) -> [UInt8] {
    zip([
      Entry(name: "m/data.pkl", bytes: pickle), Entry(name: "m/byteorder", bytes: Array("little".utf8)),
      Entry(name: "m/data/0", bytes: storage(24)), Entry(name: "m/data/1", bytes: storage(8)),
    ])
  }

  /// The older form, with storage "0" of `width` bytes an element.
  static func torchStream(_ pickle: [UInt8], width: Int) -> [UInt8] {
    let magic: [UInt8] = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19]
    let machine = [0x7d] + pickled("little_endian") + [0x88, 0x73]
    let keys = [0x5d, 0x28] + pickled("0") + [0x65]
    return [0x80, 2, 0x8a, 10] + magic + [0x2e, 0x80, 2, 0x4d] + little(1001, 2) + [0x2e, 0x80, 2] + machine + [0x2e]
      + pickle + [0x80, 2] + keys + [0x2e] + little(24 / width, 8) + storage(24)
  }

  private static func storage(_ count: Int) -> [UInt8] { (0..<UInt8(count)).map { $0 &* 37 } }
}
