import Foundation
import GraftFiles
import Testing

@testable import GraftData

/// Files for which no SHA-256 is published, or only its beginning.
extension DownloadTests {
  /// The largest file with an MD5 alone, and with no size.
  private func unmeasured(_ fault: String, md5: String) -> Download {
    let known = KnownDataset(
      name: "mnist", title: "", classNames: [], files: [KnownFile(file.name, md5: md5)],
      mirrors: [server.mirror(fault, key: key)], usualPlaces: [], licence: "", citation: "")
    var download = Download(known, into: cache)
    download.policy = quick
    return download
  }

  private var md5: String { get throws { try MD5Digest.hex(of: try readFile(at: server.folder + "/" + file.name)) } }

  @Test func firstDownloadIsPinned() throws {
    _ = try unmeasured("cut-once", md5: try md5).run()
    #expect(try isGood())
    let sums = String(decoding: try readFile(at: cache + "/SHA256SUMS"), as: UTF8.self)
    #expect(sums == "\(file.sha256 ?? "")  \(file.name)\n")
    #expect(try unmeasured("good", md5: try md5).run().map(\.mirror) == [nil])
    // Other bytes later are damage, although nobody published a SHA-256.
    try Data([1]).write(to: URL(fileURLWithPath: path))
    let text = message { _ = try unmeasured("good", md5: try md5).run() }
    #expect(text.contains("the cached file is damaged: expected SHA-256 \(file.sha256 ?? ""), found "), "\(text)")
    var repair = unmeasured("good", md5: try md5)
    repair.replacesDamaged = true
    #expect(try repair.run().count == 1)
    #expect(try isGood())
  }

  @Test func fileThatWasThereIsPinnedIfItsMD5IsRight() throws {
    _ = home.folder("cache")
    try Data(readFile(at: server.folder + "/" + file.name)).write(to: URL(fileURLWithPath: path))
    #expect(try unmeasured("not-found", md5: try md5).run().map(\.mirror) == [nil])
    #expect(try PinnedDigests(in: cache)[file.name] == file.sha256)
    home.write(Array("nonsense\n".utf8), to: "cache/SHA256SUMS")
    #expect(message { _ = try PinnedDigests(in: cache) }.hasSuffix("line 1: expected a SHA-256, two spaces and a name"))
  }

  @Test func wrongMD5IsRefused() throws {
    let wrong = String(repeating: "0", count: 32)
    let reason = "expected MD5 \(wrong), found \(try md5)"
    #expect(message { _ = try unmeasured("good", md5: wrong).run() } == line("good", reason))
    #expect(kind { _ = try unmeasured("good", md5: wrong).run() } == .badData)
    #expect(!TemporaryFolder.names(in: cache).contains("SHA256SUMS"))
    #expect(kind { _ = try unmeasured("cut", md5: try md5).run() } == .unavailable)
    #expect(kind { _ = try unmeasured("html", md5: try md5).run() } != nil)
  }

  @Test func beginningOfADigestIsCompared() throws {
    func named(_ digits: String) -> Download {
      let published = KnownFile(file.name, sha256Prefix: digits)
      var download = Download([published], from: [server.mirror("good", key: key)], into: cache)
      download.policy = quick
      return download
    }
    let right = String((file.sha256 ?? "").prefix(8))
    let text = message { _ = try named("00000000").run() }
    #expect(text.contains("expected beginning of a SHA-256 00000000, found \(right)"), "\(text)")
    #expect(!TemporaryFolder.names(in: cache).contains(file.name))
    _ = try named(right).run()
    #expect(try isGood())
  }
}
