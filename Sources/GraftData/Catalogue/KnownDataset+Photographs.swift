/// Photographs: small ones of many classes, and a folder of large ones.
extension KnownDataset {
  private static let cifarCitation = "A. Krizhevsky: Learning Multiple Layers of Features from Tiny Images. 2009"

  /// CIFAR-10 in its binary version. Size and SHA-256 as in TensorFlow Datasets (url_checksums/cifar10.txt).
  package static let cifar10 = KnownDataset(
    name: "cifar-10", title: "CIFAR-10",
    classNames: ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"],
    files: [
      KnownFile(
        "cifar-10-binary.tar.gz", size: 170_052_171,
        sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
        md5: "c32a1d4ab5d03f1284b67883e8d87530")
    ],
    mirrors: ["https://www.cs.toronto.edu/~kriz/"],
    formats: [CIFARDataset(kind: .ten)], usualPlaces: ["cifar-10-batches-bin", "cifar-10-binary.tar.gz"],
    licence: "not stated", citation: cifarCitation)

  /// CIFAR-100 in its binary version, with its hundred fine classes, whose names are in the archive. Size and SHA-256 as
  /// in TensorFlow Datasets (url_checksums/cifar100.txt).
  package static let cifar100 = KnownDataset(
    name: "cifar-100", title: "CIFAR-100", classNames: (0..<100).map(String.init),
    files: [
      KnownFile(
        "cifar-100-binary.tar.gz", size: 168_513_733,
        sha256: "58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
        md5: "03b5dce01913d631647c71ecec9e9cb8")
    ],
    mirrors: ["https://www.cs.toronto.edu/~kriz/"],
    formats: [CIFARDataset(kind: .hundred)], usualPlaces: ["cifar-100-binary", "cifar-100-binary.tar.gz"],
    licence: "not stated", citation: cifarCitation)

  /// Ants and bees, 397 photographs: the set of PyTorch's tutorial on transfer learning, a small part of ImageNet. SHA-256
  /// as in the repository of PyTorch's tutorials (.jenkins/download_data.py).
  package static let hymenoptera = KnownDataset(
    name: "hymenoptera", title: "Ants and bees", classNames: ["ants", "bees"],
    files: [
      KnownFile(
        "hymenoptera_data.zip", size: 47_286_322,
        sha256: "fbc41b31d544714d18dd1230b1e2b455e1557766e13e67f9f5a7a23af7c02209")
    ],
    mirrors: ["https://download.pytorch.org/tutorial/"],
    formats: [PublishedPictures(folder: "hymenoptera_data")], usualPlaces: [],
    licence: "of the photographers",
    citation: """
      S. Chilamkurthy: Transfer Learning for Computer Vision Tutorial, pytorch.org; J. Deng et al.: ImageNet: A \
      Large-Scale Hierarchical Image Database. CVPR 2009
      """)
}
