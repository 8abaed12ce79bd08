import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks

/// A trained model that classifies pictures.
///
/// ```swift
/// let classifier = try Classifier(contentsOf: "odd.safetensors")
/// print(try classifier.classify(contentsOf: "seven.png").best)   // 7, 99.1 %
/// ```
public struct Classifier: Sendable {
  private let checkpoint: Checkpoint
  /// The folded network of a published family, made once for all pictures; nil for other models.
  private let program: Program?

  /// A classifier that uses the model of `checkpoint`.
  public init(_ checkpoint: Checkpoint) {
    self.checkpoint = checkpoint
    program = checkpoint.model.runsAsProgram ? Program(checkpoint.model) : nil
  }

  /// A classifier from a checkpoint's file.
  ///
  /// - Throws: `FileFailure` if the file cannot be read; `FormatError` if it is no checkpoint.
  public init(contentsOf path: String) throws { self.init(try Checkpoint(contentsOf: path)) }

  /// A classifier from the bytes of a checkpoint's file.
  ///
  /// - Parameter bytes: A checkpoint's file, from a bundle for example.
  /// - Throws: `FormatError` if they are no checkpoint.
  public init(decoding bytes: [UInt8]) throws { self.init(try Checkpoint(decoding: bytes)) }

  /// The class name of each output.
  public var classNames: [String] { checkpoint.outputs.names }

  /// The shape of the images that the model reads.
  public var inputShape: ImageShape { checkpoint.model.inputShape }

  /// Classifies the picture in a JPEG, PNG, WebP, PGM, PPM or IDX file, or in the bare bytes of one image.
  ///
  /// For a model of colours, and for one that learned from pictures, a picture of any size is fitted as those that the model
  /// learned from were.
  ///
  /// - Parameters:
  ///   - path: The path of the file, which holds one image.
  ///   - framing: Whether a picture of any size is scaled and centred as MNIST's digits were; for models of greys only.
  /// - Throws: `FileFailure` if the file cannot be read, `FormatError` if it is no image of the model's shape,
  ///   ``NonFiniteOutputs``, or a `GraftFailure` if a picture is to be framed that cannot be.
  public func classify(contentsOf path: String, framing: Bool = false) throws -> Classification {
    try classify(decoding: readFile(at: path), name: path, framing: framing)
  }

  /// Classifies the picture in bytes that are in memory.
  ///
  /// - Parameters:
  ///   - bytes: A file of one image as for ``classify(contentsOf:framing:)``, or its pixels, one byte each.
  ///   - name: The picture's name in errors.
  ///   - framing: Whether a picture of any size is scaled and centred as MNIST's digits were.
  public func classify(
    decoding bytes: [UInt8], name: String = "image", framing: Bool = false
  ) throws -> Classification {
    let fitting = try checkpoint.imageFitting(framing: framing)
    let images = try ImageInput.read(bytes, name: name, shape: inputShape, fitting: fitting)
    guard images.count == 1 else {
      throw GraftFailure(.badData, "\(name) holds \(images.count) images, and one is classified at a time")
    }
    let background = checkpoint.learnedBackground
    // Framed ink is bright on black, which a model of dark ink does not know.
    let image = images[0].isFramed && background == .bright ? images[0].inverted : images[0]
    return try classify(image.checked(shape: inputShape, learned: background))
  }

  /// Classifies pixels, one byte each, in the model's shape.
  public func classify(pixels: [UInt8]) throws -> Classification {
    guard pixels.count == inputShape.count else {
      throw GraftFailure(.badData, "the model reads \(inputShape.count) bytes of pixels, \(pixels.count) were given")
    }
    return try classify(ImageInput(name: "image", pixels: pixels))
  }

  private func classify(_ image: ImageInput) throws -> Classification {
    let logits = try logits(of: image.pixels).checkingOutputs()
    let answers = zip(classNames, logits.softmax(row: 0)).map(Classification.Answer.init)
    return Classification(answers: answers.sorted { $0.probability > $1.probability }, doubts: image.doubts)
  }

  private func logits(of pixels: [UInt8]) -> Matrix {
    guard let program else { return Predictor(checkpoint).logits(of: pixels) }
    let inputs = checkpoint.normalization.rows(pixels, columns: inputShape.count)
    return program.outputs(of: inputs, through: program.model.layers.count, threads: 1)
  }
}

/// The answer of a ``Classifier`` to one picture.
public struct Classification: Sendable, Hashable {
  /// A class with its probability.
  public struct Answer: Sendable, Hashable, CustomStringConvertible {
    /// The name of the class.
    public let className: String
    /// Probability, 0 to 1. How far it can be believed is another question, which `graft evaluate` answers for test images.
    public let probability: Float

    init(_ className: String, _ probability: Float) {
      self.className = className
      self.probability = probability
    }

    /// The answer as text, such as `7, 99.1 %`.
    public var description: String { "\(className), \(decimals(100 * Double(probability), 1)) %" }
  }

  /// All classes, the most probable first; at least one.
  public let answers: [Answer]
  /// Reasons not to trust the answers: an empty sheet, two figures, a photograph.
  public let doubts: [ImageDoubt]

  /// The most probable class.
  public var best: Answer { answers[0] }
}
