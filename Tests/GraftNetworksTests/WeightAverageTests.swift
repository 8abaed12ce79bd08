import GraftMatrices
import GraftNetworks
import NumericChecks
import Testing

@Suite("The moving average of the weights")
struct WeightAverageTests {
  /// Models as they could be after each of some steps: every weight moves, whatever trains.
  private func models(_ count: Int) -> [Model] {
    (0...count).map { Model(units: [20], inputs: 7, classCount: 3, seed: UInt64($0)) }
  }

  @Test("it is the average that its equation says, from the first step on", arguments: [0.5, 0.9, 0.999])
  func equation(decay: Double) {
    let models = models(30)
    var average = WeightAverage(of: models[0], decay: decay)
    var expected = models[0].allValues.map(Double.init)
    for step in 1...30 {
      average.follow(models[step].parameters, after: step)
      let kept = min(decay, Double(1 + step) / Double(10 + step))
      for (index, weight) in models[step].allValues.enumerated() {
        expected[index] = kept * expected[index] + (1 - kept) * Double(weight)
      }
      var found = models[step]
      found.parameters = average.applied(to: found.parameters)
      #expect(mismatch(found.allValues, expected, within: 1e-6) == nil, "step \(step)")
      #expect(found.padding.allSatisfy { $0 == 0 })
    }
  }

  @Test("what does not train is taken over as it is, even where it moves", arguments: 0..<4)
  func untrained(place: Int) {
    var models = models(5)
    for index in models.indices { models[index].isTrainable = (0..<4).map { $0 == place } }
    var average = WeightAverage(of: models[0], decay: 0.9)
    for step in 1...5 { average.follow(models[step].parameters, after: step) }
    let found = average.applied(to: models[5].parameters)
    for (index, slice) in found.slices.enumerated() {
      let isSame = mismatchInBits(found.values(of: slice), models[5].parameters.values(of: slice)) == nil
      #expect(isSame == (index != place), "\(slice.name)")
    }
  }
}
