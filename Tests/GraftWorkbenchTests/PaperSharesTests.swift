import GraftReproduction
import GraftStatistics
import GraftWorkbench
import Testing

@Suite struct ShareStudyTests {
  @Test("every reading of the second table is run, and the pooled ones are other countings of the same trainings")
  func readings() throws {
    let data = try SyntheticStudy.data()
    let trained = try SyntheticStudy.trained()
    let options = SyntheticStudy.options(threads: 2)
    let cells = try PaperShares(options, on: data, after: trained).run(
      published: SyntheticStudy.published([]), reference: SyntheticStudy.reference([]))
    #expect(cells.count == 3 * 2 * 6)
    func correct(_ reading: PaperShareReading, _ cell: PaperShareCell) throws -> [Int] {
      try #require(cells.first { $0.reading == reading && $0.target == cell.target && $0.percent == cell.percent })
        .correct
    }
    for cell in cells {
      #expect(cell.correct.count == 2)
      let isPooled = cell.reading == .transferPooled || cell.reading == .slowTransferPooled
      #expect(cell.images == (isPooled ? 50 : 25))
      #expect(cell.accuracy.values == cell.correct.map { 100 * Double($0) / Double(cell.images) })
      guard isPooled else { continue }
      let own = try correct(cell.reading == .transferPooled ? .transfer : .slowTransfer, cell)
      let sources = trained.map(\.outcome).filter { $0.task == PaperTask(.network, cell.target.other) }.map(\.correct)
      #expect(cell.correct == zip(own, sources).map(+))
    }
    // A tenth of the learning rate is another training.
    let transfers = cells.filter { $0.reading == .transfer }.map(\.correct)
    #expect(transfers != cells.filter { $0.reading == .slowTransfer }.map(\.correct))
    let alone = try PaperShares(SyntheticStudy.options(threads: 1), on: data, after: trained)
      .run(
        published: SyntheticStudy.published([]), reference: SyntheticStudy.reference([]))
    #expect(alone.map(\.correct) == cells.map(\.correct))
  }
}
