import Foundation
import Testing

@Suite("Help and version")
struct HelpTests {
  static let commands = [
    [], ["reproduce"], ["train"], ["transfer"], ["evaluate"], ["predict"], ["report"], ["data"], ["data", "list"],
    ["data", "fetch"],
    ["data", "verify"], ["data", "show"], ["bench"], ["study"], ["layers"], ["score"], ["compare"], ["runs"],
    ["runs", "list"],
    ["runs", "show"], ["runs", "clean"],
    ["show"], ["export"], ["features"], ["import"], ["doctor"],
  ]

  /// Recorded anew with RECORD_SNAPSHOTS=1.
  @Test("help is what the snapshot says, and shows examples", arguments: HelpTests.commands)
  func help(command: [String]) throws {
    let result = try Program.run(command + ["--help"], environment: ["COLUMNS": "100"])
    #expect(result.code == 0)
    #expect(result.errors.isEmpty)
    #expect(result.output.contains(command.isEmpty ? "Start with:" : "Examples:"))
    let snapshot = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Snapshots/\((["help"] + command).joined(separator: "-")).txt")
    if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1" {
      try result.output.write(to: snapshot, atomically: true, encoding: .utf8)
    }
    #expect(result.output == (try String(contentsOf: snapshot, encoding: .utf8)))
  }

  @Test("--version names program and version")
  func version() throws {
    let result = try Program.run(["--version"])
    #expect(result.code == 0)
    #expect(result.output.wholeMatch(of: /graft \d+\.\d+\.\d+\n/) != nil)
  }
}
