import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks

/// A fit of a temperature for labels that are too few to hold some out: each image is answered once by a model that was trained
/// without it (cross-validation; Stone, "Cross-Validatory Choice and Assessment of Statistical Predictions", JRSS B 36, 1974).
package struct CrossFitting {
  private let plan: TransferPlan
  private let candidate: Candidate
  private let outputs: ClassOutputs
  private let normalization: Normalization
  private let seed: UInt64

  package static let mostFolds = 5

  /// A fit for one plan and candidate.
  ///
  /// - Parameters:
  ///   - plan: The plan with the candidate's settings.
  ///   - candidate: The candidate, which gives the strength of a head that is solved.
  ///   - normalization: The conversion of bytes into the model's inputs.
  package init(
    plan: TransferPlan, candidate: Candidate, outputs: ClassOutputs, normalization: Normalization, seed: UInt64
  ) {
    self.plan = plan
    self.candidate = candidate
    self.outputs = outputs
    self.normalization = normalization
    self.seed = seed
  }

  /// The number of trainings for a number of labels per class: zero if a class would have no image to learn from.
  package static func folds(fewestPerClass: Int) -> Int { fewestPerClass < 2 ? 0 : min(fewestPerClass, mostFolds) }

  /// Fits the temperature.
  ///
  /// - Parameter expected: The rehearsals' temperature, which is returned if there are no folds, or if a training diverges.
  package func temperature(on labelled: Dataset, expected: Double) throws -> Double {
    guard let answers = try answers(on: labelled), answers.isWhole else { return expected }
    return Temperature.fitted(logits: answers.logits, labels: answers.labels, expected: expected)
  }

  /// Answers to all images, each by a model that was trained without it.
  struct Answers {
    /// [images × outputs], fold by fold.
    var logits: Matrix
    /// The true outputs.
    var labels: [Int]
    /// Whether every training ended; if one diverged, the answers after it are missing.
    var isWhole: Bool
  }

  /// The answers to all images; nil if a class has a single one.
  func answers(on labelled: Dataset) throws -> Answers? {
    let fewest = outputs.trained.map { labelled.countsPerClass[$0] }.min() ?? 0
    let count = CrossFitting.folds(fewestPerClass: fewest)
    if count == 0 { return nil }
    var answers = Answers(
      logits: Matrix(rows: labelled.count, columns: plan.model.classCount), labels: [], isWhole: false)
    for fold in labelled.folds(count, seed: seed) {
      let isHeldOut = Set(fold)
      let rest = labelled.selecting(images: labelled.labels.indices.filter { !isHeldOut.contains($0) })
      let held = try Examples(labelled.selecting(images: fold), outputs: outputs, normalization: normalization)
      do {
        var model = try plan.run(
          on: Examples(rest, outputs: outputs, normalization: normalization),
          strength: candidate.strength(images: rest.count))
        model.unfreeze()
        var evaluator = Evaluator(held, for: model)
        answers.logits.copyRows(fold.count, of: evaluator.logits(of: model), to: answers.labels.count)
      } catch let failure as any Failure where failure.kind == .diverged {
        return answers
      }
      answers.labels += held.labels
    }
    answers.isWhole = true
    return answers
  }
}
