import GraftDocuments
import GraftFiles
import GraftNetworks
import GraftStatistics
import GraftTraining
import GraftWorkbench

extension TextDocument {
  /// The plan of a study: the trainings to come, the trainings in the store already, and the time for the rest.
  package init(_ forecast: StudyForecast) {
    let options = forecast.options
    let seeds = options.seeds.map { "\($0)" }
    let range =
      seeds.count > 2 && forecast.hasConsecutiveSeeds
      ? "\(seeds[0]) to \(seeds[seeds.count - 1])" : seeds.joined(separator: ", ")
    let lines =
      [
        "methods: \(options.methods.map(\.description).joined(separator: ", "))",
        "labels per class: \(options.shares.map(StudyWords.labels).joined(separator: ", "))",
        "\(StudyWords.count(seeds.count, "seed")): \(range)",
        "model \(options.architecture), recipe \(options.recipe.description)",
      ] + (forecast.control.map { ["scratch: \($0.words)"] } ?? [])
    let pairs = TextTable(
      [.init("source", .leading), .init("target", .leading), .init("images of its smallest class")],
      rows: forecast.pairs.map { [singleLine($0.source), singleLine($0.target), grouped($0.smallestClass)] })
    let phases = TextTable(
      [.init("what", .leading), .init("trials"), .init("in the store"), .init("to train")],
      rows: forecast.phases.map {
        [TextDocument.words($0.phase), grouped($0.trials), grouped($0.known), grouped($0.trials - $0.known)]
      })
    self.init(
      [
        .heading("Plan"), .table(pairs), .list(lines), .table(phases), .paragraph(TextDocument.time(forecast)),
      ] + TextDocument.seedPlans(forecast))
  }

  /// Seed plans from the variances in the store already; gains are not told before the study is done.
  private static func seedPlans(_ forecast: StudyForecast) -> [Block] {
    if forecast.seedPlans.isEmpty {
      return [
        .paragraph(
          "How many seeds are needed is answered here as soon as the store has two of each training: run the study with --seeds 2 or 3 "
            + "first, then ask again.")
      ]
    }
    let titles = forecast.seedPlans.map { StudyWords.title($0.source, $0.target) }
    let tables = titles.firstOccurrences.flatMap { title -> [Block] in
      let own = zip(titles, forecast.seedPlans).filter { $0.0 == title }.map(\.1)
      return [
        .heading("How many seeds does it take? \(title)"),
        .table(StudyTables.seeds(own.map { (StudyWords.labels($0.share), "\($0.method)", $0.plan) })),
      ]
    }
    return tables + [.paragraph(seedPlanLegend)]
  }

  private static func words(_ phase: StudyPhase) -> String {
    switch phase {
    case .sources: "source models"
    case .rehearsals: "rehearsals on synthetic digits"
    case .scores: "scores of sources before training"
    case .measurements: "trials of the tables"
    case .similarities: "comparisons of layers"
    }
  }

  private static func time(_ forecast: StudyForecast) -> String {
    if forecast.phases.allSatisfy({ $0.known == $0.trials }) {
      return "Everything is in the store; nothing is left to train."
    }
    let cores = StudyWords.count(max(forecast.options.threads, 1), "core")
    let time = StudyWords.duration(forecast.seconds)
    return
      "Estimated time: \(forecast.seconds < 1 ? "" : "about ")\(time) on \(cores); on the disk: about \(sizeText(forecast.bytes))."
  }
}

extension StudyForecast {
  /// Whether each seed is the one before plus one.
  fileprivate var hasConsecutiveSeeds: Bool {
    zip(options.seeds, options.seeds.dropFirst()).allSatisfy { $0 < $1 && $1 - $0 == 1 }
  }

  /// The document that `study --dry-run --json` prints.
  package var json: JSON {
    guard let control, var document = plan.object else { return plan }
    document["scratch"] = .string(control.architecture.description)
    return .object(document)
  }

  private var plan: JSON {
    [
      "schema_version": 1,
      "pairs": .array(
        pairs.map {
          [
            "source": .string($0.source), "target": .string($0.target), "smallest_class": .integer($0.smallestClass),
          ]
        }),
      "methods": .array(options.methods.map { .string($0.description) }),
      "labels": .array(options.shares.map { .string(StudyWords.labels($0)) }),
      "seeds": .array(options.seeds.map { .integer(Int(clamping: $0)) }),
      "model": .string(options.architecture.description), "recipe": .string(options.recipe.description),
      "threads": .integer(options.threads),
      "phases": .array(
        phases.map {
          [
            "phase": .string($0.phase.rawValue), "trials": .integer($0.trials), "known": .integer($0.known),
            "open": .integer($0.trials - $0.known),
          ]
        }),
      "seed_plans": .array(
        seedPlans.map {
          [
            "source": .string($0.source), "target": .string($0.target), "labels": .string(StudyWords.labels($0.share)),
            "method": .string($0.method.description), "seeds": .integer($0.plan.known),
            "deviation": .number($0.plan.deviation),
            "needed": .array(
              $0.plan.needed.map { ["gain": .number($0.gain), "seeds": $0.seeds.map(JSON.integer) ?? .null] }),
          ]
        }),
      "seconds": .number(seconds), "bytes": .integer(bytes),
    ]
  }
}
