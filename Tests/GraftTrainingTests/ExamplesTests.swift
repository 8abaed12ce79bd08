import GraftData
import GraftFiles
import GraftNetworks
import GraftTraining
import NumericChecks
import Testing

@Suite struct ExamplesTests {
  private let data = Dataset(PatternImages(perClass: 5, classes: 4, seed: 1))

  @Test("a data set becomes normalised rows and output indices")
  func fromDataset() throws {
    let part = data.selecting(try ClassSelection(parsing: "1,3", of: 4))
    let outputs = ClassOutputs(.compact, choosing: [1, 3], of: data.classNames)
    let examples = try Examples(part, outputs: outputs, normalization: .unit)
    #expect(examples.count == 10 && examples.firstLayer == 0)
    #expect(examples.labels == [0, 1, 0, 1, 0, 1, 0, 1, 0, 1])
    #expect(examples.inputs == Normalization.unit.rows(part.pixels, columns: 36))
    #expect(throws: GraftFailure.self) { try Examples(data, outputs: outputs, normalization: .unit) }
  }

  @Test("behind a frozen prefix the inputs are its output; without one nothing changes")
  func prefix() throws {
    let examples = Examples.patterns(10)
    var model = Model.forPatterns([20, 9])
    #expect(examples.behindFrozenPrefix(of: model).inputs == examples.inputs)
    model.freeze(first: 1)
    let behind = examples.behindFrozenPrefix(of: model)
    #expect(behind.firstLayer == 1 && behind.labels == examples.labels)
    #expect(behind.inputs == .dense(model.features(of: examples.inputs, through: 1)))
    // Where nothing trains there is no layer left to begin with.
    model.freeze(first: 3)
    #expect(examples.behindFrozenPrefix(of: model).firstLayer == 0)
  }
}
