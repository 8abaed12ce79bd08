/// A data set that is known by its name.
package struct KnownDataset: Sendable {
  /// The name on the command line: `fashion-mnist`.
  package let name: String
  /// The name in a sentence: `Fashion-MNIST`.
  package let title: String
  /// Names of the classes, by label.
  package let classNames: [String]
  /// The published files, in the order in which the first of `formats` reads them.
  package let files: [KnownFile]
  /// Addresses to which a file's name is appended, in the order in which they are tried.
  package let mirrors: [String]
  /// The formats in which it is kept. The first reads the published files, the others read the files of other programs.
  package let formats: [any DatasetFormat]
  /// Folders and files under which other programs keep it in a folder of data sets: `FashionMNIST/raw`.
  package let usualPlaces: [String]
  /// The folder of the cache; data sets that come from the same file share one.
  package let cacheName: String
  /// SHA-256 of the one file that Keras makes of it, `mnist.npz`.
  package let kerasSHA256: String?
  /// Name of the licence.
  package let licence: String
  /// The publication to cite.
  package let citation: String

  /// A data set with its classes, files and mirrors.
  package init(
    name: String, title: String, classNames: [String], files: [KnownFile], mirrors: [String],
    formats: [any DatasetFormat] = [IDXDataset(), NPZDataset()], usualPlaces: [String], cacheName: String? = nil,
    kerasSHA256: String? = nil, licence: String, citation: String
  ) {
    self.name = name
    self.title = title
    self.classNames = classNames
    self.files = files
    self.mirrors = mirrors
    self.formats = formats
    self.usualPlaces = usualPlaces
    self.cacheName = cacheName ?? name
    self.kerasSHA256 = kerasSHA256
    self.licence = licence
    self.citation = citation
  }

  /// The size of all files in bytes; nil if it is not published.
  package var size: Int? {
    files.reduce(0) { sum, file in sum.flatMap { sum in file.size.map { sum + $0 } } }
  }
}

extension KnownDataset {
  /// All data sets of the catalogue, in the order of its listing.
  package static let all: [KnownDataset] =
    [mnist, fashionMNIST, kmnist, k49] + emnist + [qmnist, qmnist50k, usps, cifar10, cifar100, hymenoptera]

  /// The data set of a name; capitals do not matter, and `_` counts as `-`.
  package static func named(_ name: String) -> KnownDataset? { named(name, in: all) }

  static func named(_ name: String, in catalogue: [KnownDataset]) -> KnownDataset? {
    let name = name.lowercased().replacing("_", with: "-")
    return catalogue.first { $0.name == name }
  }
}
