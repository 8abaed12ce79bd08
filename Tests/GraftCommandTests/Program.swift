import Foundation
import GraftData
import GraftFiles
import Testing

/// The built program, run as a user runs it.
struct Program {
  struct Result {
    let code: Int32
    let output: String
    let errors: String
    /// Lines on standard error.
    var errorLines: [Substring] { errors.split(separator: "\n") }
  }

  /// Beside the test bundle, where SwiftPM leaves executables.
  static var path: String {
    var folder = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
    for _ in 0..<6 where !FileManager.default.isExecutableFile(atPath: folder.appendingPathComponent("graft").path) {
      folder.deleteLastPathComponent()
    }
    return folder.appendingPathComponent("graft").path
  }

  /// Runs the program with nothing of the caller's data environment.
  static func run(_ arguments: [String], environment: [String: String] = [:], in folder: String? = nil) throws -> Result
  {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    var variables = ProcessInfo.processInfo.environment
    for name in ["GRAFT_DATA", "XDG_CACHE_HOME", "KERAS_HOME", "COLUMNS"] { variables[name] = nil }
    process.environment = variables.merging(environment) { $1 }
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    let output = try temporaryFile()
    let errors = try temporaryFile()
    defer { for url in [output.url, errors.url] { try? FileManager.default.removeItem(at: url) } }
    process.standardOutput = output.handle
    process.standardError = errors.handle
    process.standardInput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return Result(
      code: process.terminationStatus, output: try String(contentsOf: output.url, encoding: .utf8),
      errors: try String(contentsOf: errors.url, encoding: .utf8))
  }

  private static func temporaryFile() throws -> (url: URL, handle: FileHandle) {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("graft-test-\(UUID().uuidString)")
    try Data().write(to: url)
    return (url, try FileHandle(forWritingTo: url))
  }
}

/// A folder that is gone after the test.
struct TemporaryFolder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent("graft-test-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  func file(_ name: String) -> String { "\(path)/\(name)" }
  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: file(name)) }
  var names: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() } }
  func remove() { try? FileManager.default.removeItem(atPath: path) }
}

/// Ten classes of 28×28 images that a small network learns at once: a bright bar whose place is the class, with some
/// noise that depends on the image.
enum TinyDigits {
  /// - Parameters:
  ///   - train: Training images per class.
  ///   - classes: Those that have images.
  ///   - side: Height and width.
  static func write(
    to folder: String, train: Int = 40, test: Int = 10, classes: [Int] = Array(0..<10), side: Int = 28
  ) throws {
    for (prefix, count) in [("train", train), ("t10k", test)] {
      var pixels: [UInt8] = []
      var labels: [UInt8] = []
      for index in 0..<count * classes.count {
        let label = classes[index % classes.count]
        labels.append(UInt8(label))
        for row in 0..<side {
          for column in 0..<side {
            let isBar = row * 14 / side == label + 2 && column * 28 > 4 * side && column * 28 < 24 * side
            // Of another pattern than in training: no test image is a training image.
            let noise =
              prefix == "train"
              ? (index * 31 + row * 17 + column * 13) % 23 == 0 : (index * 31 + row * 19 + column * 11 + 5) % 29 == 0
            pixels.append(isBar ? 200 : noise ? 90 : 0)
          }
        }
      }
      let images = try IDXFile(dimensions: [count * classes.count, side, side], bytes: pixels)
      try AtomicFile.write(images.encoded(), to: "\(folder)/\(prefix)-images-idx3-ubyte", createFolders: true)
      let names = try IDXFile(dimensions: [count * classes.count], bytes: labels)
      try AtomicFile.write(names.encoded(), to: "\(folder)/\(prefix)-labels-idx1-ubyte")
    }
  }
}
