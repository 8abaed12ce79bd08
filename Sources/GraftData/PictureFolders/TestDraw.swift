import GraftFiles

/// The draw of the pictures that are set aside for testing, if a folder has no test part.
///
/// The side of a picture depends on the seed, its class and its name alone, so that it stays if pictures are added: a name
/// whose hash lies below the fraction is a test picture. The shares of the classes are therefore near the fraction, and not
/// equal. A class in which one side would be empty gives the picture with its smallest or largest hash to that side.
enum TestDraw {
  /// Whether each picture of a list is for testing.
  static func isTest(_ items: [PictureLayout.Item], _ classNames: [String], fraction: Double, seed: UInt64) -> [Bool] {
    let shares = items.map { item in
      share(of: "\(seed)\n\(classNames[item.label])\n\(item.pathInClass)")
    }
    var isTest = shares.map { $0 < fraction }
    for (_, members) in Dictionary(grouping: items.indices, by: { items[$0].label }) where members.count > 1 {
      let ranked = members.sorted { (shares[$0], $0) < (shares[$1], $1) }
      if let first = ranked.first, !members.contains(where: { isTest[$0] }) { isTest[first] = true }
      if let last = ranked.last, members.allSatisfy({ isTest[$0] }) { isTest[last] = false }
    }
    return isTest
  }

  /// A number from 0 to less than 1 that a text stands for.
  private static func share(of text: String) -> Double {
    let digest = SHA256Digest.hex(of: Array(text.utf8))
    return Double(UInt64(digest.prefix(13), radix: 16) ?? 0) / Double(1 << 52 as UInt64)
  }
}
