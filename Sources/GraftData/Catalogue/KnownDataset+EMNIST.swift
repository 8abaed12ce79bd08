/// EMNIST, letters and digits in six selections, which all come in one archive of 536 MiB.
extension KnownDataset {
  /// The six selections.
  package static let emnist: [KnownDataset] = EMNISTDataset.Split.allCases.map { split in
    KnownDataset(
      name: "emnist-\(split.rawValue)", title: "EMNIST, \(split.title)", classNames: split.classNames,
      files: [
        // SHA-256 and size as in TensorFlow Datasets (url_checksums/emnist.txt), MD5 as in torchvision.
        KnownFile(
          "gzip.zip", size: 561_753_746, sha256: "fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e",
          md5: "58c8d27c78d21e728a6bc7b3cc06412e")
      ],
      mirrors: ["https://biometrics.nist.gov/cs_links/EMNIST/"],
      formats: [EMNISTDataset(split: split)], usualPlaces: ["EMNIST/raw"], cacheName: "emnist",
      licence: "public domain",
      citation: """
        G. Cohen, S. Afshar, J. Tapson, A. van Schaik: EMNIST: an extension of MNIST to handwritten letters. \
        arXiv:1702.05373, 2017
        """)
  }
}

extension EMNISTDataset.Split {
  /// The selection in words.
  var title: String {
    switch self {
    case .byClass: "62 classes"
    case .byMerge: "47 classes"
    case .balanced: "47 classes, balanced"
    case .letters: "letters"
    case .digits: "digits"
    case .mnist: "MNIST's selection"
    }
  }

  /// Names of the classes by label (the publication's table II, and the archive's `emnist-…-mapping.txt`): where a small
  /// letter looks like its capital, both are one class.
  var classNames: [String] {
    let digits = (0...9).map(String.init)
    let capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ".map(String.init)
    switch self {
    case .byClass: return digits + capitals + capitals.map { $0.lowercased() }
    case .byMerge, .balanced: return digits + capitals + "abdefghnqrt".map(String.init)
    case .letters: return capitals
    case .digits, .mnist: return digits
    }
  }
}
