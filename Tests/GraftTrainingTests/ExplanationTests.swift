import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftTraining
import NumericChecks
import Testing

@Suite("Explanations of single answers")
struct ExplanationTests {
  @Test(
    "patches slide from edge to edge in half steps, and every pixel is hidden",
    arguments: [(28, 28), (64, 48), (3, 3), (1, 9), (2, 2), (30, 101), (1, 1)])
  func patches(height: Int, width: Int) {
    let patches = PatchGrid(height: height, width: width)
    #expect(patches.side == max(2, min(height, width) / 7) && patches.step == patches.side / 2)
    var hidden = [Int](repeating: 0, count: height * width)
    for place in 0..<patches.count {
      let (rows, columns) = (patches.rows(place), patches.columns(place))
      #expect(!rows.isEmpty && !columns.isEmpty && rows.upperBound <= height && columns.upperBound <= width)
      for row in rows { for column in columns { hidden[row * width + column] += 1 } }
    }
    #expect(hidden.allSatisfy { $0 > 0 })
    // Of an image with a multiple of the step in each side no place is cut off.
    if height == 28 { #expect(patches.count == 13 * 13 && patches.rows(168) == 24..<28) }
  }

  /// A model of two classes without hidden units, whose first class looks at one pixel of each channel.
  private func checkpoint(
    _ shape: ImageShape, weights: [Int: Float], _ normalization: Normalization
  ) -> Checkpoint {
    var model = Model(Architecture(hiddenUnits: []), inputShape: shape, classCount: 2, seed: 1)
    var values = [Float](repeating: 0, count: 2 * shape.count)
    for (place, weight) in weights { values[place] = weight }
    for slice in model.parameters.slices {
      model.parameters.setValues(of: slice, to: slice.shape.count == 2 ? values : [0, 0])
    }
    return Checkpoint(
      model: model, normalization: normalization,
      outputs: ClassOutputs(.compact, choosing: [0, 1], of: ["seen", "unseen"]), record: JSON.Object())
  }

  @Test("of a model that looks at one pixel, this pixel and the patches over it are all")
  func onePixel() throws {
    let shape = ImageShape(channels: 3, height: 14, width: 14)
    let (pixel, plane) = (5 * 14 + 9, 14 * 14)
    // Channel by channel: two that speak for it and one against.
    let checkpoint = checkpoint(
      shape, weights: [pixel: 3, plane + pixel: -1, 2 * plane + pixel: 2],
      Normalization(means: [0.2, 0.4, 0.6], deviations: [0.5, 0.25, 1]))
    var pixels = (0..<shape.count).map { UInt8(($0 * 37) % 256) }
    (pixels[pixel], pixels[plane + pixel], pixels[2 * plane + pixel]) = (255, 51, 255)
    let explanation = try Explanation(of: pixels, by: checkpoint, threads: 2)
    // 3 · 0.8 / 0.5 - (0.2 - 0.4) / 0.25 + 2 · 0.4
    let logit = Float(6.4)
    #expect(explanation.output == 0 && abs(explanation.saliency[pixel] - logit) < 1e-5)
    #expect(explanation.saliency.enumerated().allSatisfy { $0 == pixel || $1 == 0 })
    #expect(explanation.patches.side == 2 && explanation.patches.step == 1)
    // A patch of the mean makes every number zero, whose probability is a half.
    let fall = explanation.probability - 0.5
    for place in 0..<explanation.patches.count {
      let hides = explanation.patches.rows(place).contains(5) && explanation.patches.columns(place).contains(9)
      #expect(abs(explanation.occlusion[place] - (hides ? fall : 0)) < 2e-3, "\(place)")
    }
    let most = try #require(explanation.mostImportantPatch)
    #expect(explanation.patches.rows(most) == 4..<6 && explanation.patches.columns(most) == 8..<10)
    let ofPixels = explanation.occlusionOfPixels
    #expect(abs(ofPixels[pixel] - fall) < 2e-3 && abs(ofPixels[0]) < 2e-3 && ofPixels.count == plane)
    #expect(try Explanation(of: pixels, by: checkpoint) == explanation)
  }

  @Test("greys are hidden by their background, dark or bright")
  func background() throws {
    let shape = ImageShape(height: 6, width: 6)
    var checkpoint = checkpoint(shape, weights: [14: 4], .unit)
    var pixels = [UInt8](repeating: 0, count: 36)
    pixels[14] = 255
    #expect(try Explanation(of: pixels, by: checkpoint).mostImportantPatch != nil)
    // On white paper a white pixel is nothing.
    checkpoint.record["background"] = "bright"
    #expect(try Explanation(of: pixels, by: checkpoint).mostImportantPatch == nil)
  }

  @Test("weights that are too large are refused, as in an answer")
  func tooLarge() {
    let checkpoint = checkpoint(
      ImageShape(height: 2, width: 2), weights: [0: 3e38, 1: 3e38], .unit)
    #expect(throws: NonFiniteOutputs.self) { try Explanation(of: [255, 255, 0, 0], by: checkpoint) }
  }
}
