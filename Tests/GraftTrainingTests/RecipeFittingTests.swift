import GraftData
import GraftMatrices
import GraftNetworks
import GraftTraining
import Testing

@Suite("Recipes follow the images")
struct RecipeFittingTests {
  @Test("all recipes stay as they are for MNIST's images", arguments: Recipe.all.filter { $0.name != "photos" })
  func mnist(recipe: Recipe) {
    #expect(recipe.fitted(to: .mnist) == recipe)
    #expect(recipe.fittingRemark(from: recipe, to: .mnist, trains: recipe.architecture) == nil)
  }

  @Test("every recipe's network fits images of every size", arguments: Recipe.all, [1, 4, 8, 16, 28, 32, 64, 96, 224])
  func sizes(recipe: Recipe, side: Int) throws {
    for channels in [1, 3] {
      let shape = ImageShape(channels: channels, height: side, width: side)
      let fitted = recipe.fitted(to: shape)
      // The mean of a map needs no pooling before it, but three poolings need eight pixels.
      if ["photos", "colour-quick"].contains(recipe.name), side < 8 { continue }
      // Its first maps have the size of the images: more memory than a model may have.
      if recipe.name == "cnn-best", side == 224 { continue }
      try fitted.architecture.check(on: shape, classCount: 10)
      try fitted.scratchSettings.augmentation.check(on: shape)
      #expect(Model(fitted.architecture, inputShape: shape, classCount: 3, seed: 0).classCount == 3)
    }
  }

  @Test("small images keep their maps, large ones get more convolutions")
  func networks() {
    let small = Recipe.cnnQuick.fitted(to: ImageShape(height: 8, width: 8))
    #expect(small.architecture.description == "cnn:16c3p1-p2-32c3p1-128")
    let large = Recipe.cnnQuick.fitted(to: ImageShape(channels: 3, height: 96, width: 96))
    #expect(large.architecture.description == "cnn:16c5-p2-32c5-p2-64c3p1-p2-128c3p1-p2-128")
    #expect(
      large.fittingRemark(
        from: .cnnQuick, to: ImageShape(channels: 3, height: 96, width: 96), trains: large.architecture)?
        .contains("the network is cnn:16c5") == true)
  }

  @Test("a recipe chosen on colour images is trained on them at its own rate")
  func chosenOnColors() {
    let fitted = Recipe.colorQuick.fitted(to: ImageShape(channels: 3, height: 32, width: 32))
    #expect(fitted == Recipe.colorQuick)
  }

  @Test("colour images are trained at a tenth of a large rate, and are mirrored instead of distorted")
  func colors() {
    let fitted = Recipe.best.fitted(to: ImageShape(channels: 3, height: 32, width: 32)).scratchSettings
    #expect(abs(fitted.learningRate - 0.01) < 1e-9 && fitted.augmentation.description.contains("flip"))
  }
}
