import GraftMatrices
import GraftNetworks

/// A cross-validation of the penalty of a head that is solved on known features: each part of the examples in turn is answered by heads
/// that have not seen it (Stone, "Cross-Validatory Choice and Assessment of Statistical Predictions", JRSS B 36, 1974).
package struct HeadCrossValidation: Sendable {
  /// The results of one strength over all examples.
  package struct Outcome: Sendable {
    package let strength: Double
    /// Right answers.
    package fileprivate(set) var correct = 0
    /// The sum of the losses.
    package fileprivate(set) var loss = 0.0
    /// The answers, [examples × classes], in the order of ``HeadCrossValidation/labels``.
    package fileprivate(set) var logits: Matrix
  }

  private let features: Examples
  private let classCount: Int
  private let folds: [[Int]]
  private let settings: TrainingSettings
  private let team: Team

  /// A cross-validation on some features.
  ///
  /// - Parameters:
  ///   - features: The rows that a head reads, in PyTorch's order, as if they were pixels.
  ///   - folds: The indices of the examples of each part.
  ///   - settings: Label smoothing and class weights are read.
  package init(
    _ features: Examples, classCount: Int, folds: [[Int]], _ settings: TrainingSettings, team: Team = .alone
  ) {
    (self.features, self.classCount, self.folds) = (features, classCount, folds)
    (self.settings, self.team) = (settings, team)
  }

  /// A model that is nothing but a head for some features. Copies of a whole network for every strength and part would take longer than
  /// solving its head.
  package static func head(for features: Examples, classCount: Int) -> Model {
    Model(
      .softmax, inputShape: ImageShape(channels: features.inputs.columns, height: 1, width: 1), classCount: classCount,
      seed: 0)
  }

  /// The labels of the examples in the order of the parts.
  package var labels: [Int] { folds.flatMap { fold in fold.map { features.labels[$0] } } }

  /// The results of each strength, in the order in which they are given.
  package func outcomes(of strengths: [Double]) throws -> [Outcome] {
    let head = HeadCrossValidation.head(for: features, classCount: classCount)
    let empty = Matrix(rows: folds.reduce(0) { $0 + $1.count }, columns: classCount)
    var outcomes = strengths.map { Outcome(strength: $0, logits: empty) }
    var row = 0
    for (number, fold) in folds.enumerated() {
      let rest = folds.enumerated().filter { $0.offset != number }.flatMap(\.element).sorted()
      var solver = HeadSolver(
        head, on: features.selecting(rest), smoothing: settings.loss.smoothing, classWeights: settings.classWeights,
        team: team)
      let held = features.selecting(fold)
      let tried = try solver.choose(among: strengths, validation: held).candidates
      var evaluator = Evaluator(held, for: head, team: team)
      for index in outcomes.indices {
        guard let own = tried.first(where: { $0.strength == outcomes[index].strength }) else {
          outcomes[index].loss = .infinity
          continue
        }
        outcomes[index].correct += own.correct
        outcomes[index].loss += own.loss * Double(fold.count)
        outcomes[index].logits.copyRows(fold.count, of: evaluator.logits(of: own.solution.model), to: row)
      }
      row += fold.count
    }
    return outcomes
  }

  /// The index of the smallest loss; among equals the first.
  package static func best(of outcomes: [Outcome]) -> Int {
    outcomes.indices.min { (outcomes[$0].loss, $0) < (outcomes[$1].loss, $1) } ?? 0
  }

  /// The candidates' results as a trial keeps them; the one with the smallest loss is chosen.
  package func tried(_ candidates: [Candidate]) throws -> [TriedSetting] {
    let outcomes = try outcomes(of: candidates.map { $0.strength(images: features.count) })
    let best = HeadCrossValidation.best(of: outcomes)
    return zip(candidates, outcomes).enumerated().map { index, pair in
      TriedSetting(
        setting: pair.0.description, correct: pair.1.correct, images: labels.count,
        loss: pair.1.loss / Double(max(labels.count, 1)),
        temperature: Temperature.fitted(logits: pair.1.logits, labels: labels), isChosen: index == best)
    }
  }
}
