import GraftMatrices
import GraftNetworks
import NumericChecks
import Testing

@Suite("A model without its batch normalisations")
struct FoldingTests {
  @Test("answers what it answered with them", arguments: ["cnn:6c3p1b-p2-8c3s2b-a2-12b", "mlp:20b,10", "cnn:4c5b-a-6"])
  func sameFunction(text: String) throws {
    var model = Model(try Architecture(parsing: text), inputShape: .mnist, classCount: 7, seed: 3)
    // Normalisations as training leaves them, and not as they begin.
    for (index, slice) in model.parameters.slices.enumerated() {
      var place: Float = Float(index)
      model.setValues(of: slice) { value in
        place += 1
        switch slice.role {
        case .gain: return 0.5 + (place * 0.37).truncatingRemainder(dividingBy: 1)
        case .shift: return (place * 0.21).truncatingRemainder(dividingBy: 1) - 0.5
        case .statistic(let first):
          return first == 1
            ? 0.1 + (place * 0.53).truncatingRemainder(dividingBy: 1)
            : (place * 0.17).truncatingRemainder(dividingBy: 1) - 0.5
        default: return value
        }
      }
    }
    let folded = model.foldingNorms()
    #expect(folded.layers.allSatisfy { $0.norm == nil } && model.layers.contains { $0.norm != nil })
    #expect(folded.layers.map(\.outputShape) == model.layers.map(\.outputShape))
    let pixels = (0..<5 * 784).map { UInt8(truncatingIfNeeded: $0 * 7919 >> 3) }
    let inputs = Normalization.unit.rows(pixels, columns: 784)
    let before = model.features(of: inputs, through: model.layers.count)
    let after = folded.features(of: inputs, through: folded.layers.count)
    for row in 0..<5 {
      for column in 0..<7 {
        #expect(abs(before[row, column] - after[row, column]) < 2e-4 * max(1, abs(before[row, column])))
      }
    }
  }

  @Test func nothingToFold() throws {
    let model = Model(.study, inputShape: .mnist, classCount: 10, seed: 1)
    #expect(model.foldingNorms() == model)
  }
}
