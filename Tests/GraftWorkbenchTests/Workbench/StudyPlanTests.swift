import Foundation
import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftStatistics
import GraftTraining
import GraftWorkbench
import NumericChecks
import Testing

@Suite("A plan is a value that a report reads")
struct StudyPlanTests {
  private let plan = StudyPlan(
    pairs: [
      .init(
        source: .trained(.init(data: "synthetic", classes: "even")), target: .init(data: "synthetic", classes: "odd")),
      .init(
        source: .checkpoint(path: "/models/e.safetensors", name: "e.safetensors", sha256: "00ff"),
        target: .init(data: "/data/letters", classes: "0-4", shape: "1x28x28")),
    ],
    methods: [.frozen, TransferMethod(.copy, layerCount: 1)], shares: [.perClass(5), .fraction(0.25), .all],
    seeds: [3, 4], architecture: Architecture(hiddenUnits: [20]), recipe: .best, head: .reset,
    contrasts: [[.frozen, .linearProbeThenFineTuning]], margin: 0.75, ranksSources: true, dataFolder: "/data")

  @Test("what is written is read")
  func codes() throws {
    #expect(try StudyPlan(json: plan.json) == plan)
    #expect(try JSONDecoder().decode(StudyPlan.self, from: JSONEncoder().encode(plan)) == plan)
    for share in plan.shares { #expect(try Share(parsing: share.description) == share) }
    for text in ["", "0 per class", "1.5", "some per class", "nan"] {
      #expect(throws: GraftFailure.self) { try Share(parsing: text) }
    }
  }

  @Test("a plan that is damaged is an error of one line")
  func damaged() throws {
    var object = try #require(plan.json.object)
    for (key, value) in [
      ("methods", ["nothing"] as JSON), ("labels", ["0"]), ("recipe", "fast"), ("model", "mlp:x"),
      ("contrasts", [["frozen"]]), ("pairs", "none"), ("seeds", [-1]), ("head", "lost"),
    ] {
      let before = object[key]
      object[key] = value
      let text = errorText { try StudyPlan(json: .object(object)) }
      #expect(!text.contains("no error") && !text.contains("\n") && !text.contains("DecodingError"), "\(key): \(text)")
      object[key] = before
    }
  }

  @Test("a finished study is read from its store without training, and an unfinished one gives nothing")
  func finished() throws {
    var own = plan
    own.pairs = [plan.pairs[0]]
    own.methods = [.frozen]
    own.shares = [.perClass(5)]
    own.contrasts = []
    own.recipe = .quick
    own.head = nil
    let digits = DatasetPair.syntheticDigits(train: 800, test: 200, threads: 2)
    let study = try own.study(threads: 2, load: { _ in digits })
    let store = MemoryStore()
    #expect(try study.finishedResult(in: store) == nil)
    let ran = try study.run(in: store)
    let read = try #require(try study.finishedResult(in: store))
    #expect(read.rows.map(\.accuracy.values) == ran.rows.map(\.accuracy.values))
    #expect(read.rows.map(\.verdict) == ran.rows.map(\.verdict))
  }

  @Test("a shape that is none and a contrast of one method are refused, not passed over")
  func refused() throws {
    let digits = DatasetPair.syntheticDigits(train: 300, test: 100, threads: 1)
    var shape = plan
    shape.pairs = [
      .init(
        source: .trained(.init(data: "synthetic", classes: "even", shape: "28 by 28")),
        target: .init(data: "synthetic", classes: "odd"))
    ]
    shape.contrasts = []
    #expect(errorText { try shape.study(load: { _ in digits }) }.contains("'28 by 28' is no shape"))
    var contrast = shape
    contrast.pairs[0].source = .trained(.init(data: "synthetic", classes: "even"))
    contrast.contrasts = [[.frozen]]
    #expect(errorText { try contrast.study(load: { _ in digits }) }.contains("two methods"))
  }

  @Test("the checkpoint of a plan is known by its digest")
  func checkpoint() throws {
    let folder = try ScratchFolder()
    let path = "\(folder.path)/e.safetensors"
    let model = Model(Architecture(hiddenUnits: [20]), inputShape: .mnist, classCount: 2, seed: 0)
    try Checkpoint(model: model, outputs: ClassOutputs(.compact, choosing: [0, 2], of: (0..<10).map(String.init)))
      .save(to: path)
    var own = plan
    own.pairs = [
      .init(
        source: .checkpoint(path: path, name: "e", sha256: "00"), target: .init(data: "synthetic", classes: "odd"))
    ]
    #expect(throws: GraftFailure.self) {
      try own.study(load: { _ in DatasetPair.syntheticDigits(train: 300, test: 100, threads: 1) })
    }
  }
}
