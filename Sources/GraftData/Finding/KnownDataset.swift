/// One of the four files of a data set in MNIST's layout; the raw value is its name without `.gz`.
package enum DatasetPart: String, Sendable, Hashable, CaseIterable {
  case trainImages = "train-images-idx3-ubyte"
  case trainLabels = "train-labels-idx1-ubyte"
  case testImages = "t10k-images-idx3-ubyte"
  case testLabels = "t10k-labels-idx1-ubyte"

  /// The names under which it is found: as published, unpacked, and with the dot that some unpackers leave.
  var fileNames: [String] {
    let dotted = rawValue.replacing("-idx", with: ".idx")
    return [rawValue, rawValue + ".gz", dotted, dotted + ".gz"]
  }
}

/// A file of the catalogue, as its authors published it.
package struct KnownFile: Sendable, Hashable {
  /// The part of the data set that this file is.
  package let part: DatasetPart
  /// Size of the packed file in bytes.
  package let size: Int
  /// SHA-256 of the packed file, 64 lower-case hexadecimal digits; downloads are checked against it.
  package let sha256: String
  /// SHA-256 of the unpacked file, if it was computed from the verified packed one.
  package let unpackedSHA256: String?
  /// The MD5 that the authors (or torchvision) publish, for people who compare lists; nothing is checked against it.
  package let md5: String?

  /// A file with its size in bytes and its digests.
  package init(part: DatasetPart, size: Int, sha256: String, unpackedSHA256: String? = nil, md5: String? = nil) {
    self.part = part
    self.size = size
    self.sha256 = sha256
    self.unpackedSHA256 = unpackedSHA256
    self.md5 = md5
  }

  /// Its name on every mirror and in the cache.
  package var name: String { part.rawValue + ".gz" }
}

/// A data set that is known by its name.
package struct KnownDataset: Sendable, Hashable {
  /// The name on the command line and in the cache: `fashion-mnist`.
  package let name: String
  /// The name in a sentence: `Fashion-MNIST`.
  package let title: String
  /// Names of the classes, by label.
  package let classNames: [String]
  /// The four files, in the order of `DatasetPart`.
  package let files: [KnownFile]
  /// Addresses to which a file's name is appended, in the order in which they are tried.
  package let mirrors: [String]
  /// Name of the folder that torchvision gives it: `FashionMNIST`.
  package let torchvisionFolder: String
  /// SHA-256 of the one file that Keras makes of it, `mnist.npz`.
  package let kerasSHA256: String?
  /// Name of the licence.
  package let licence: String
  /// The publication to cite.
  package let citation: String

  /// A data set with its classes, files and mirrors.
  package init(
    name: String, title: String, classNames: [String], files: [KnownFile], mirrors: [String],
    torchvisionFolder: String, kerasSHA256: String? = nil, licence: String, citation: String
  ) {
    self.name = name
    self.title = title
    self.classNames = classNames
    self.files = files
    self.mirrors = mirrors
    self.torchvisionFolder = torchvisionFolder
    self.kerasSHA256 = kerasSHA256
    self.licence = licence
    self.citation = citation
  }

  /// The file that is this part of the data set.
  package func file(_ part: DatasetPart) -> KnownFile? { files.first { $0.part == part } }
}

extension KnownDataset {
  /// All data sets of the catalogue, in the order of its listing.
  package static let all: [KnownDataset] = [mnist, fashionMNIST]

  /// The data set of a name; capitals do not matter, and `_` counts as `-`.
  package static func named(_ name: String) -> KnownDataset? { named(name, in: all) }

  static func named(_ name: String, in catalogue: [KnownDataset]) -> KnownDataset? {
    let name = name.lowercased().replacing("_", with: "-")
    return catalogue.first { $0.name == name }
  }

  /// MNIST, handwritten digits. The authors' own address has answered 403 and 404 for years (torchvision issue 3549),
  /// so the mirrors are torchvision's, the CVDF's and the one that MLX Swift uses.
  package static let mnist = KnownDataset(
    name: "mnist", title: "MNIST", classNames: (0...9).map(String.init),
    files: [
      KnownFile(
        part: .trainImages, size: 9_912_422,
        sha256: "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        unpackedSHA256: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        md5: "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
      KnownFile(
        part: .trainLabels, size: 28881,
        sha256: "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        unpackedSHA256: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        md5: "d53e105ee54ea40749a09fcbcd1e9432"),
      KnownFile(
        part: .testImages, size: 1_648_877,
        sha256: "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        unpackedSHA256: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        md5: "9fb629c4189551a2d022fa330f9573f3"),
      KnownFile(
        part: .testLabels, size: 4542,
        sha256: "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        unpackedSHA256: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        md5: "ec29112dd5afa0611ce80d1b7f02629c"),
    ],
    mirrors: [
      "https://ossci-datasets.s3.amazonaws.com/mnist/",
      "https://storage.googleapis.com/cvdf-datasets/mnist/",
      "https://raw.githubusercontent.com/fgnt/mnist/master/",
    ],
    torchvisionFolder: "MNIST",
    kerasSHA256: "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
    licence: "CC BY-SA 3.0",
    citation: """
      Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: Gradient-based learning applied to document recognition. \
      Proceedings of the IEEE 86(11), 2278-2324, 1998
      """)

  /// Fashion-MNIST, pictures of clothes. The authors' own address has no https, so the mirrors are Keras' and the
  /// authors' repository. MD5 as the authors publish them, sizes and SHA-256 as in TensorFlow Datasets
  /// (url_checksums/fashion_mnist.txt).
  package static let fashionMNIST = KnownDataset(
    name: "fashion-mnist", title: "Fashion-MNIST",
    classNames: [
      "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    ],
    files: [
      KnownFile(
        part: .trainImages, size: 26_421_880,
        sha256: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        md5: "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
      KnownFile(
        part: .trainLabels, size: 29515,
        sha256: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        md5: "25c81989df183df01b3e8a0aad5dffbe"),
      KnownFile(
        part: .testImages, size: 4_422_102,
        sha256: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        md5: "bef4ecab320f06d8554ea6380940ec79"),
      KnownFile(
        part: .testLabels, size: 5148,
        sha256: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        md5: "bb300cfdad3c16e7a12a480ee83cd310"),
    ],
    mirrors: [
      "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
      "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    ],
    torchvisionFolder: "FashionMNIST",
    licence: "MIT",
    citation: """
      H. Xiao, K. Rasul, R. Vollgraf: Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning \
      Algorithms. arXiv:1708.07747, 2017
      """)
}
