import GraftFiles

extension FuzzTarget {
  /// Forms: a file; a deflate stream in a right member; content to pack.
  static func gzip(_ bytes: [UInt8]) -> Bool {
    let input = FuzzInput(bytes, forms: 3)
    let limit = 1 << 16
    let packed =
      switch input.form {
      case 0: input.content
      case 1: Container.gzip(input.content, limit: limit)
      default: Gzip.compress(input.content, level: input.content.count % 10)
      }
    var pieces: [UInt8] = []
    let output = accepted(packed.count) {
      try Gzip.decompress(packed, limit: limit) { piece throws(FormatError) in pieces += piece }
    }
    guard let output else {
      require(input.form != 2, "what was packed unpacks")
      return false
    }
    require(pieces == output, "the check sees all pieces")
    require(input.form != 2 || output == input.content, "packing changes nothing")
    let half = output.count / 2
    let prefix = accepted(packed.count) { try Gzip.decompressPrefix(packed, count: half) }
    require(prefix?.bytes == Array(output.prefix(half)), "a beginning is one of the whole")
    require(prefix?.isComplete == output.isEmpty, "a beginning is not the whole")
    let again = accepted(packed.count) { try Gzip.decompress(Gzip.compress(output, level: 1)) }
    require(again == output, "packing again changes nothing")
    if input.form == 1 { Plant.check(output) }
    return true
  }

  /// Forms: a deflate stream; a zlib stream; a deflate stream in a right zlib stream. The first byte of the content is the
  /// size of pieces.
  static func deflate(_ bytes: [UInt8]) -> Bool {
    let input = FuzzInput(bytes, forms: 3)
    let limit = 1 << 14
    let size = 1 + Int(input.content.first ?? 0)
    let content = Array(input.content.dropFirst())
    let stream = input.form == 2 ? Container.zlib(content, limit: limit) : content
    /// Unpacks in pieces; nil if the stream is damaged.
    func unpacked(_ piece: Int) -> (output: [UInt8], isFinished: Bool, used: Int)? {
      accepted(stream.count) {
        var inflater = try Inflater(stream[...], wrapping: input.form == 0 ? .none : .zlib)
        var output: [UInt8] = []
        while !inflater.isFinished, output.count < limit {
          try inflater.read(upTo: min(piece, limit - output.count), appendingTo: &output)
        }
        return (output, inflater.isFinished, inflater.offset)
      }
    }
    let (whole, pieces) = (unpacked(limit), unpacked(size))
    // At the limit the stream's end may or may not have been seen.
    if let full = whole ?? pieces, full.output.count == limit { return false }
    require(whole?.output == pieces?.output && whole?.used == pieces?.used, "pieces of \(size) make the whole")
    guard let whole, whole.isFinished else { return false }
    require(whole.used <= stream.count, "no more is used than there is")
    if input.form == 2 { Plant.check(whole.output) }
    return true
  }

  /// Forms: a file; content to pack; content to pack and cut off.
  static func bzip2(_ bytes: [UInt8]) -> Bool {
    let input = FuzzInput(bytes, forms: 3)
    let limit = 1 << 16
    let packed = input.form == 0 ? input.content : Container.bzip2(input.content)
    guard let output = accepted(packed.count, { try Bzip2.decompress(packed, limit: limit) }) else {
      require(input.form == 0 || input.content.count > limit, "what was packed unpacks")
      return false
    }
    require(output.count <= limit, "the limit holds")
    if input.form > 0 { require(output == input.content, "packing changes nothing") }
    if input.form == 2 {
      let cut = Array(packed.dropLast(1 + Int(input.content.first ?? 0) % packed.count))
      require(accepted(cut.count) { try Bzip2.decompress(cut) } == nil, "a file that breaks off is refused")
    }
    if input.form == 1 { Plant.check(output) }
    return true
  }

  /// Forms: an archive; the parts of a right one. A part is a byte with its lowest bit set if it is packed, the length of the
  /// name, the name, the length of the data and the data.
  static func zip(_ bytes: [UInt8]) -> Bool {
    let input = FuzzInput(bytes, forms: 2)
    var entries: [Container.Entry] = []
    if input.form == 1 {
      var rest = input.content[...]
      while let kind = rest.popFirst(), entries.count < 16 {
        let name = rest.prefix(Int(rest.popFirst() ?? 0) % 16)
        rest = rest.dropFirst(name.count)
        let data = Array(rest.prefix(Int(rest.popFirst() ?? 0)))
        rest = rest.dropFirst(data.count)
        let text = String(decoding: name, as: UTF8.self)
        let (unpacked, used) = kind & 1 == 1 ? Container.inflated(data, limit: 1 << 12) : (data, data.count)
        entries.append(
          Container.Entry(name: text, bytes: unpacked, packed: kind & 1 == 1 ? Array(data.prefix(used)) : nil))
      }
    }
    let file = input.form == 1 ? Container.zip(entries) : input.content
    guard let archive = accepted(file.count, { try ZIPArchive(decoding: file) }) else {
      let names = Set(entries.map(\.name))
      require(input.form == 0 || names.count < entries.count, "an archive of different names is read")
      return false
    }
    require(input.form == 0 || archive.entries.map(\.name) == entries.map(\.name), "the names are those of the entries")
    // Entries may share their bytes, so that a short file unpacks to much.
    var budget = 1 << 18
    var isWhole = true
    for (index, entry) in archive.entries.enumerated() {
      budget -= min(entry.size, 1 << 18)
      guard budget >= 0 else { break }
      let content = accepted(file.count) { try archive.unpack(entry) }
      isWhole = isWhole && content != nil
      guard let content else { continue }
      require(content.count == entry.size, "an entry has its size")
      let prefix = accepted(file.count) { try archive.unpackPrefix(of: entry, count: content.count / 2) }
      require(prefix == Array(content.prefix(content.count / 2)), "a beginning is one of the whole")
      if input.form == 1 {
        require(content == entries[index].bytes, "an entry has its bytes")
        if index == 1 { Plant.check(Array(content)) }
      }
    }
    return isWhole
  }

  /// Forms: an archive; one whose headers get their checksums.
  static func tar(_ bytes: [UInt8]) -> Bool {
    let input = FuzzInput(bytes, forms: 2)
    let file = input.form == 1 ? Container.tar(input.content) : input.content
    guard let archive = accepted(file.count, { try TarArchive(decoding: file) }) else { return false }
    var end = 0
    for entry in archive.entries {
      let content = archive[entry]
      require(content.startIndex >= end + 512 && content.startIndex % 512 == 0, "a file follows its header")
      require(content.endIndex <= file.count, "a file lies in the archive")
      end = content.endIndex
      // The size in the header by another way: the text up to a NUL, in base 8.
      let header = file[content.startIndex - 512..<content.startIndex]
      let digits = header.dropFirst(124).prefix(12).prefix { $0 != 0 }.filter { $0 != 0x20 }
      require((Int(String(decoding: digits, as: UTF8.self), radix: 8) ?? 0) == content.count, "a file has its size")
      require(!entry.lastName.contains("/"), "the last name is in no folder")
      if input.form == 1 { Plant.check(Array(content)) }
    }
    return true
  }
}
