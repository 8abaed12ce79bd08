import Foundation
import GraftFiles
import GraftMatrices
import GraftNetworks
import Testing

@testable import GraftData
@testable import GraftExports

@Suite("Export as NPZ")
struct NPZExportTests {
  private func checkpoint(_ model: String) throws -> Checkpoint {
    let network = Model(
      try Architecture(parsing: model), inputShape: ImageShape(channels: 1, height: 8, width: 6), classCount: 3, seed: 5
    )
    return Checkpoint(
      model: network, outputs: ClassOutputs(.compact, choosing: [0, 1, 2], of: ["a", "b", "ü"]))
  }

  private func encoded(_ checkpoint: Checkpoint) throws -> [UInt8] {
    let files = try NPZExport().encode(ExportedModel(checkpoint, name: "model"))
    #expect(files.map(\.path) == [""])
    return files[0].bytes
  }

  @Test("every array is there with its name, shape and bits", arguments: ["softmax", "mlp:4,3", "cnn:2c3b-p2-5b"])
  func arrays(model: String) throws {
    let checkpoint = try checkpoint(model)
    let archive = try ZIPArchive(decoding: try encoded(checkpoint))
    let parameters = checkpoint.model.parameters
    #expect(archive.entries.map(\.name) == parameters.slices.map { "\($0.name).npy" } + ["graft.json"])
    for (entry, slice) in zip(archive.entries, parameters.slices) {
      let bytes = try archive.unpack(entry)
      let size = 10 + Int(bytes[8]) + 256 * Int(bytes[9])
      let header = String(decoding: bytes[10..<size], as: UTF8.self)
      let shape = slice.shape.map { "\($0)" }.joined(separator: ", ") + (slice.shape.count == 1 ? "," : "")
      #expect(Array(bytes[..<8]) == [0x93] + Array("NUMPY".utf8) + [1, 0] && size % 64 == 0)
      #expect(
        header.trimmingCharacters(in: .whitespacesAndNewlines)
          == "{'descr': '<f4', 'fortran_order': False, 'shape': (\(shape)), }")
      let words = parameters.values(of: slice).flatMap { value in
        (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
      }
      #expect(Array(bytes[size...]) == words)
    }
    let facts = try JSON(parsing: archive.unpack(try #require(archive.entries.last)))
    #expect(facts["class_names"]?.array?.last?.string == "ü" && facts["input_shape"] == [1, 8, 6])
    #expect(facts["model"]?.string == checkpoint.model.architecture.description)
  }

  @Test("the same model gives the same bytes")
  func bytes() throws {
    #expect(try encoded(checkpoint("mlp:4")) == encoded(checkpoint("mlp:4")))
  }

  @Test("names of formats are different, and each is found by its own")
  func names() {
    #expect(Set(ModelFormats.all.map(\.name)).count == ModelFormats.all.count)
    for format in ModelFormats.all { #expect(ModelFormats.named(format.name)?.title == format.title) }
    #expect(ModelFormats.named("zip") == nil)
  }
}
