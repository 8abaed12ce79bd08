/// MNIST and the data sets that were made to take its place.
extension KnownDataset {
  /// MNIST's four files, each with its size and digests.
  private static func files(
    _ digests: [(size: Int, sha256: String, unpackedSHA256: String?, md5: String)]
  ) -> [KnownFile] {
    zip(DatasetPart.allCases, digests).map { part, file in
      KnownFile(
        part.rawValue + ".gz", size: file.size, sha256: file.sha256, unpackedSHA256: file.unpackedSHA256,
        md5: file.md5)
    }
  }

  static let digits = (0...9).map(String.init)

  /// MNIST, handwritten digits. The authors' own address has answered 403 and 404 for years (torchvision issue 3549),
  /// so the mirrors are torchvision's, the CVDF's and the one that MLX Swift uses.
  package static let mnist = KnownDataset(
    name: "mnist", title: "MNIST", classNames: digits,
    files: files([
      (
        9_912_422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db", "f68b3c2dcbeaaa9fbdd348bbdeb94873"
      ),
      (
        28881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5", "d53e105ee54ea40749a09fcbcd1e9432"
      ),
      (
        1_648_877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7", "9fb629c4189551a2d022fa330f9573f3"
      ),
      (
        4542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2", "ec29112dd5afa0611ce80d1b7f02629c"
      ),
    ]),
    mirrors: [
      "https://ossci-datasets.s3.amazonaws.com/mnist/",
      "https://storage.googleapis.com/cvdf-datasets/mnist/",
      "https://raw.githubusercontent.com/fgnt/mnist/master/",
    ],
    usualPlaces: ["MNIST/raw"],
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
    files: files([
      (
        26_421_880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84", nil,
        "8d4fb7e6c68d591d4c3dfef9ec88bf0d"
      ),
      (
        29515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845", nil,
        "25c81989df183df01b3e8a0aad5dffbe"
      ),
      (
        4_422_102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073", nil,
        "bef4ecab320f06d8554ea6380940ec79"
      ),
      (
        5148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5", nil,
        "bb300cfdad3c16e7a12a480ee83cd310"
      ),
    ]),
    mirrors: [
      "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
      "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    ],
    usualPlaces: ["FashionMNIST/raw"],
    licence: "MIT",
    citation: """
      H. Xiao, K. Rasul, R. Vollgraf: Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning \
      Algorithms. arXiv:1708.07747, 2017
      """)

  private static let kuzushijiCitation = """
    T. Clanuwat, M. Bober-Irizar, A. Kitamoto, A. Lamb, K. Yamamoto, D. Ha: Deep Learning for Classical Japanese \
    Literature. arXiv:1812.01718, 2018
    """

  /// Kuzushiji-MNIST, ten cursive Japanese characters. Sizes and SHA-256 as in TensorFlow Datasets
  /// (url_checksums/kmnist.txt), class names as in torchvision.
  package static let kmnist = KnownDataset(
    name: "kmnist", title: "Kuzushiji-MNIST",
    classNames: ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"],
    files: files([
      (
        18_165_135, "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4", nil,
        "bdb82020997e1d708af4cf47b453dcf7"
      ),
      (
        29497, "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17", nil,
        "e144d726b3acfaa3e44228e80efcd344"
      ),
      (
        3_041_136, "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5", nil,
        "5c965bf0a639b31b8f53240b1b52f4d7"
      ),
      (
        5120, "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c", nil,
        "7320c461ea6c1c855c0b718fb2a4b134"
      ),
    ]),
    mirrors: ["https://codh.rois.ac.jp/kmnist/dataset/kmnist/"],
    usualPlaces: ["KMNIST/raw"],
    licence: "CC BY-SA 4.0", citation: kuzushijiCitation)

  /// Kuzushiji-49: 48 characters and the iteration mark, in the order of the authors' `k49_classmap.csv`. The authors
  /// publish neither sizes nor SHA-256.
  package static let k49 = KnownDataset(
    name: "k49", title: "Kuzushiji-49",
    classNames: """
      a i u e o ka ki ku ke ko sa shi su se so ta chi tsu te to na ni nu ne no ha hi fu he ho ma mi mu me mo ya yu yo \
      ra ri ru re ro wa wi we wo n mark
      """.split(separator: " ").map(String.init),
    files: [
      KnownFile("k49-train-imgs.npz", md5: "7ac088b20481cf51dcd01ceaab89d821"),
      KnownFile("k49-train-labels.npz", md5: "44a8e1b893f81e63ff38d73cad420f7a"),
      KnownFile("k49-test-imgs.npz", md5: "d352e201d846ce6b94f42c990966f374"),
      KnownFile("k49-test-labels.npz", md5: "4da6f7a62e67a832d5eb1bd85c5ee448"),
    ],
    mirrors: ["https://codh.rois.ac.jp/kmnist/dataset/k49/"],
    formats: [NPZDataset()], usualPlaces: ["KMNIST-49", "kuzushiji"],
    licence: "CC BY-SA 4.0", citation: kuzushijiCitation)

  /// QMNIST: MNIST's training images anew from NIST's originals, and all 60,000 test images, of which MNIST kept 10,000.
  package static let qmnist = qmnist(
    name: "qmnist", title: "QMNIST", format: QMNISTDataset(firstTestImage: 0))

  /// QMNIST with the 50,000 test images that MNIST left out. No model was ever chosen by them.
  package static let qmnist50k = qmnist(
    name: "qmnist-50k", title: "QMNIST, the lost test images", format: QMNISTDataset(firstTestImage: 10_000))

  private static func qmnist(name: String, title: String, format: QMNISTDataset) -> KnownDataset {
    KnownDataset(
      name: name, title: title, classNames: digits,
      files: [
        KnownFile("qmnist-train-images-idx3-ubyte.gz", md5: "ed72d4157d28c017586c42bc6afe6370"),
        KnownFile("qmnist-train-labels-idx2-int.gz", md5: "0058f8dd561b90ffdd0f734c6a30e5e4"),
        KnownFile("qmnist-test-images-idx3-ubyte.gz", md5: "1394631089c404de565df7b7aeaf9412"),
        KnownFile("qmnist-test-labels-idx2-int.gz", md5: "5b5b05890a5e13444e108efe57b788aa"),
      ],
      mirrors: ["https://raw.githubusercontent.com/facebookresearch/qmnist/master/"],
      formats: [format], usualPlaces: ["QMNIST/raw"], cacheName: "qmnist",
      licence: "BSD-3-Clause",
      citation: "C. Yadav, L. Bottou: Cold Case: the Lost MNIST Digits. NeurIPS 2019. arXiv:1905.10498")
  }

  /// USPS, digits of 16 x 16 from envelopes, as libsvm's authors keep it.
  package static let usps = KnownDataset(
    name: "usps", title: "USPS", classNames: digits,
    files: [
      KnownFile("usps.bz2", md5: "ec16c51db3855ca6c91edd34d0e9b197"),
      KnownFile("usps.t.bz2", md5: "8ea070ee2aca1ac39742fdd1ef5ed118"),
    ],
    mirrors: ["https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/multiclass/"],
    formats: [USPSDataset()], usualPlaces: ["USPS"],
    licence: "not stated",
    citation: """
      J. J. Hull: A Database for Handwritten Text Recognition Research. IEEE Transactions on Pattern Analysis and Machine \
      Intelligence 16(5), 550-554, 1994
      """)
}
