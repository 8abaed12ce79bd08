/// The jobs of a study after its rehearsals, and the part of them that is left to do.
struct OpenWork {
  let scores: [ScoreJob]
  let measurements: [MeasurementJob]
  let similarities: [SimilarityJob]
  /// Sources that have to be trained, whether or not their records are there.
  let sources: [SourceJob]
  /// Trials whose records are there but whose models, which something needs, are gone.
  let lost: Set<String>

  /// Lists the jobs.
  ///
  /// A model is needed only if something that reads it is not finished. A needed model whose file is lost is trained
  /// again although its record is there.
  ///
  /// - Parameters:
  ///   - choices: The choices of the rehearsals; nil while they have not been run.
  ///   - part: The part of the scores and measurements that is asked for; nil for all, and for the similarities.
  init(_ study: TransferStudy, _ choices: RehearsalChoices?, in store: any TrialStore, part: StudyPart? = nil) throws {
    let (allScores, allMeasurements) = (study.scoreJobs(), study.measurementJobs(choices))
    scores = part?.jobs(allScores) ?? allScores
    measurements = part?.jobs(allMeasurements) ?? allMeasurements
    similarities = part == nil ? study.similarityJobs(choices) : []
    func unfinished<Job: StudyJob>(_ jobs: [Job]) throws -> [Job] {
      let known = try store.records(of: jobs.map(\.trial.id))
      return jobs.filter { known[$0.trial.id] == nil }
    }
    func lost<Job: StudyJob>(_ jobs: [Job], _ has: (TrialRecord) -> Bool) throws -> Set<String> {
      Set(try store.records(of: jobs.map(\.trial.id)).values.filter { !has($0) }.map(\.id))
    }
    let compared = Set(try unfinished(similarities).flatMap { $0.compared.map(\.source.identity) })
    let lostMeasurements = try lost(measurements.filter { compared.contains($0.trial.id) }) { study.models.has($0) }
    // The sources of lost models are compared themselves.
    let needed = compared.union(try unfinished(measurements).compactMap { $0.source?.identity })
      .union(try unfinished(scores).map(\.source.identity))
    let neededSources = study.sourceJobs().filter { needed.contains($0.trial.id) }
    let lostSources = try lost(neededSources) { study.models.load($0) }
    let new = Set(try unfinished(neededSources).map(\.trial.id))
    sources = neededSources.filter { new.contains($0.trial.id) || lostSources.contains($0.trial.id) }
    self.lost = lostMeasurements.union(lostSources)
  }
}
