extension DatasetCheck {
  /// A statement about the data that a person may want to act on.
  package struct Finding: Sendable, Hashable {
    /// The kinds of findings, under their names in JSON.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
      /// Files that cannot be read as pictures.
      case unreadable
      /// Test images that are training images too, byte for byte.
      case sharedImages = "shared_images"
      /// Test images that are copies of training images in another size, quality or brightness.
      case nearCopies = "near_copies"
      /// Equal images under different labels.
      case labelConflicts = "label_conflicts"
      /// Training images that repeat another one.
      case trainingCopies = "training_copies"
      /// Test images that repeat another one.
      case testCopies = "test_copies"
      /// Classes with test images, and none to learn from.
      case unlearnable = "no_training_images"
      /// Classes with training images, and none to measure with.
      case unmeasured = "no_test_images"
      /// Classes without any image.
      case empty = "no_images"
      /// Classes with few training images.
      case tiny = "few_training_images"
      /// A class with many times the training images of another.
      case imbalance
      /// Classes whose names differ in capitals only.
      case similarNames = "similar_names"
      /// Images of one colour.
      case constant = "one_colour"
      /// Images without a bright pixel.
      case nearlyBlack = "nearly_black"
    }

    package enum Severity: String, Sendable, Hashable { case note, warning }

    package let kind: Kind
    package let severity: Severity
    /// Number of images, files or classes that are meant.
    package let count: Int
    /// One sentence without a full stop at its end.
    package let sentence: String
    /// Some of them: paths of pictures, numbers of images from 0, or names of classes.
    package let examples: [String]

    /// A finding with the first examples of those given.
    init(_ kind: Kind, _ severity: Severity, count: Int, _ sentence: String, examples: some Sequence<String>) {
      self.kind = kind
      self.severity = severity
      self.count = count
      self.sentence = sentence
      self.examples = Array(examples.prefix(Finding.mostExamples))
    }

    /// The most examples of a finding.
    static let mostExamples = 5
  }
}

/// The names of images in findings: the paths of pictures, or numbers from 0.
struct ImageNames: Sendable {
  /// Paths of the training images; nil if images have no files of their own.
  var train: [String]?
  /// Paths of the test images; nil if images have no files of their own.
  var test: [String]?
  /// SHA-256 of files by their paths, of those that may have a copy.
  var digests: [String: String] = [:]

  func train(_ index: Int) -> String { train?[index] ?? "training image \(index)" }
  func test(_ index: Int) -> String { test?[index] ?? "test image \(index)" }

  /// Whether a training and a test image are from files with the same bytes.
  func areSameFile(train index: Int, test other: Int) -> Bool {
    guard let one = digests[train(index)], let other = digests[test(other)] else { return false }
    return one == other
  }
}
