import GraftMatrices

/// The features of labelled images, reduced to the sums that the scores of features need.
struct LabelledFeatures {
  /// The classes that have images.
  let present: [Int]
  /// The number of images of each present class.
  let counts: [Int]
  /// The spectrum of the features as they are, for LogME.
  let raw: LabelSpectrum
  /// The spectrum of the features less their mean, for the H-score.
  let centred: LabelSpectrum
  /// ‖x - mean‖² for each image.
  let squaredLengths: [Double]
  let images: Int
  let units: Int
  let nearestMeanShare: Double?

  /// Reduces features; nil if there is no image, or not all features are finite.
  init?(_ view: SourceView) {
    let (features, labels) = (view.features, view.labels)
    guard let first = labels.indices.first else { return nil }
    (images, units) = (labels.count, features.columns)
    let n = Double(images)
    // All sums are of differences from one image: a feature that is the same everywhere is then zero to the bit once its
    // mean is taken away, and a large common offset costs no digits.
    let origin = features.doubles(ofRow: first)
    let sums = features.sums(ofGroups: labels, count: view.classCount, minus: origin)
    guard sums.allSatisfy({ $0.allSatisfy(\.isFinite) }) else { return nil }
    let allCounts = labels.reduce(into: [Int](repeating: 0, count: view.classCount)) { $0[$1] += 1 }
    let present = allCounts.indices.filter { allCounts[$0] > 0 }
    let counts = present.map { allCounts[$0] }
    let shift = origin.indices.map { unit in present.reduce(0) { $0 + sums[$1][unit] } / n }
    let mean = zip(origin, shift).map { $0 + $1 }
    if units <= images {
      var products = features.columnProducts(minus: mean)
      let centredSums = zip(present, counts).map { label, count in
        zip(sums[label], shift).map { $0 - Double(count) * $1 }
      }
      centred = LabelSpectrum(columnProducts: products, columnSums: centredSums)
      // FᵀF is the centred features' own plus n · mean · meanᵀ, of which nothing cancels.
      products.addSquare(of: mean, times: n)
      let rawSums = zip(present, counts).map { label, count in
        zip(sums[label], origin).map { $0 + Double(count) * $1 }
      }
      raw = LabelSpectrum(columnProducts: products, columnSums: rawSums)
    } else {
      let indicators = present.map { label in labels.map { $0 == label ? 1.0 : 0 } }
      centred = LabelSpectrum(rowProducts: features.rowProducts(minus: mean), indicators: indicators)
      let nothing = [Double](repeating: 0, count: units)
      raw = LabelSpectrum(rowProducts: features.rowProducts(minus: nothing), indicators: indicators)
    }
    let means = zip(present, counts).map { label, count in
      zip(origin, sums[label]).map { $0 + $1 / Double(count) }
    }
    // The mean of all is one more centre, so that the images are read once.
    let distances = features.squaredDistances(to: means + [mean])
    let width = means.count + 1
    squaredLengths = labels.indices.map { distances[$0 * width + means.count] }
    nearestMeanShare = NearestMean.correctShareLeavingOneOut(
      labels: labels.map { present.firstIndex(of: $0) ?? 0 }, counts: counts, distances: distances, width: width)
    self.present = present
    self.counts = counts
  }
}
