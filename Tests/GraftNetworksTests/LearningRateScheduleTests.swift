import GraftNetworks
import NumericChecks
import Testing

@Suite("Learning rates are PyTorch's")
struct LearningRateScheduleTests {
  private struct Cases: Decodable {
    struct Case: Decodable {
      let name: String
      let steps: Int
      let learningRate: Double
      let rates: [Double]
    }
    let cases: [Case]
  }

  /// Of each case of `schedules.py` the schedule here, for a training of so many steps.
  private static func schedule(_ name: String) -> LearningRateSchedule? {
    switch name {
    case "constant": LearningRateSchedule(.constant)
    case "step": LearningRateSchedule(.step(every: 6, factor: 0.5))
    case "cosine": LearningRateSchedule(.cosine(floor: 0))
    case "cosine-floor": LearningRateSchedule(.cosine(floor: 1e-5))
    case "one-cycle": LearningRateSchedule(.oneCycle)
    case "warm-up": LearningRateSchedule(.constant, warmUp: 5)
    case "warm-up-cosine": LearningRateSchedule(.cosine(floor: 0), warmUp: 5)
    default: nil
    }
  }

  @Test(
    "over 20 and over 100 steps",
    arguments: ["constant", "step", "cosine", "cosine-floor", "one-cycle", "warm-up", "warm-up-cosine"])
  func golden(name: String) throws {
    let cases = try Golden.load(Cases.self, from: "schedules").cases.filter { $0.name == name }
    #expect(cases.map(\.steps).sorted() == [20, 100])
    let schedule = try #require(LearningRateScheduleTests.schedule(name))
    for known in cases {
      let found = (0..<known.steps).map { schedule.rate(at: $0, of: known.steps, from: known.learningRate) }
      #expect(mismatch(found, known.rates, within: 1e-12, floor: known.learningRate) == nil)
    }
  }

  @Test("rates stay finite and positive for the shortest trainings", arguments: 1...6)
  func shortest(total: Int) {
    let shapes: [LearningRateSchedule.Shape] = [.oneCycle, .cosine(floor: 0), .step(every: 1, factor: 0.5)]
    for shape in shapes {
      for warmUp in 0..<total {
        let schedule = LearningRateSchedule(shape, warmUp: warmUp)
        for step in 0..<total {
          let rate = schedule.rate(at: step, of: total, from: 0.1)
          #expect(rate > 0 && rate <= 0.1 + 1e-15, "\(shape), warm-up \(warmUp), step \(step) of \(total): \(rate)")
        }
      }
    }
  }

  @Test("a schedule in epochs is the same schedule in steps")
  func scaled() {
    let epochs = LearningRateSchedule(.step(every: 3, factor: 0.1), warmUp: 2)
    #expect(epochs.scaled(by: 7) == LearningRateSchedule(.step(every: 21, factor: 0.1), warmUp: 14))
  }
}
