import GraftFiles

/// The labels of images as a file has them, before they are the indices of classes.
enum RawLabels {
  case numbers([Int])
  /// Indices out of `classes`, whether all of them occur or not.
  case oneHot([Int], classes: Int)
  case words([String])

  /// The largest number that is a label.
  static let largest = 65_535

  /// Labels in text: numbers if all of them are whole numbers.
  init(texts: [String]) {
    var numbers: [Int] = []
    numbers.reserveCapacity(texts.count)
    for text in texts {
      guard let number = Int(text), (0...RawLabels.largest).contains(number) else {
        self = .words(texts)
        return
      }
      numbers.append(number)
    }
    self = .numbers(numbers)
  }

  var count: Int {
    switch self {
    case .numbers(let numbers), .oneHot(let numbers, _): numbers.count
    case .words(let words): words.count
    }
  }

  /// A number that is a label; nil if it has a fraction, is not finite, or is not from 0 to `largest`.
  static func number(_ value: Double) -> Int? {
    guard value >= 0, value <= Double(largest), value == value.rounded(.towardZero) else { return nil }
    return Int(value)
  }

  /// The words of the labels, numbers in digits.
  fileprivate var words: [String] {
    switch self {
    case .numbers(let numbers), .oneHot(let numbers, _): numbers.map(String.init)
    case .words(let words): words
    }
  }

  /// The numbers; nil if they are words.
  fileprivate var numbers: [Int]? {
    switch self {
    case .numbers(let numbers), .oneHot(let numbers, _): numbers
    case .words: nil
    }
  }

  fileprivate var classes: Int? {
    guard case .oneHot(_, let classes) = self else { return nil }
    return classes
  }
}

/// Class indices for the labels of a data set's parts.
struct ClassIndices {
  /// A class index for each image of training.
  let train: [Int]
  /// A class index for each image of the test part; nil if there is none.
  let test: [Int]?
  /// Names by index; nil if the labels are the indices themselves.
  let names: [String]?
  /// Sentences about labels that were not indices.
  let remarks: [String]
  /// A sentence about numbers that are no label, if most of those from 0 to the largest are none; nil otherwise.
  let gaps: String?

  /// Numbers from 0 on are indices. Other numbers are names of classes, which are in the order of the numbers; words
  /// are in the order of their letters.
  ///
  /// - Throws: `FormatError` if there are more classes than labels can tell apart.
  init(train: RawLabels, test: RawLabels?) throws(FormatError) {
    guard let trainNumbers = train.numbers, let testNumbers = test.map(\.numbers) ?? [] else {
      let (trainWords, testWords) = (train.words, test?.words)
      let sorted = Set(trainWords).union(testWords ?? []).sorted()
      guard sorted.count <= RawLabels.largest + 1 else {
        throw .expected("at most \(RawLabels.largest + 1) classes", found: "\(sorted.count) different labels")
      }
      self.train = indices(trainWords, in: sorted)
      self.test = testWords.map { indices($0, in: sorted) }
      names = sorted.map(singleLine)
      (remarks, gaps) = ([], nil)
      return
    }
    let values = Set(trainNumbers).union(testNumbers)
    let most = max(train.classes ?? 0, test?.classes ?? 0)
    if most > 0 || values.min() ?? 0 == 0 {
      self.train = trainNumbers
      self.test = test == nil ? nil : testNumbers
      // A class that never occurs is one of the classes of one-hot labels all the same.
      let largest = values.max() ?? 0
      names = most > largest + 1 ? (0..<most).map(String.init) : nil
      remarks = []
      gaps =
        most == 0 && values.count * 2 <= largest
        ? "the labels leave gaps: \(grouped(values.count)) of the numbers from 0 to \(grouped(largest)) are labels"
        : nil
      return
    }
    let sorted = values.sorted()
    self.train = indices(trainNumbers, in: sorted)
    self.test = test == nil ? nil : indices(testNumbers, in: sorted)
    names = sorted.map(String.init)
    gaps = nil
    remarks = [
      sorted.count == 1
        ? "all labels are \(sorted[0]): it is the name of the only class"
        : "the labels begin at \(sorted[0]): they are names of \(sorted.count) classes, from \(sorted[0]) to "
          + "\(sorted[sorted.count - 1]), and not indices"
    ]
  }
}

/// The place of each label in the list of all.
private func indices<Label: Hashable>(_ labels: [Label], in classes: [Label]) -> [Int] {
  let index = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($0.element, $0.offset) })
  return labels.map { index[$0] ?? 0 }
}
