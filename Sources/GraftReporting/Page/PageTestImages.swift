import GraftData
import GraftDocuments
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftTraining

/// The test images of a page, numbered as in their file.
struct PageTestImages {
  let dataset: Dataset

  func className(_ number: Int) -> String { dataset.classNames[dataset.labels[number]] }

  /// Whether the images are shown in colour.
  var hasColors: Bool { PageThumbnail.hasColors(dataset.shape) }

  /// The image as PNG.
  func picture(_ number: Int) -> PNGImage {
    PageThumbnail(planes: Array(dataset.image(number)), shape: dataset.shape).png
  }

  /// The most pictures that one matrix shows; nil if they are as small as MNIST's, so that a page has room for all.
  var pictureRoom: Int? {
    let bytes = PageThumbnail.byteCount(of: dataset.shape)
    return bytes <= Self.smallPicture ? nil : Self.pictureBytes / bytes
  }

  /// The most bytes of a small picture: 32 × 32 greys.
  private static let smallPicture = 1 << 10
  /// The most bytes of a matrix's pictures before they are compressed, unless they are small; about 4 MB as text.
  private static let pictureBytes = 3 << 20

  /// The numbers of the images of some classes.
  func numbers(of classes: [Int]) -> [Int] {
    dataset.labels.indices.filter { classes.contains(dataset.labels[$0]) }
  }

  /// The answers of `checkpoint` to the images of `classes`.
  ///
  /// - Throws: If the model has no output for one of them, or outputs that are not finite numbers.
  func answers(of checkpoint: Checkpoint, classes: [Int], threads: Int) throws -> PageAnswers {
    let numbers = numbers(of: classes)
    let chosen = dataset.selecting(images: numbers)
    let logits = try Predictor(checkpoint).logits(of: chosen.rows, threads: threads).checkingOutputs()
    return PageAnswers(
      numbers: numbers, truths: try checkpoint.outputs.outputs(for: chosen.labels), logits: logits,
      outputs: checkpoint.outputs)
  }
}

/// The answers of one model to some test images.
struct PageAnswers {
  /// The number of each image in its file.
  let numbers: [Int]
  /// The outputs that should have won; `predictions` are the outputs that won.
  let truths: [Int]
  let predictions: [Int]
  let outputs: ClassOutputs
  let confusion: ConfusionMatrix
  /// The logits; nil if only the answers were kept.
  private let logits: Matrix?

  init(numbers: [Int], truths: [Int], logits: Matrix, outputs: ClassOutputs) {
    self.init(
      numbers: numbers, truths: truths, predictions: numbers.indices.map(logits.argmax), logits: logits,
      outputs: outputs)
  }

  init(numbers: [Int], truths: [Int], predictions: [Int], logits: Matrix? = nil, outputs: ClassOutputs) {
    (self.numbers, self.truths, self.predictions) = (numbers, truths, predictions)
    (self.logits, self.outputs) = (logits, outputs)
    var confusion = ConfusionMatrix(classCount: outputs.count)
    for (truth, answer) in zip(truths, predictions) { confusion.record(true: truth, predicted: answer) }
    self.confusion = confusion
  }

  /// The probabilities of the outputs; nil if only the answer is known.
  func probabilities(_ row: Int) -> [Float]? { logits?.softmax(row: row) }

  /// The probability of the answer; nil if only the answer is known.
  func sureness(_ row: Int) -> Float? { probabilities(row)?[predictions[row]] }

  /// The rows of the wrong answers, the surest first.
  var mistakes: [(row: Int, sureness: Float)] {
    numbers.indices.filter { predictions[$0] != truths[$0] }
      .map { (row: $0, sureness: sureness($0) ?? 0) }
      .sorted { ($1.sureness, $0.row) < ($0.sureness, $1.row) }
  }

  /// The outputs that occur, and the outputs of `classes` that do not.
  func occurring(also classes: [Int]) -> [Int] {
    Array(Set(confusion.occurring + classes.compactMap { outputs.classes.firstIndex(of: $0) })).sorted()
  }

  /// A table of counts, precision, recall and F1, class by class.
  func metricsTable(also classes: [Int]) -> TextTable {
    let shown = occurring(also: classes)
    return EvaluationReport.metricsTable(confusion.restricted(to: shown), shown.map { outputs.names[$0] })
  }

  /// The share of each class's images that were answered wrongly, in percent; NaN for a class without images.
  func missed(_ classes: [Int]) -> [Double] {
    classes.map { label in
      outputs.classes.firstIndex(of: label).flatMap { confusion.metrics(of: $0).recall }.map { 100 * (1 - $0) } ?? .nan
    }
  }
}
