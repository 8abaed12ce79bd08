import GraftRanks
import GraftTraining

extension ReproductionResult {
  /// Runs the study and whatever else was asked for.
  ///
  /// - Parameter ranks: The ranks of a job, all of which call this; the result is the same on each, and only the first writes.
  package static func produce(
    _ options: Reproduction.Options, on data: PaperData, shares: Bool = false, variant: Bool = false,
    ranks: RankedWork? = nil,
    report: @escaping @Sendable (TrainingEvent) -> Void = { _ in }
  ) throws -> ReproductionResult {
    let published = try PublishedPaper.load()
    let workers = PaperWorkers(threads: options.threads, ranks: ranks)
    let trained = try Reproduction(options, on: data, workers: workers, report: report).run()
    var result = ReproductionResult(
      trained.map(\.outcome), on: data, options: options, published: published, reference: try ReferenceRuns.load(),
      seconds: 0)
    if options.includesControls, FewLabels.fits(data) {
      result.fewLabels = try FewLabelsOutcome.run(on: data, after: trained, workers: workers)
    }
    if shares {
      result.shares = try PaperShares(options, on: data, after: trained, workers: workers, report: report).run(
        published: published, reference: result.reference)
    }
    if variant { result.variant = try NumPyVariant(options, on: data, workers: workers, report: report).run() }
    return result
  }
}
