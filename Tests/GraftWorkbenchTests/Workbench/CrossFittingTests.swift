import GraftData
import GraftMatrices
import GraftNetworks
import GraftStatistics
import GraftTraining
import GraftWorkbench
import Testing

@Suite("Temperatures where labels are few")
struct CrossFittingTests {
  @Test("folds share out every class evenly, each image once, and the seed decides")
  func folds() throws {
    let digits = try SmallStudy.digits.train.share(.perClass(7), seed: 3)
    for count in [1, 2, 5, 7, 9] {
      let folds = digits.folds(count, seed: 0)
      #expect(folds.count == count && folds.flatMap { $0 }.sorted() == Array(digits.labels.indices))
      for label in 0..<10 {
        let sizes = folds.map { fold in fold.count { digits.labels[$0] == label } }
        #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
      }
      let totals = folds.map(\.count)
      #expect((totals.max() ?? 0) - (totals.min() ?? 0) <= 10 / count + 1, "\(totals)")
    }
    #expect(
      digits.folds(5, seed: 0) == digits.folds(5, seed: 0) && digits.folds(5, seed: 0) != digits.folds(5, seed: 1))
  }

  @Test("as many folds as the smallest class allows, at most five, none of one image")
  func count() {
    #expect([0, 1, 2, 4, 5, 19].map { CrossFitting.folds(fewestPerClass: $0) } == [0, 0, 2, 4, 5, 5])
  }

  @Test("every image is answered by a model that was trained without it", arguments: ["scratch", "random-frozen"])
  func temperature(method: String) throws {
    let odd = try SmallStudy.domain("odd")
    let drawn = try odd.data.train.share(.perClass(4), seed: 0)
    let model = Model(Architecture(hiddenUnits: [12]), inputShape: odd.shape, classCount: 5, seed: 0)
    let settings = Recipe.quick.transferSettings(seed: 0).lasting(steps: 50, on: drawn.count)
    let plan = try TransferMethod(parsing: method).plan(from: model, settings, solvesHeads: true)
    let candidate = Candidate.all(for: plan, images: drawn.count)[1]
    let fitting = CrossFitting(
      plan: plan, candidate: candidate, outputs: odd.outputs, normalization: .unit, seed: 0)
    let found = try fitting.temperature(on: drawn, expected: 1.5)
    var rows: [[Float]] = []
    var labels: [Int] = []
    for fold in drawn.folds(4, seed: 0) {
      let rest = drawn.selecting(images: drawn.labels.indices.filter { !fold.contains($0) })
      #expect(rest.count == 15)
      var trained = try plan.run(
        on: Examples(rest, outputs: odd.outputs, normalization: .unit), strength: candidate.strength(images: rest.count)
      )
      trained.unfreeze()
      let held = try Examples(drawn.selecting(images: fold), outputs: odd.outputs, normalization: .unit)
      var evaluator = Evaluator(held, for: trained)
      let logits = evaluator.logits(of: trained)
      rows += (0..<logits.rows).map { row in (0..<logits.columns).map { logits[row, $0] } }
      labels += held.labels
    }
    #expect(found == Temperature.fitted(logits: Matrix(rows), labels: labels, expected: 1.5) && found != 1.5)
    let single = try odd.data.train.share(.perClass(1), seed: 0)
    #expect(try fitting.temperature(on: single, expected: 1.5) == 1.5)
  }
}
