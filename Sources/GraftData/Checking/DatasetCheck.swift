import GraftFiles
import GraftMatrices

/// A report on the health of a data set: what is in it, and what is wrong with it.
///
/// Images are compared as they were read, after pictures have been brought to one size. The comparison over the two
/// parts matters most: a test image that is a training image as well is remembered, and makes a model look better than
/// it is.
package struct DatasetCheck: Sendable {
  /// The facts about the training or the test images.
  package struct Part: Sendable {
    /// `training` or `test`.
    package let name: String
    /// Number of images.
    package let count: Int
    /// Number of images of each class, by class index.
    package let countsPerClass: [Int]
    /// The mean of each channel, of pixels scaled to [0, 1].
    package let means: [Double]
    /// The standard deviation of each channel, of pixels scaled to [0, 1].
    package let deviations: [Double]
    /// The smallest and the largest pixel, 0 to 255; nil if there are no images.
    package let range: ClosedRange<UInt8>?

    init(_ name: String, _ dataset: Dataset) {
      self.name = name
      count = dataset.count
      countsPerClass = dataset.countsPerClass
      let moments = dataset.channelMoments
      means = moments.map(\.mean)
      deviations = moments.map(\.deviation)
      range = PixelRange(dataset.rows).map { $0.smallest...$0.largest }
    }
  }

  /// The name of the data.
  package let name: String
  /// The place of the data, as one line.
  package let source: String
  package let shape: ImageShape
  package let classNames: [String]
  package let train: Part
  package let test: Part
  /// The facts about the files of a folder of pictures; nil for other data.
  package let pictures: PictureFacts?
  /// Sentences about what was done to read the data.
  package let notes: [String]
  /// The findings, the warnings before the notes.
  package let findings: [Finding]

  /// Number of findings that are warnings.
  package var warningCount: Int { findings.count { $0.severity == .warning } }

  /// Checks loaded data.
  ///
  /// - Parameter threads: Cores to take; no result depends on it.
  package init(_ data: LoadedData, threads: Int = 1) {
    self.init(data.pair, source: data.source, notes: data.notes, threads: threads)
  }

  /// Checks the images of a pair.
  ///
  /// - Parameters:
  ///   - names: The names of the images in the findings' examples.
  ///   - pictures: The facts about the files, of a folder of pictures.
  ///   - known: Findings about the files.
  init(
    _ pair: DatasetPair, source: String, notes: [String], names: ImageNames = ImageNames(),
    pictures: PictureFacts? = nil, known: [Finding] = [], threads: Int
  ) {
    name = pair.train.name
    self.source = source
    shape = pair.train.shape
    classNames = pair.train.classNames
    train = Part("training", pair.train)
    test = Part("test", pair.test)
    self.pictures = pictures
    self.notes = notes
    let copies = ImageCopies(pair)
    let all =
      known + copies.findings(in: pair, names: names)
      + NearCopies(pair, besides: Set(copies.shared.map(\.test)), threads: threads).findings(in: pair, names: names)
      + DatasetCheck.classFindings(pair) + DatasetCheck.pixelFindings(pair, names: names)
    findings = all.filter { $0.severity == .warning } + all.filter { $0.severity == .note }
  }
}

// MARK: - Before a training

extension DatasetCheck {
  /// Sentences about what is most often wrong with people's own data, for a person to read before a training; empty for
  /// usual data, and for the published data sets, which are what they are.
  ///
  /// - Complexity: O(pixels), with one hash of each image.
  package static func warnings(of pair: DatasetPair) -> [String] {
    let name = pair.train.name
    if name == "synthetic" || KnownDataset.named(name) != nil { return [] }
    let findings = ImageCopies(pair).findings(in: pair, names: ImageNames()) + classFindings(pair)
    return findings.filter { $0.severity == .warning }.map(\.sentence)
  }
}
