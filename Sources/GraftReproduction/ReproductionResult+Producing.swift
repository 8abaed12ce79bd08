import GraftTraining

extension ReproductionResult {
  /// Runs the study and whatever else was asked for.
  package static func produce(
    _ options: Reproduction.Options, on data: PaperData, shares: Bool = false, variant: Bool = false,
    report: @escaping @Sendable (TrainingEvent) -> Void = { _ in }
  ) throws -> ReproductionResult {
    let published = try PublishedPaper.load()
    let trained = try Reproduction(options, on: data, report: report).run()
    var result = ReproductionResult(
      trained.map(\.outcome), on: data, options: options, published: published, reference: try ReferenceRuns.load(),
      seconds: 0)
    if options.includesControls, FewLabels.fits(data) {
      result.fewLabels = try FewLabelsOutcome.run(on: data, after: trained, threads: options.threads)
    }
    if shares {
      result.shares = try PaperShares(options, on: data, after: trained, report: report).run(
        published: published, reference: result.reference)
    }
    if variant { result.variant = try NumPyVariant(options, on: data, report: report).run() }
    return result
  }
}
