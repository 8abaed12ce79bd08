import GraftReporting
import Testing

@Suite("What a study's table says of ranks")
struct RankTextTests {
  @Test("few ranks are listed, of many the fewest and the most; idle ones are named")
  func text() {
    #expect(StudyBoard.rankText(ended: [], running: []) == "")
    #expect(StudyBoard.rankText(ended: [4], running: [1]) == "")
    #expect(StudyBoard.rankText(ended: [4, 7], running: [1, 1]) == "2 ranks ended 4, 7 trials\n")
    #expect(
      StudyBoard.rankText(ended: [4, 7, 1200], running: [0, 1, 2]) == "3 ranks ended 4, 7, 1,200 trials; idle: rank 0\n"
    )
    let many = (0..<64).map { $0 + 10 }
    #expect(
      StudyBoard.rankText(ended: many, running: many.map { $0 < 20 ? 0 : 1 })
        == "64 ranks ended 10 to 73 trials; 10 ranks are idle\n")
  }
}
