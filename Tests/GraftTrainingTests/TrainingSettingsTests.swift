import GraftData
import GraftFiles
import GraftNetworks
import GraftTraining
import Testing

@Suite struct TrainingSettingsTests {
  @Test("the study's recipes")
  func recipes() {
    let scratch = Recipe.study.settings(seed: 7)
    #expect(scratch.epochs == 100 && scratch.batchSize == 64 && scratch.optimizer == .sgd(momentum: 0.9))
    #expect(scratch.learningRate == 0.001 && scratch.weightDecay == 0 && scratch.seed == 7)
    let transfer = Recipe.study.transferSettings(seed: 7)
    #expect(transfer.epochs == 30 && transfer.batchSize == 64 && transfer.optimizer == .adam())
    #expect(transfer.learningRate == 0.001 && transfer.weightDecay == 0 && transfer.seed == 7)
  }

  @Test("the quick recipe is what was chosen on held-out images")
  func quick() {
    let settings = Recipe.quick.settings(seed: 3)
    #expect(settings.epochs == 8 && settings.batchSize == 64 && settings.learningRate == 0.2 && settings.seed == 3)
    #expect(settings.optimizer == .sgd(momentum: 0.9, nesterov: true))
    #expect(settings.schedule == LearningRateSchedule(.cosine(floor: 0), warmUp: 1))
  }

  @Test("the best recipe is what was chosen on held-out images")
  func best() {
    let settings = Recipe.best.settings(seed: 3)
    #expect(settings.epochs == 100 && settings.batchSize == 64 && settings.learningRate == 0.1 && settings.seed == 3)
    #expect(settings.optimizer == .sgd(momentum: 0.9, nesterov: true) && settings.loss.smoothing == 0.05)
    #expect(settings.schedule == LearningRateSchedule(.cosine(floor: 0), warmUp: 1))
    #expect(settings.augmentation.description == "shift=1,rotate=10,scale=0.95-1.05,shear=5,elastic=3,thickness=0.25")
    #expect(settings.dropout == 0 && settings.averaging == 0 && settings.weightDecay == 0)
    #expect(Recipe.best.transferSettings(seed: 3) == settings)
  }

  @Test(
    "the convolutional recipes are what was chosen on held-out images",
    arguments: [
      (Recipe.cnnQuick, 10, 0.3, 0.0, "shift=2,rotate=10,scale=0.9-1.1,shear=5,elastic=2", "cnn:16c5-p2-32c5-p2-128"),
      (
        .cnnBest, 24, 0.4, 0.05, "shift=1,rotate=8,scale=0.93-1.07,shear=4,elastic=1",
        "cnn:32c3p1b-32c3p1b-p2-64c3p1b-64c3p1b-p2-128c3p1b-p2-128"
      ),
    ])
  func convolutional(
    recipe: Recipe, epochs: Int, dropout: Double, smoothing: Double, augmentation: String, model: String
  ) {
    let settings = recipe.settings(seed: 3)
    #expect(
      settings.epochs == epochs && settings.batchSize == 64 && settings.learningRate == 0.05 && settings.seed == 3)
    #expect(settings.optimizer == .sgd(momentum: 0.9, nesterov: true) && settings.weightDecay == 0.0005)
    #expect(settings.schedule == LearningRateSchedule(.cosine(floor: 0), warmUp: 1))
    #expect(settings.dropout == dropout && settings.averaging == 0.999)
    #expect(settings.loss == SoftmaxCrossEntropy(smoothing: smoothing))
    #expect(settings.augmentation.description == augmentation)
    #expect(recipe.architecture.description == model && recipe.leastSteps == 400)
    let transfer = recipe.transferSettings(seed: 3)
    #expect(
      transfer.optimizer == .adam(decoupled: true) && transfer.learningRate == 0.003 && !transfer.augmentation.isNone)
  }

  @Test("a record names the settings as the command line does")
  func json() {
    #expect(
      JSON.object(Recipe.study.settings(seed: 7).json).text()
        == #"{"epochs":100,"batch_size":64,"optimizer":"sgd","learning_rate":0.001,"momentum":0.9,"#
        + #""weight_decay":0.0,"seed":"7"}"#)
    var settings = Recipe.study.transferSettings(seed: .max)
    settings.loss = SoftmaxCrossEntropy(reduction: .sum(dividedBy: 10))
    #expect(
      JSON.object(settings.json).text()
        == #"{"epochs":30,"batch_size":64,"optimizer":"adam","learning_rate":0.001,"betas":[0.9,0.999],"#
        + #""epsilon":1e-08,"weight_decay":0.0,"gradient_divisor":10.0,"seed":"18446744073709551615"}"#)
    settings.loss = SoftmaxCrossEntropy(smoothing: 0.1)
    settings.augmentation = Augmentation(shift: 1)
    settings.averaging = 0.999
    #expect(
      JSON.object(settings.json).text().hasSuffix(
        #""label_smoothing":0.1,"augment":"shift=1","average_weights":0.999,"seed":"18446744073709551615"}"#))
  }
}
