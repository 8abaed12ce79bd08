import Foundation
import GraftMatrices
import GraftTraining

extension Reliability {
  /// Counts the answers of softmax(z / T), in `Double`; each row's largest logit is subtracted first, so nothing
  /// overflows.
  ///
  /// The answer is the largest logit's class (`Matrix.argmax(row:)`, the first of equals): no temperature changes it. A
  /// row whose logits give no probabilities (a NaN, or plus infinity) counts as one that knows nothing, with an
  /// infinite loss.
  ///
  /// - Parameters:
  ///   - logits: [images × classes].
  ///   - labels: The true class of each image.
  ///   - temperature: Positive; see `Temperature`.
  package init(logits: Matrix, labels: [Int], temperature: Double = 1) {
    precondition(logits.rows == labels.count, "\(logits.rows) images and \(labels.count) labels")
    precondition(temperature > 0)
    let classes = logits.columns
    var images = [Int](repeating: 0, count: Self.binCount)
    var confidences = [Double](repeating: 0, count: Self.binCount)
    var right = images
    var totalLoss = 0.0
    for (row, label) in labels.enumerated() {
      precondition(label >= 0 && label < classes, "label \(label) is not one of \(classes) classes")
      let answer = logits.argmax(row: row)
      let largest = Double(logits[row, answer])
      // Without the answer's own exp(0), so that a confidence near 1 keeps a loss that is not 0.
      var others = 0.0
      for column in 0..<classes where column != answer {
        others += exp((Double(logits[row, column]) - largest) / temperature)
      }
      let isProbability = largest.isFinite && others.isFinite
      let confidence = isProbability ? 1 / (1 + others) : 1 / Double(classes)
      totalLoss +=
        isProbability ? log1p(others) - (Double(logits[row, label]) - largest) / temperature : .infinity
      let bin = Self.bin(of: confidence)
      images[bin] += 1
      confidences[bin] += confidence
      if answer == label { right[bin] += 1 }
    }
    self.init(
      bins: images.indices.map { Bin(images: images[$0], confidence: confidences[$0], correct: right[$0]) },
      totalLoss: totalLoss)
  }
}
