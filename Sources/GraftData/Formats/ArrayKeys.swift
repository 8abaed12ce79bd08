import GraftFiles

/// The names of the arrays that are the images and the labels of a data set.
package struct ArrayKeys: Sendable, Hashable {
  /// The names of an array of images and of the array of their labels.
  package struct Pair: Sendable, Hashable {
    package var images: String
    package var labels: String

    package init(images: String, labels: String) {
      self.images = images
      self.labels = labels
    }
  }

  package var train: Pair
  /// The arrays for testing; nil if a share of the training images is for testing.
  package var test: Pair?
  /// The images of a validation part beside a test part, which nothing here uses.
  package var unusedValidation: String?
  /// Whether `test` is a validation part: there is no test part.
  package var testsOnValidation = false

  package init(train: Pair, test: Pair? = nil) {
    self.train = train
    self.test = test
  }
}

// MARK: - Known names

extension ArrayKeys {
  /// A part of a data set.
  private enum Part { case train, validation, test }
  /// The content of an array.
  private enum Content { case images, labels }
  /// The role that a name tells.
  private struct Role: Hashable {
    let part: Part?
    let content: Content
  }

  private static let partWords: [(word: String, part: Part)] = [
    ("training", .train), ("train", .train), ("validation", .validation), ("valid", .validation), ("val", .validation),
    ("dev", .validation), ("testing", .test), ("test", .test),
  ]
  /// Words for images and labels; of two arrays with the same role, the one with the earlier word is meant.
  private static let contentWords: [(word: String, content: Content)] = [
    ("images", .images), ("image", .images), ("imgs", .images), ("img", .images), ("x", .images), ("data", .images),
    ("pixels", .images), ("features", .images), ("labels", .labels), ("label", .labels), ("y", .labels),
    ("targets", .labels), ("target", .labels), ("classes", .labels),
  ]

  /// The role that a name tells, whatever its case and its separators: `x_train`, `X_train`, `trainX`, `train_images`,
  /// `images`; nil for other names.
  private static func role(of name: String) -> (role: Role, rank: Int)? {
    let letters = name.lowercased().filter { $0.isLetter || $0.isNumber }
    func content(_ rest: Substring, of part: Part?) -> (role: Role, rank: Int)? {
      contentWords.firstIndex { $0.word == rest }.map { (Role(part: part, content: contentWords[$0].content), $0) }
    }
    for (word, part) in partWords {
      if letters.hasPrefix(word), let found = content(letters.dropFirst(word.count), of: part) { return found }
      if letters.hasSuffix(word), let found = content(letters.dropLast(word.count), of: part) { return found }
    }
    return content(letters[...], of: nil)
  }

  /// The keys that the names themselves tell; nil if they do not.
  ///
  /// These are known: an array of images and one of labels, each for training, testing and validation or without a
  /// part (Keras' `x_train`, `y_train`, `x_test`, `y_test`; MedMNIST's `train_images`, `val_images`, …; `images` and
  /// `labels`; scikit-learn's `data` and `target`), and the names that NumPy gives to two arrays without one, `arr_0`
  /// and `arr_1`.
  package init?(among names: [String]) {
    var found: [Role: (name: String, rank: Int)] = [:]
    var isAmbiguous: Set<Role> = []
    for name in names {
      guard let (role, rank) = ArrayKeys.role(of: name) else { continue }
      let other = found[role]?.rank ?? .max
      if rank < other { found[role] = (name, rank) }
      if rank <= other { isAmbiguous.remove(role) }
      if rank == other { isAmbiguous.insert(role) }
    }
    guard isAmbiguous.isEmpty else { return nil }
    func pair(_ part: Part?) -> Pair? {
      guard let images = found[Role(part: part, content: .images)]?.name,
        let labels = found[Role(part: part, content: .labels)]?.name
      else { return nil }
      return Pair(images: images, labels: labels)
    }
    // Images for testing without labels are a mistake that is named, not a missing part.
    let hasTest = [Content.images, .labels].contains { found[Role(part: .test, content: $0)] != nil }
    if let train = pair(.train) {
      let (test, validation) = (pair(.test), pair(.validation))
      guard !hasTest || test != nil else { return nil }
      self.init(train: train, test: test ?? validation)
      testsOnValidation = test == nil && validation != nil
      unusedValidation = test == nil ? nil : validation?.images
    } else if let all = pair(nil), !hasTest {
      self.init(train: all)
    } else if names.sorted() == ["arr_0", "arr_1"] {
      self.init(train: Pair(images: "arr_0", labels: "arr_1"))
    } else {
      return nil
    }
  }
}

// MARK: - Text

extension ArrayKeys {
  private static let form = "images=NAME,labels=NAME and perhaps test_images=NAME,test_labels=NAME"

  /// Reads `images=imgs,labels=lab`, and the same with a part:
  /// `train_images=…,train_labels=…,test_images=…,test_labels=…`.
  ///
  /// - Throws: `GraftFailure` of kind `usage` if a role is unknown, missing or there twice.
  package init(parsing text: String) throws(GraftFailure) {
    var names: [Role: String] = [:]
    for item in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let equals = item.firstIndex(of: "="), equals > item.startIndex, item.index(after: equals) < item.endIndex
      else { throw GraftFailure(.usage, "expected \(ArrayKeys.form), found \(quoted(text))") }
      let key = String(item[..<equals])
      guard let role = ArrayKeys.role(of: key)?.role, role.part != .validation else {
        throw GraftFailure(.usage, "expected \(ArrayKeys.form), found the key \(quoted(key))")
      }
      // Without a part, the images are for training.
      let known = Role(part: role.part ?? .train, content: role.content)
      guard names.updateValue(String(item[item.index(after: equals)...]), forKey: known) == nil else {
        throw GraftFailure(.usage, "the key \(quoted(key)) says again which array has the same content as another")
      }
    }
    func pair(_ part: Part) throws(GraftFailure) -> Pair? {
      let (images, labels) = (names[Role(part: part, content: .images)], names[Role(part: part, content: .labels)])
      if let images, let labels { return Pair(images: images, labels: labels) }
      guard images == nil && labels == nil else {
        let missing = images == nil ? "images" : "labels"
        throw GraftFailure(.usage, "\(quoted(text)) does not name the \(part == .test ? "test " : "")\(missing)")
      }
      return nil
    }
    guard let train = try pair(.train) else {
      throw GraftFailure(.usage, "\(quoted(text)) does not name the images and labels for training")
    }
    self.init(train: train, test: try pair(.test))
  }
}
