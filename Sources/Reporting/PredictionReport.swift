import Files

/// What a model says of some images, as `graft predict` prints it.
package struct PredictionReport: Sendable {
  private let answers: [(name: String, ranked: [(name: String, probability: Float)])]

  /// - Parameters:
  ///   - answers: For each image its name and the probability of each output.
  ///   - classNames: Of the outputs.
  ///   - top: How many to keep, the most likely first.
  package init(answers: [(String, [Float])], classNames: [String], top: Int) {
    self.answers = answers.map { name, probabilities in
      // Of equals the first output wins, as in an evaluation.
      let order = probabilities.indices.sorted { (-probabilities[$0], $0) < (-probabilities[$1], $1) }
      return (name, order.prefix(top).map { (classNames[$0], probabilities[$0]) })
    }
  }

  /// A line for each image: `digit.pgm  7 99.21 %  9 0.71 %`
  package var text: String {
    answers.map { answer in
      ([singleLine(answer.name)]
        + answer.ranked.map { "\(singleLine($0.name)) \(percent(100 * Double($0.probability))) %" })
        .joined(separator: "  ") + "\n"
    }.joined()
  }

  package var json: JSON {
    [
      "schema_version": 1,
      "images": .array(
        answers.map { answer in
          [
            "image": .string(answer.name),
            "classes": .array(
              answer.ranked.map { ["class": .string($0.name), "probability": .number(Double($0.probability))] }),
          ]
        }),
    ]
  }
}
