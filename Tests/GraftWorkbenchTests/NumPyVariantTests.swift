import GraftReproduction
import GraftStatistics
import GraftTraining
import GraftWorkbench
import Synchronization
import Testing

@Suite struct NumPyVariantTests {
  @Test("each half's network is trained on all its images at once, then transferred to the other half")
  func outcomes() throws {
    let data = try SyntheticStudy.data()
    let labels = Mutex<Set<String>>([])
    let outcomes = try NumPyVariant(SyntheticStudy.options(threads: 2), on: data) { event in
      if case .began(let label, _) = event { labels.withLock { _ = $0.insert(label) } }
    }.run()
    #expect(outcomes.map(\.seed) == [0, 0, 0, 0, 1, 1, 1, 1])
    let tasks = [
      PaperTask(.network, .even), PaperTask(.transfer, .odd), PaperTask(.network, .odd), PaperTask(.transfer, .even),
    ]
    #expect(outcomes.map(\.task) == tasks + tasks)
    #expect(labels.withLock { $0.count } == 8)
    for outcome in outcomes {
      #expect(outcome.history.count == (outcome.task.system == .network ? 2 : 1) * SyntheticStudy.scratchEpochs)
      #expect(outcome.images == 25 && outcome.accuracy.percent == 4 * Double(outcome.correct))
      // Full-batch gradient descent with a small step cannot make the loss rise.
      let losses = outcome.history.map(\.trainLoss)
      #expect(zip(losses, losses.dropFirst()).allSatisfy { $0 > $1 })
    }
    let alone = try NumPyVariant(SyntheticStudy.options(threads: 1), on: data).run()
    #expect(alone.map(\.history.last?.trainLoss) == outcomes.map(\.history.last?.trainLoss))
  }
}
