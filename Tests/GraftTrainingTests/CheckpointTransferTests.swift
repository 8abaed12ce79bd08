import GraftData
import GraftFiles
import GraftNetworks
import GraftTraining
import NumericChecks
import Testing

@Suite struct CheckpointTransferTests {
  private let names = (0..<10).map { "digit \($0)" }

  private func checkpoint(_ numbering: ClassOutputs.Numbering, _ classes: [Int]) -> Checkpoint {
    let outputs = ClassOutputs(numbering, choosing: classes, of: names)
    var model = Model(units: [5], inputs: 36, classCount: outputs.count, seed: 1)
    model.freeze(first: 1)
    return Checkpoint(model: model, normalization: .unit, outputs: outputs, record: JSON.Object())
  }

  @Test("ten outputs stand for any of the ten classes, so the head stays", arguments: [nil, .keep] as [HeadPolicy?])
  func original(head: HeadPolicy?) throws {
    let source = checkpoint(.original, [0, 2, 4, 6, 8])
    let (model, outputs) = try source.adapted(to: [1, 3, 5, 7, 9], of: names, head: head, isSameData: true, seed: 2)
    #expect(model == source.model)
    #expect(outputs == ClassOutputs(.original, choosing: [1, 3, 5, 7, 9], of: names))
  }

  @Test("a compact head stays for the same classes, and for others only where that is asked for")
  func compact() throws {
    let source = checkpoint(.compact, [0, 2, 4])
    let same = try source.adapted(to: [0, 2, 4], of: names, head: nil, isSameData: true, seed: 2)
    #expect(same.model == source.model && same.outputs == source.outputs)
    let others = ClassOutputs(.compact, choosing: [1, 3, 9], of: names)
    let kept = try source.adapted(to: [1, 3, 9], of: names, head: .keep, isSameData: true, seed: 2)
    #expect(kept.model == source.model && kept.outputs == others)
    let new = try source.adapted(to: [1, 3, 9], of: names, head: nil, isSameData: true, seed: 2)
    #expect(new.model == source.model.replacingHead(classCount: 3, seed: 2) && new.outputs == others)
  }

  @Test("a head that does not fit is made new, unless it was to be kept")
  func other() throws {
    let source = checkpoint(.compact, [0, 2, 4])
    let (model, outputs) = try source.adapted(to: [1, 3], of: names, head: nil, isSameData: true, seed: 2)
    #expect(model == source.model.replacingHead(classCount: 2, seed: 2) && outputs.classes == [1, 3])
    let error = try #require(throws: GraftFailure.self) {
      _ = try source.adapted(to: [1, 3], of: names, head: .keep, isSameData: true, seed: 2)
    }
    #expect(error.kind == .usage)
    #expect(error.description == "the head has 3 outputs and the target 2 classes")
    #expect(error.remedy == .newHead)
  }

  @Test("a compact head knows no part of its classes: fewer of them need a new one")
  func partOfClasses() throws {
    let source = checkpoint(.compact, [0, 2, 4])
    let (model, outputs) = try source.adapted(to: [0, 4], of: names, head: nil, isSameData: true, seed: 2)
    #expect(model == source.model.replacingHead(classCount: 2, seed: 2))
    #expect(outputs == ClassOutputs(.compact, choosing: [0, 4], of: names))
  }

  @Test("a head to be reset is new in any case", arguments: [ClassOutputs.Numbering.compact, .original])
  func reset(numbering: ClassOutputs.Numbering) throws {
    let source = checkpoint(numbering, [0, 2, 4])
    let (model, outputs) = try source.adapted(to: [1, 3, 9], of: names, head: .reset, isSameData: true, seed: 2)
    #expect(model == source.model.replacingHead(classCount: 3, seed: 2))
    #expect(model.values("fc1.weight") == source.model.values("fc1.weight"))
    #expect(outputs == ClassOutputs(.compact, choosing: [1, 3, 9], of: names))
  }

  @Test("ten outputs do not stand for a class beyond them")
  func beyond() throws {
    let more = (0..<12).map { "\($0)" }
    let (model, outputs) = try checkpoint(.original, [0, 2]).adapted(
      to: [1, 11], of: more, head: nil, isSameData: true, seed: 2)
    #expect(model.classCount == 2 && outputs.classes == [1, 11])
    // As many classes as there are outputs, but not the same: a head that was kept would take class 1 for 0.
    let source = checkpoint(.original, [0, 2])
    let (fresh, compact) = try source.adapted(to: Array(1...10), of: more, head: nil, isSameData: true, seed: 2)
    #expect(fresh.classCount == 10 && compact.classes == Array(1...10))
    #expect(fresh.values("fc2.weight") != source.model.values("fc2.weight"))
    #expect(
      try source.adapted(to: Array(1...10), of: more, head: .keep, isSameData: true, seed: 2).model == source.model)
  }

  @Test("images of another shape are refused with both shapes")
  func shape() throws {
    let data = Dataset(PatternImages(perClass: 1, classes: 4, seed: 1))
    let error = try #require(throws: GraftFailure.self) {
      try checkpoint(.compact, [0, 1]).checkShape(of: data, path: "m.safetensors")
    }
    #expect(error.kind == .badData)
    #expect(error.description == "m.safetensors: the model reads images of 1x1x36, patterns has 1x6x6")
  }

  // MARK: Classes that both sides know

  private func row(_ model: Model, _ output: Int) -> [UInt32] {
    (model.values("fc2.weight")[output * 5..<(output + 1) * 5] + [model.values("fc2.bias")[output]]).map(\.bitPattern)
  }

  @Test("shared classes keep their weights and bias bit by bit, the others are fresh")
  func shared() throws {
    let source = checkpoint(.compact, [0, 2, 4, 7])
    let (model, outputs) = try source.adapted(to: [1, 2, 7, 8, 9], of: names, head: .shared, isSameData: true, seed: 2)
    let fresh = source.model.replacingHead(classCount: 5, seed: 2)
    // Class 2 is output 1 on both sides, class 7 output 3 and then 2.
    #expect(row(model, 1) == row(source.model, 1) && row(model, 2) == row(source.model, 3))
    for output in [0, 3, 4] { #expect(row(model, output) == row(fresh, output)) }
    for name in ["fc1.weight", "fc1.bias"] {
      #expect(mismatchInBits(model.values(name), source.model.values(name)) == nil)
    }
    #expect(model.isTrainable == fresh.isTrainable)
    #expect(outputs == ClassOutputs(.compact, choosing: [1, 2, 7, 8, 9], of: names))
  }

  @Test("where all classes are shared the head is the source's, or a part of it")
  func allShared() throws {
    let source = checkpoint(.compact, [0, 2, 4])
    let same = try source.adapted(to: [0, 2, 4], of: names, head: .shared, isSameData: true, seed: 2)
    #expect(same.model.parameters == source.model.parameters && same.outputs == source.outputs)
    let part = try source.adapted(to: [0, 4], of: names, head: .shared, isSameData: true, seed: 2)
    #expect(row(part.model, 0) == row(source.model, 0) && row(part.model, 1) == row(source.model, 2))
  }

  @Test("where none is shared the head is a new one", arguments: [ClassOutputs.Numbering.compact, .original])
  func nothingShared(numbering: ClassOutputs.Numbering) throws {
    let source = checkpoint(numbering, [0, 2, 4])
    let shared = try source.adapted(to: [1, 3, 9], of: names, head: .shared, isSameData: true, seed: 2)
    let reset = try source.adapted(to: [1, 3, 9], of: names, head: .reset, isSameData: true, seed: 2)
    #expect(shared.model == reset.model && shared.outputs == reset.outputs)
  }

  /// Ten outputs, of which three were trained.
  @Test("an output that was never trained is no class that is known")
  func untrained() throws {
    let source = checkpoint(.original, [0, 2, 4])
    let (model, outputs) = try source.adapted(to: [2, 3], of: names, head: .shared, isSameData: true, seed: 2)
    let fresh = source.model.replacingHead(classCount: 2, seed: 2)
    #expect(row(model, 0) == row(source.model, 2) && row(model, 1) == row(fresh, 1))
    #expect(outputs == ClassOutputs(.compact, choosing: [2, 3], of: names))
  }

  @Test("the same number under another name is another class, and a name at another number too")
  func otherNames() throws {
    let source = checkpoint(.compact, [0, 2, 4])
    let clothes = (0..<10).map { "garment \($0)" }
    let other = try source.adapted(to: [0, 2, 4], of: clothes, head: .shared, isSameData: true, seed: 2)
    #expect(
      other.model == source.model.replacingHead(classCount: 3, seed: 2)
        && other.outputs.names == ["garment 0", "garment 2", "garment 4"])
    let turned = try source.adapted(to: [0, 2, 4], of: names.reversed(), head: .shared, isSameData: true, seed: 2)
    #expect(turned.model == source.model.replacingHead(classCount: 3, seed: 2))
  }
}
