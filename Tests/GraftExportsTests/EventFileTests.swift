import GraftFiles
import NumericChecks
import Testing

@testable import GraftExports

@Suite("Events for TensorBoard")
struct EventFileTests {
  private func write(_ folder: String, keepingUpTo step: Int?, steps: Range<Int>) throws {
    let file = try EventFile(in: folder, keepingUpTo: step) { 1e9 }
    for step in steps { try file.add([.scalar("loss", Double(step))], step: step) }
  }

  private func content(_ folder: String) throws -> [UInt8] { try readFile(at: "\(folder)/\(EventFile.name)") }

  @Test("a file that goes on is the file of a training that was not interrupted")
  func goingOn() throws {
    let (whole, broken) = (try ScratchFolder(), try ScratchFolder())
    try write(whole.path, keepingUpTo: nil, steps: 1..<300)
    try write(broken.path, keepingUpTo: nil, steps: 1..<250)
    try write(broken.path, keepingUpTo: 130, steps: 131..<300)
    #expect(try content(broken.path) == content(whole.path))
  }

  @Test("a record that was cut off, wherever, is cut away; one whose bits changed too")
  func cutOff() throws {
    let folder = try ScratchFolder()
    try write(folder.path, keepingUpTo: nil, steps: 1..<4)
    let content = try content(folder.path)
    let ends = (0...3).map { EventFile.end(of: content, upTo: $0) }
    #expect(ends == ends.sorted() && Set(ends).count == 4 && ends[3] == content.count)
    for length in ends[2]..<content.count { #expect(EventFile.end(of: Array(content[..<length]), upTo: 9) == ends[2]) }
    for place in ends[2]..<content.count {
      var changed = content
      changed[place] ^= 4
      #expect(EventFile.end(of: changed, upTo: 9) == ends[2])
    }
  }

  @Test("the checksum is Castagnoli's")
  func checksum() {
    // RFC 3720, appendix B.4.
    #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(CRC32C.checksum([UInt8](0..<32)) == 0x46DD_794E)
    #expect(CRC32C.checksum("123456789".utf8) == 0xE306_9283)
  }
}
