import Networks
import NumericChecks
import Testing

private struct ScheduleCases: Decodable {
  struct Case: Decodable {
    let name: String
    let steps: Int
    let learningRate: Double
    let rates: [Double]
    let next: Double?
  }
  let cases: [Case]
}

@Suite struct LearningRateScheduleTests {
  private static let schedules: [String: LearningRateSchedule] = [
    "constant": .constant,
    "step": LearningRateSchedule(.step(every: 6, factor: 0.5)),
    "cosine": LearningRateSchedule(.cosine(floor: 0)),
    "cosine-floor": LearningRateSchedule(.cosine(floor: 1e-5)),
    "one-cycle": LearningRateSchedule(.oneCycle),
    "warm-up": LearningRateSchedule(.constant, warmUp: 5),
    "warm-up-cosine": LearningRateSchedule(.cosine(floor: 0), warmUp: 5),
  ]

  @Test("rates are PyTorch's")
  func agreesWithPyTorch() throws {
    let golden = try Golden.load(ScheduleCases.self, from: "schedules")
    // PyTorch's cosine climbs again behind its end, ours stays down: that case is below.
    let cases = golden.cases.filter { $0.name != "cosine-past-end" }
    #expect(cases.count == 14)
    for known in cases {
      let schedule = try #require(LearningRateScheduleTests.schedules[known.name], "\(known.name)")
      let rates = (0..<known.steps).map { schedule.rate(at: $0, of: known.steps, from: known.learningRate) }
      #expect(mismatch(rates, known.rates, within: 1e-12, floor: 1e-4) == nil, "\(known.name), \(known.steps) steps")
      if let next = known.next {
        let found = schedule.rate(at: known.steps, of: known.steps, from: known.learningRate)
        #expect(mismatch([found], [next], within: 1e-12) == nil, "\(known.name), \(known.steps) steps")
      }
    }
  }

  @Test("behind its end a cosine stays at its floor")
  func pastEnd() {
    let schedule = LearningRateSchedule(.cosine(floor: 1e-5))
    for step in [20, 21, 35, 1000] { #expect(abs(schedule.rate(at: step, of: 20, from: 0.01) - 1e-5) < 1e-17) }
  }

  @Test(
    "no step of any training has a rate below zero, above the full one or that is no number",
    arguments: [1, 2, 3, 4, 7, 50])
  func bounds(total: Int) {
    for (name, schedule) in LearningRateScheduleTests.schedules {
      for step in 0..<total {
        let rate = schedule.rate(at: step, of: total, from: 0.01)
        #expect(rate >= 0 && rate <= 0.01 * (1 + 1e-12), "\(name), step \(step) of \(total): \(rate)")
      }
    }
  }

  @Test("lengths in epochs become lengths in steps")
  func scaled() {
    let schedule = LearningRateSchedule(.step(every: 2, factor: 0.1), warmUp: 1).scaled(by: 10)
    #expect(schedule == LearningRateSchedule(.step(every: 20, factor: 0.1), warmUp: 10))
    #expect(LearningRateSchedule(.oneCycle).scaled(by: 10) == LearningRateSchedule(.oneCycle))
  }
}
