import Foundation
import GraftFiles
import GraftMatrices
import GraftNetworks
import NumericChecks
import Testing

@testable import GraftExports

/// Random models under ONNX Runtime, and some of them under the others.
@Suite("Random models in other programs", .enabled(if: Interop.python != nil))
struct InteropTests {
  @Test("1,000 random models answer as here")
  func randomModels() throws {
    let folder = try ScratchFolder()
    var models = RandomModels(seed: 29)
    for number in 0..<1000 {
      let checkpoint = models.next()
      let pixels = models.pixels(4, of: checkpoint.model.inputShape)
      let place = "\(folder.path)/\(number)"
      let logits = checkpoint.model.logits(
        of: checkpoint.normalization.rows(pixels, columns: checkpoint.model.inputShape.count))
      try AtomicFile.write(pixels, to: "\(place)/pixels", createFolders: true)
      try AtomicFile.write(logits.flatMap(\.littleEndianBytes), to: "\(place)/logits")
      let exported = try ExportedModel(checkpoint, name: "model")
      // The others take longer.
      for format in ModelFormats.all where format.name == "onnx" || number < 50 {
        for file in try format.encode(exported) {
          let path = "\(place)/model\(format.product.ending)" + (file.path.isEmpty ? "" : "/\(file.path)")
          try AtomicFile.write(file.bytes, to: path, createFolders: true)
        }
      }
    }
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/../Interop/check_random.py"
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(Interop.python))
    process.arguments = [script, folder.path]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(text)")
    let counts = try JSON(parsing: text)
    #expect(counts["problems"] == [], "\(text)")
    #expect(counts["onnx"] == 1000 && counts["pytorch"] == 50 && counts["c"] == 50 && counts["coreml"] == 50, "\(text)")
  }

  @Test("protoc reads what the writer of protocol buffers writes")
  func protoc() throws {
    let message = ProtocolBuffer.message { message in
      message.add(1, 300)
      message.add(2, -1)
      message.add(3, "naïve")
      message.add(4, Float(1.5))
      message.add(5, -0.1)
      message.add(100, .message { $0.add(536_870_911, 0) })
      message.add(7, packed: [1, 128, 1 << 40])
      message.add(8, packed: [0.25, -2] as [Float])
    }
    let folder = try ScratchFolder()
    let schema = """
      syntax = "proto2";
      message Inner { optional int64 last = 536870911; }
      message Outer {
        optional int32 small = 1; optional int64 negative = 2; optional string text = 3; optional float single = 4;
        optional double wide = 5; repeated int64 list = 7 [packed = true]; repeated float floats = 8 [packed = true];
        optional Inner inner = 100;
      }
      """
    try AtomicFile.write(text: schema, to: "\(folder.path)/outer.proto")
    try AtomicFile.write(message.bytes, to: "\(folder.path)/message")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["protoc", "--decode=Outer", "-I", folder.path, "\(folder.path)/outer.proto"]
    process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: "\(folder.path)/message"))
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(
      text == """
        small: 300
        negative: -1
        text: "na\\303\\257ve"
        single: 1.5
        wide: -0.1
        list: 1
        list: 128
        list: 1099511627776
        floats: 0.25
        floats: -2
        inner {
          last: 0
        }

        """)
  }
}

private enum Interop {
  /// The Python that has the other programs; Scripts/check-interop names it.
  static var python: String? { ProcessInfo.processInfo.environment["GRAFT_INTEROP"] }
}
