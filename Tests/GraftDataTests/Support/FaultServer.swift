import Foundation

/// The server of `fault_server.py`, as a child process that ends with the tests.
final class FaultServer: Sendable {
  /// One for all tests; nil where python3 is missing.
  static let shared = FaultServer()
  static let isAvailable = find("python3") != nil

  /// Holds the files that are served; goes with the server.
  let folder: String
  private let process: Process
  private let input: Pipe
  private let ports: [Int]

  private init?() {
    guard let python = FaultServer.find("python3") else { return nil }
    // A proxy would answer in the server's place.
    setenv("no_proxy", "127.0.0.1,localhost", 1)
    process = Process()
    input = Pipe()
    let output = Pipe()
    let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("fault_server.py")
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments = [script.path]
    process.standardInput = input
    process.standardOutput = output
    guard (try? process.run()) != nil else { return nil }
    var line = Data()
    while line.last != UInt8(ascii: "\n") {
      guard let byte = try? output.fileHandleForReading.read(upToCount: 1), !byte.isEmpty else { break }
      line += byte
    }
    let fields = String(decoding: line.dropLast(), as: UTF8.self).split(separator: " ", maxSplits: 2)
    guard fields.count == 3 else { return nil }
    ports = fields.prefix(2).compactMap { Int($0) }
    folder = String(fields[2])
    guard ports.count == 2 else { return nil }
  }

  /// A mirror with one fault; `key` keeps the counts of tests apart.
  func mirror(_ fault: String, key: String) -> String { "http://127.0.0.1:\(ports[0])/\(fault)/\(key)/" }

  /// A mirror with a certificate nobody signed; nil where openssl is missing.
  func selfSigned(key: String) -> String? {
    ports[1] == 0 ? nil : "https://127.0.0.1:\(ports[1])/good/\(key)/"
  }

  /// The Range headers of the requests so far, "-" where there was none.
  func requests(_ fault: String, key: String) -> [String] {
    let text = (try? String(contentsOfFile: folder + "/requests.log", encoding: .utf8)) ?? ""
    return text.split(separator: "\n").compactMap {
      let fields = $0.split(separator: " ", maxSplits: 2).map(String.init)
      return fields.count == 3 && fields[0] == fault && fields[1] == key ? fields[2] : nil
    }
  }

  static func find(_ tool: String) -> String? {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return folders.map { "\($0)/\(tool)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }
}
