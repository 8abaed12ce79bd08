import GraftData
import GraftFiles

/// Sentences and choices that pages share.
enum PageWords {
  /// A sentence on the cost of carrying models with 16 bits.
  static func rounding(_ differences: [EmbeddedModel.Difference], bytes: Int) -> String {
    let images = differences.first?.images ?? 0
    let largest = differences.map(\.largest).max() ?? 0
    let changed = differences.reduce(0) { $0 + $1.changedAnswers }
    let asked = grouped(differences.reduce(0) { $0 + $1.images })
    let answers =
      changed == 0
      ? "no answer is another one"
      : "\(grouped(changed)) of \(asked) answers \(changed == 1 ? "is another one" : "are other ones")"
    return
      "\(differences.count == 1 ? "The model travels" : "The \(differences.count) models travel") in this page with 16-bit floats, "
      + "\(grouped((bytes + 512) / 1024)) KB in all, and \(differences.count == 1 ? "runs" : "run") in plain JavaScript. Against 32 bits no probability differs by more than "
      + "\(decimals((Double(largest) * 1e5).rounded(.up) / 1e5, 5)) on \(grouped(images)) test images, and \(answers)."
  }

  /// The title of the drawing section, by whether the classes are digits.
  static func drawingTitle(_ classNames: [String]) -> String {
    classNames.allSatisfy { $0.count == 1 && $0.allSatisfy(\.isNumber) } ? "Draw a digit" : "Draw for the model"
  }

  /// The numbers of test images to try, class by class, from all over the file: nobody chose them.
  static func samples(of test: PageTestImages, perClass: Int) -> [Int] {
    test.dataset.classNames.indices.flatMap { label -> [Int] in
      let own = test.numbers(of: [label])
      return (0..<min(perClass, own.count)).map { own[$0 * own.count / perClass] }
    }
  }
}
