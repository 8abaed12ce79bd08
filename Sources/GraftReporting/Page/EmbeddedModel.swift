import GraftData
import GraftFiles
import GraftKernelCalls
import GraftMatrices
import GraftNetworks
import GraftTraining

/// A model as a page carries it: batch normalisation folded into the weights, and these rounded to 16 bits.
struct EmbeddedModel {
  let checkpoint: Checkpoint
  /// The name, which may come from a user.
  let name: String

  /// The cost of the rounding against the checkpoint's own 32 bits.
  struct Difference {
    let images: Int
    /// The largest difference in any probability.
    let largest: Float
    /// The number of images whose answer changes.
    let changedAnswers: Int
  }

  /// The checkpoint with the folded and rounded weights that the page has.
  let rounded: Checkpoint

  /// Whether a model would make a page too heavy to open or to send: more than 16 million numbers, which are 45 MB as text.
  static func isTooLarge(_ model: Model) -> Bool { model.parameters.count > 1 << 24 }

  /// A model to embed; nil if a weight is too large for 16 bits.
  init?(_ checkpoint: Checkpoint, name: String) {
    (self.checkpoint, self.name) = (checkpoint, name)
    var model = checkpoint.model.foldingNorms()
    for slice in model.parameters.slices {
      model.setValues(of: slice) { HalfPrecision.single(HalfPrecision.bits(of: $0)) }
    }
    guard model.parameters.slices.allSatisfy({ model.parameters.values(of: $0).allSatisfy(\.isFinite) }) else {
      return nil
    }
    rounded = Checkpoint(
      model: model, normalization: checkpoint.normalization, outputs: checkpoint.outputs, record: checkpoint.record)
  }

  /// Compares the rounded model with the checkpoint.
  ///
  /// - Parameter pixels: One byte a pixel, image after image.
  func difference(on pixels: [UInt8], threads: Int) -> Difference {
    let exact = Predictor(checkpoint).logits(of: pixels, threads: threads)
    let own = Predictor(rounded).logits(of: pixels, threads: threads)
    var largest: Float = 0
    var changed = 0
    for row in 0..<exact.rows {
      if exact.argmax(row: row) != own.argmax(row: row) { changed += 1 }
      for (one, other) in zip(exact.softmax(row: row), own.softmax(row: row)) {
        // A value that is not a number differs from every probability.
        largest = max(largest, (one - other).isFinite ? abs(one - other) : 1)
      }
    }
    return Difference(images: exact.rows, largest: largest, changedAnswers: changed)
  }

  /// Puts the model into a page.
  ///
  /// - Returns: The index of the model in the page.
  func embed(in assets: inout PageAssets) -> Int {
    let model = rounded.model
    let layers = model.layers.map { layer -> JSON in
      func place(_ slice: ParameterSlice) -> JSON {
        .integer(assets.add(weights: model.parameters.values(of: slice).map(HalfPrecision.bits)))
      }
      var object = JSON.Object()
      object["weight"] = place(layer.weight)
      object["bias"] = layer.bias.map(place) ?? .null
      object["reads"] = .integer(layer.input)
      object["adds"] = layer.adding.map(JSON.integer) ?? .null
      object["function"] = .string(layer.function.rawValue)
      object["input"] = Self.shape(layer.inputShape)
      object["map"] = Self.shape(layer.mapShape)
      switch layer.weights {
      case .linear: object["kind"] = "linear"
      case .convolution(let convolution):
        object["kind"] = "convolution"
        object["kernel"] = .integer(convolution.shape.kernel)
        object["stride"] = .integer(convolution.shape.stride)
        object["padding"] = .integer(convolution.windows.padding)
        object["groups"] = .integer(convolution.shape.groups)
      }
      if let pooling = layer.pooling {
        let window = pooling.steps(on: layer.mapShape)
        object["pool"] = [
          "kind": .string(pooling.kind.rawValue), "size": .integer(window.size), "stride": .integer(window.stride),
          "padding": .integer(pooling.padding),
        ]
      }
      return .object(object)
    }
    let outputs = checkpoint.outputs
    let shown = outputs.trained.compactMap { outputs.classes.firstIndex(of: $0) }
    return assets.add(model: [
      "name": .string(name), "about": .string("\(model.architecture)"),
      "mean": .array(checkpoint.normalization.means.map { .number(Double($0)) }),
      "deviation": .array(checkpoint.normalization.deviations.map { .number(Double($0)) }),
      "classes": .array(outputs.names.map(JSON.string)), "shown": .array(shown.map(JSON.integer)),
      "layers": .array(layers),
    ])
  }

  /// The names of the classes that the model was trained on.
  var knownClasses: [String] {
    let outputs = checkpoint.outputs
    return outputs.trained.compactMap { label in outputs.classes.firstIndex(of: label).map { outputs.names[$0] } }
  }

  private static func shape(_ shape: ImageShape) -> JSON {
    .array([shape.channels, shape.height, shape.width].map(JSON.integer))
  }
}
