import GraftData
import GraftStatistics
import GraftWorkbench
import Testing

@Suite("Sources that a study tries when nobody names one")
struct SourceCandidatesTests {
  private func candidates(_ target: String, of count: Int = 10) throws -> [String] {
    SourceCandidates.classes(besides: try ClassSelection(parsing: target, of: count))
  }

  @Test("every pair of the classes that the target lacks, then all of them")
  func odd() throws {
    #expect(
      try candidates("odd") == [
        "0,2", "0,4", "0,6", "0,8", "2,4", "2,6", "2,8", "4,6", "4,8", "6,8", "0,2,4,6,8",
      ])
    #expect(try candidates("0-6") == ["7,8", "7,9", "8,9", "7,8,9"])
  }

  @Test("two classes are one source, one class is none, and where none is left there is none")
  func few() throws {
    #expect(try candidates("0-7") == ["8,9"] && candidates("1-8") == ["0,9"])
    #expect(try candidates("0-8").isEmpty && candidates("1-9").isEmpty && candidates("all").isEmpty)
    #expect(try candidates("0", of: 1).isEmpty && candidates("0", of: 2).isEmpty)
  }

  @Test("each can be read back and shares no class with the target")
  func readable() throws {
    for text in ["odd", "0", "3,4", "0-6", "1-8"] {
      let target = try ClassSelection(parsing: text, of: 10)
      let found = try candidates(text).map { try ClassSelection(parsing: $0, of: 10) }
      #expect(found.allSatisfy { source in source.classes.allSatisfy { !target.contains($0) } })
      let rest = 10 - target.classes.count
      #expect(Set(found).count == found.count && found.count == (rest == 2 ? 1 : rest * (rest - 1) / 2 + 1))
    }
  }
}
