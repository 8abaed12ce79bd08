import GraftMatrices
import GraftNetworks
import GraftTraining
import NumericChecks
import Testing

/// Yosinski et al.'s AnB and AnB+: the first layers of a source under fresh ones.
@Suite("Copied layers under fresh ones")
struct CopiedLayersTests {
  static let layers = [1, 2, 3].map { layer in ["weight", "bias"].map { "fc\(layer).\($0)" } }

  private func isSame(_ one: Model, _ other: Model, _ layer: Int) -> Bool {
    Self.layers[layer].allSatisfy { mismatchInBits(one.values($0), other.values($0)) == nil }
  }

  @Test(
    "copied layers are the source's, the others those of scratch with the same seed; held or not, the loss falls",
    arguments: ["copy", "copy+"], [1, 2, nil] as [Int?])
  func layers(rule: String, count: Int?) throws {
    let text = rule + (count.map { ":\($0)" } ?? "")
    let (source, scratch) = (try Transferred.start(), try Transferred.plan("scratch").model)
    let plan = try Transferred.plan(text)
    let end = try plan.run(on: Transferred.target, strength: 0)
    for layer in 0..<3 {
      let isCopied = layer < count ?? 2
      #expect(isSame(plan.model, isCopied ? source : scratch, layer))
      #expect(!isSame(plan.model, isCopied ? scratch : source, layer))
      #expect(isSame(end, plan.model, layer) == (isCopied && rule == "copy"))
    }
    #expect(Transferred.loss(end) < 0.7 * Transferred.loss(plan.model))
  }

  @Test(
    "a body that is all copied trains its head as the layers of a shallower copy are trained: a study changes no optimizer"
  )
  func trained() throws {
    for method in ["copy", "copy:2", "copy:1"] {
      let plan = try Transferred.plan(method, solvesHeads: true)
      #expect(!plan.solvesHead && plan.stages.count == 1, "\(method)")
    }
    let ends = try ["copy", "copy:2"].map { method in
      try Transferred.plan(method, solvesHeads: true).run(on: Transferred.target, strength: 0.01)
    }
    #expect(ends[0] == ends[1])
  }

  @Test("copying every layer of the body and training it all is fine-tuning with the scratch network's head")
  func tunedBody() throws {
    let plan = try Transferred.plan("copy+")
    let seed = Transferred.settings().seed
    let start = try Transferred.start().replacingHead(classCount: 4, seed: seed)
    let tuned = try TransferMethod.fineTune.plan(from: start, Transferred.settings(), solvesHeads: false)
    #expect(plan.model.parameters == tuned.model.parameters)
    let ends = try [plan, tuned].map { try $0.run(on: Transferred.target, strength: 0) }
    #expect(ends[0].parameters == ends[1].parameters)
  }
}
