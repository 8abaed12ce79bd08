import GraftData
import GraftMatrices
import GraftNetworks

/// The pixels that a model's answer to one image depends on, by two methods, or three if the model has a global average.
///
/// Gradient × input multiplies each number that the model reads by the slope of the winning logit there (Shrikumar,
/// Greenside, Shcherbina and Kundaje, "Not Just a Black Box: Learning Important Features Through Propagating Activation
/// Differences", 2016, arXiv 1605.01713). Occlusion hides a patch of the image, place by place, and looks how far the
/// probability of the winning class falls (Zeiler and Fergus, "Visualizing and Understanding Convolutional Networks",
/// ECCV 2014, section 4.2). ``ClassActivations`` show where the last feature maps hold evidence.
package struct Explanation: Sendable, Hashable {
  /// The output that is explained: the winning one.
  package let output: Int
  /// Its probability.
  package let probability: Float
  /// |Σ gradient · input| over the channels of each pixel: [height × width].
  package let saliency: [Float]
  /// The places of the patch.
  package let patches: PatchGrid
  /// Fall of the probability while the patch hides a place, below zero if it rises: [places down × places across].
  package let occlusion: [Float]
  /// The evidence for the winning class in the last feature maps; nil if the model has no global average.
  package let activations: ClassActivations?

  /// Explains a model's answer to an image.
  ///
  /// - Parameters:
  ///   - pixels: One byte a pixel, in the model's shape.
  ///   - threads: Cores that work on it; the bits do not depend on it.
  /// - Throws: If the outputs are not finite numbers.
  /// - Complexity: About 200 answers for a square image; as many more as a longer side has places for the patch.
  package init(of pixels: [UInt8], by checkpoint: Checkpoint, threads: Int = 1) throws(NonFiniteOutputs) {
    let shape = checkpoint.model.inputShape
    precondition(pixels.count == shape.count)
    let predictor = Predictor(checkpoint)
    let logits = try predictor.logits(of: pixels).checkingOutputs()
    let output = logits.argmax(row: 0)
    let probability = logits.softmax(row: 0)[output]
    self.output = output
    self.probability = probability
    saliency = Explanation.saliency(of: pixels, checkpoint, output)
    let patches = PatchGrid(height: shape.height, width: shape.width)
    self.patches = patches
    var falls: [Float] = []
    falls.reserveCapacity(patches.count)
    let fill = checkpoint.emptyPixel
    for start in stride(from: 0, to: patches.count, by: Explanation.batch) {
      let places = start..<min(start + Explanation.batch, patches.count)
      let hidden = places.flatMap { patches.hiding($0, of: pixels, behind: fill) }
      let logits = try predictor.logits(of: hidden, threads: threads).checkingOutputs()
      for row in 0..<places.count { falls.append(probability - logits.softmax(row: row)[output]) }
    }
    occlusion = falls
    activations = ClassActivations.each(of: [(pixels, output)], by: checkpoint)?.first
  }

  /// Hidden images that are answered together.
  private static let batch = 256

  private static func saliency(of pixels: [UInt8], _ checkpoint: Checkpoint, _ output: Int) -> [Float] {
    let shape = checkpoint.model.inputShape
    let input = checkpoint.normalization.rows(pixels, columns: shape.count, sparse: false)
    let (numbers, gradient) = (input.matrix, checkpoint.model.inputGradient(ofLogit: output, of: input))
    let plane = shape.height * shape.width
    return (0..<plane).map { pixel in
      let sum = (0..<shape.channels).reduce(Float(0)) { sum, channel in
        sum + gradient[channel * plane + pixel] * numbers[0, channel * plane + pixel]
      }
      // Slopes of huge weights overflow where the logits do not.
      return sum.isFinite ? abs(sum) : 0
    }
  }

  /// The fall of the probability at each pixel, the mean over the patches that hide it: [height × width].
  package var occlusionOfPixels: [Float] { patches.mean(of: occlusion) }

  /// The place of the patch that makes the probability fall most; nil if it falls nowhere.
  package var mostImportantPatch: Int? {
    occlusion.indices.filter { occlusion[$0] > 0 }.max { (occlusion[$0], $1) < (occlusion[$1], $0) }
  }
}

extension Checkpoint {
  /// The byte of each channel that says nothing: the mean pixel if the model's inputs have it subtracted, else the images'
  /// background.
  fileprivate var emptyPixel: [UInt8] {
    let means = normalization.means == [0] ? [learnedBackground == .bright ? 1 : 0] : normalization.means
    return (0..<model.inputShape.channels).map { channel in
      UInt8(min(max(255 * means[means.count == 1 ? 0 : channel], 0), 255).rounded())
    }
  }
}
