import GraftFiles
import GraftMatrices
import GraftNetworks
import NumericChecks
import Testing

@testable import GraftExports

@Suite("Export for Core ML")
struct CoreMLExportTests {
  private func model(channels: Int) throws -> ExportedModel {
    let shape = ImageShape(channels: channels, height: 4, width: 5)
    return try ExportedModel(
      Checkpoint(
        model: Model(Architecture(hiddenUnits: [3]), inputShape: shape, classCount: 2, seed: 1),
        outputs: ClassOutputs(.compact, choosing: [0, 1], of: ["a", "b"])), name: "model")
  }

  @Test("images that Core ML does not have are refused, with the reason")
  func channels() throws {
    #expect(
      errorText { try CoreMLExport().encode(model(channels: 2)) }
        == "Core ML's images have one or three channels, those of this model 2: 2x4x5")
    for channels in [1, 3] { #expect(try CoreMLExport().encode(model(channels: channels)).count == 3) }
  }

  @Test("the same model gives the same bytes")
  func bytes() throws {
    let files = try (0..<2).map { _ in try CoreMLExport().encode(model(channels: 3)).map(\.bytes) }
    #expect(files[0] == files[1])
  }
}
