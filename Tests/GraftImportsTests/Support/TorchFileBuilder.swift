import GraftFiles

@testable import GraftImports

/// Files of `torch.save` around a pickle, right or wrong.
enum TorchFileBuilder {
  /// The bytes of numbers in single precision.
  static func floats(_ values: [Float]) -> [UInt8] {
    values.flatMap { PickleAssembler.little(Int($0.bitPattern), 4) }
  }

  /// The storage that `PickleAssembler.tensor` views: 0 to 5.
  static let six = floats([0, 1, 2, 3, 4, 5])

  /// The form since PyTorch 1.6.
  /// - Parameters:
  ///   - pickle: The pickle; nil leaves it out.
  ///   - storages: The bytes of the storages by key.
  ///   - more: Further entries by name.
  ///   - hasZIP64: Whether the two records of ZIP64 stand before the end, as PyTorch writes them.
  static func archive(
    _ pickle: [UInt8]?, storages: KeyValuePairs<String, [UInt8]> = ["0": six], byteOrder: String? = "little",
    more: KeyValuePairs<String, [UInt8]> = [:], hasZIP64: Bool = true
  ) -> [UInt8] {
    var entries: [(name: String, bytes: [UInt8])] = []
    if let pickle { entries.append(("model/data.pkl", pickle)) }
    if let byteOrder { entries.append(("model/byteorder", Array(byteOrder.utf8))) }
    entries += storages.map { ("model/data/\($0.key)", $0.value) }
    entries += more.map { ($0.key, $0.value) }
    return zip(entries, hasZIP64: hasZIP64)
  }

  private static func zip(_ entries: [(name: String, bytes: [UInt8])], hasZIP64: Bool) -> [UInt8] {
    func little(_ value: Int, _ width: Int) -> [UInt8] { PickleAssembler.little(value, width) }
    var output: [UInt8] = []
    var directory: [UInt8] = []
    for (name, bytes) in entries {
      let offset = output.count
      let checksum = little(Int(CRC32.checksum(bytes)), 4)
      let sizes = little(bytes.count, 4) + little(bytes.count, 4)
      let head = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0] + checksum + sizes + little(name.utf8.count, 2) + [0, 0]
      output += [0x50, 0x4b, 3, 4] + head + Array(name.utf8) + bytes
      directory += [0x50, 0x4b, 1, 2, 0, 0] + head + [UInt8](repeating: 0, count: 10) + little(offset, 4)
      directory += Array(name.utf8)
    }
    let start = output.count
    output += directory
    if hasZIP64 {
      let end = output.count
      let count = little(entries.count, 8)
      output += [0x50, 0x4b, 6, 6] + little(44, 8) + [0x1e, 3, 0x2d, 0] + little(0, 8) + count + count
      output += little(directory.count, 8) + little(start, 8)
      output += [0x50, 0x4b, 6, 7] + little(0, 4) + little(end, 8) + little(1, 4)
    }
    let count = little(entries.count, 2)
    return output + [0x50, 0x4b, 5, 6, 0, 0, 0, 0] + count + count + little(directory.count, 4) + little(start, 4)
      + [0, 0]
  }

  /// The form before PyTorch 1.6.
  /// - Parameter storages: Keys, the number of elements that the file claims, and the bytes.
  static func stream(
    _ pickle: [UInt8], storages: [(key: String, count: Int, bytes: [UInt8])] = [("0", 6, six)],
    magic: [UInt8] = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19], version: Int = 1001,
    isLittleEndian: Bool = true
  ) -> [UInt8] {
    typealias A = PickleAssembler
    let machine = A.dictionary([
      "protocol_version": A.number(1001), "little_endian": A.op(isLittleEndian ? .newTrue : .newFalse),
    ])
    let keys = A.op(.emptyList) + A.op(.mark) + storages.flatMap { A.text($0.key) } + A.op(.appends)
    return A.pickle(A.op(.long1, [UInt8(magic.count)] + magic)) + A.pickle(A.number(version)) + A.pickle(machine)
      + pickle + A.pickle(keys) + storages.flatMap { A.little($0.count, 8) + $0.bytes }
  }
}

/// The text of the error that `body` throws; nil if it throws none.
func refusal(_ body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch {
    return "\(error)"
  }
}
