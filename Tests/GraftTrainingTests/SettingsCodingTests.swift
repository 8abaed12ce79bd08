import Foundation
import GraftData
import GraftFiles
import GraftNetworks
import GraftTraining
import Testing

@Suite("Settings and recipes are read as they were written")
struct SettingsCodingTests {
  /// Settings of which none has its usual value.
  private static let unusual: TrainingSettings = {
    var settings = TrainingSettings(
      epochs: 7, batchSize: 33, optimizer: .adam(beta1: 0.8, beta2: 0.99, epsilon: 1e-7, decoupled: true),
      learningRate: 0.0123, weightDecay: 0.02,
      schedule: LearningRateSchedule(.step(every: 3, factor: 0.3), warmUp: 2),
      loss: SoftmaxCrossEntropy(reduction: .sum(dividedBy: 10), smoothing: 0.1), layerRateDecay: 2.6, startPull: 0.5,
      dropout: 0.25, mapDropout: 0.125, augmentation: Augmentation(shift: 2, rotation: 11), averaging: 0.99,
      seed: .max)
    settings.classWeights = .balanced
    settings.shards = 4
    return settings
  }()

  private func coded<Value: Codable>(_ value: Value) throws -> Value {
    try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value))
  }

  @Test("settings", arguments: Recipe.all.flatMap { [$0.settings(seed: 3), $0.transferSettings(seed: 4)] } + [unusual])
  func settings(settings: TrainingSettings) throws {
    #expect(try coded(settings) == settings)
    #expect(try TrainingSettings(json: settings.json) == settings)
  }

  @Test("every setting is in the record, so that no two of them share one")
  func complete() throws {
    let usual = TrainingSettings(epochs: 1, batchSize: 1, optimizer: .sgd(momentum: 0), learningRate: 0, seed: 0)
    let properties = Mirror(reflecting: usual).children.count
    #expect(properties == 16, "a new setting: has it a line in TrainingSettings.fields and a place in this test?")
    #expect(Set(Self.unusual.json.keys).isSuperset(of: usual.json.keys.filter { $0 != "momentum" }))
  }

  @Test("recipes", arguments: Recipe.all)
  func recipe(recipe: Recipe) throws {
    #expect(try coded(recipe) == recipe)
    #expect(String(decoding: try JSONEncoder().encode([recipe]), as: UTF8.self) == "[\"\(recipe.name)\"]")
    #expect(recipe.description == recipe.name)
    var changed = recipe
    changed.scratchSettings.learningRate = 0.0777
    changed.transferSettings.learningRate = 0.0777
    #expect(changed.description == "\(recipe.name) (learning rate 0.0777)")
    changed.leastSteps = 0
    #expect(try coded(changed) == changed)
    #expect(changed.description == "\(recipe.name) (learning rate 0.0777, at least 0 steps)")
  }

  @Test("a change is told even if the recipe's other settings have the same value")
  func change() {
    var recipe = Recipe.study
    recipe.scratchSettings.epochs = recipe.transferSettings.epochs
    #expect(recipe.description == "study (epochs 30)")
    recipe.scratchSettings.optimizer = .sgd(momentum: 0)
    recipe.transferSettings.schedule = LearningRateSchedule(.cosine(floor: 0))
    #expect(recipe.description == "study (epochs 30, momentum 0.0, schedule.shape cosine, schedule.floor 0.0)")
  }

  @Test(
    "what is no setting is refused in one line",
    arguments: [
      (#"{"epochs":-1}"#, "epochs is out of its range"), (#"{"epochs":"8"}"#, "epochs: expected a whole number"),
      (#"{"dropout":1}"#, "dropout is out of its range"), (#"{"optimizer":"adagrad"}"#, "no optimizer 'adagrad'"),
      (#"{"seed":1}"#, "seed: expected a whole number in quotes"),
      (#"{"schedule":{"shape":"step","every":0,"factor":0.1}}"#, "a positive every"),
      (#"{"label_smoothing":2}"#, "label_smoothing"), (#"{"augment":"spin=3"}"#, "spin"),
    ])
  func bad(text: String, message: String) throws {
    var record = Recipe.quick.settings(seed: 0).json
    for member in try #require(try JSON(parsing: Array(text.utf8)).object) { record[member.key] = member.value }
    let failure = #expect(throws: GraftFailure.self) { try TrainingSettings(json: record) }
    #expect(failure?.message.contains(message) == true)
  }
}
