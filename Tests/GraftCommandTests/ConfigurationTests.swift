import Foundation
import GraftFiles
import Testing

@Suite("A configuration file is read to the letter")
struct ConfigurationTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try TinyDigits.write(to: folder.path, train: 10, test: 5, classes: [0, 1, 2, 3])
  }

  private func run(_ text: String, _ command: [String]) throws -> Program.Result {
    try AtomicFile.write(text: text, to: folder.file("c.json"))
    return try Program.run(command + ["--data", folder.path, "--quiet", "--config", folder.file("c.json")])
  }

  private func train(_ text: String, _ flags: [String] = []) throws -> Program.Result {
    try run(text, ["train", "--model", "mlp:4", "--epochs", "1", "--json", "--out", folder.file("m")] + flags)
  }

  @Test(
    "a name that is no setting is refused whatever its value",
    arguments: [
      (#"{"nesterv": false}"#, "Did you mean '--nesterov'?"), (#"{"bogus": null}"#, "graft train has no --bogus"),
      (#"{"learing_rate": 0.1}"#, "Did you mean '--learning-rate'?"), (#"{"no-quiett": false}"#, "quiet"),
      (#"{"config": null}"#, "cannot name another"),
    ])
  func unknown(text: String, expected: String) throws {
    defer { folder.remove() }
    let result = try train(text)
    #expect(result.code == 78 && result.errorLines.count == 1, "\(result.errors)")
    #expect(result.errors.contains(expected), "\(result.errors)")
    #expect(!folder.exists("m"))
  }

  @Test(
    "one setting under two names is a mistake",
    arguments: [
      (#"{"learning_rate": 0.1, "learning-rate": 0.2}"#, #""learning_rate" and "learning-rate" are the same setting"#),
      (#"{"nesterov": true, "no-nesterov": true}"#, #""nesterov" and "no-nesterov" are the same setting"#),
      (#"{"no_quiet": false, "quiet": true}"#, #""no_quiet" and "quiet" are the same setting"#),
    ])
  func twice(text: String, expected: String) throws {
    defer { folder.remove() }
    let result = try train(text)
    #expect(result.code == 78 && result.errorLines.count == 1, "\(result.errors)")
    #expect(result.errors.contains(expected), "\(result.errors)")
  }

  @Test("a switch is true or false, a setting with a value is neither, and null leaves the default")
  func values() throws {
    defer { folder.remove() }
    func nesterov(_ text: String, _ flags: [String] = []) throws -> Bool? {
      let result = try train(text, flags)
      #expect(result.code == 0, "\(text): \(result.errors)")
      return try JSON(parsing: result.output)["settings"]?["nesterov"]?.bool
    }
    #expect(try nesterov(#"{"nesterov": true}"#) == true)
    #expect(try nesterov(#"{"no-nesterov": false}"#) == true)
    for text in [#"{"nesterov": false}"#, #"{"no_nesterov": true}"#] {
      #expect(try nesterov(text) != true, "\(text)")
    }
    #expect(try nesterov(#"{"nesterov": null}"#) == true)
    // The recipe's own, which a file can switch off, and a flag on again.
    #expect(try nesterov(#"{"recipe": "quick"}"#) == true)
    #expect(try nesterov(#"{"recipe": "quick", "nesterov": false}"#) != true)
    #expect(try nesterov(#"{"recipe": "quick", "nesterov": false}"#, ["--nesterov"]) == true)
    for text in [#"{"seed": false}"#, #"{"batch_size": true}"#, #"{"resume": "yes"}"#, #"{"nesterov": 0}"#] {
      let result = try train(text)
      #expect(result.code == 78 && result.errorLines.count == 1, "\(text): \(result.errors)")
    }
  }

  @Test("false switches off what only a --no- flag names")
  func control() throws {
    defer { folder.remove() }
    let source = try Program.run([
      "train", "--data", folder.path, "--classes", "0,1", "--model", "mlp:4", "--epochs", "1", "--quiet", "--out",
      folder.file("s"),
    ])
    #expect(source.code == 0, "\(source.errors)")
    let command = ["transfer", "--from", folder.file("s"), "--classes", "2,3", "--epochs", "1", "--json", "--out"]
    for (place, (text, isThere)) in [
      (#"{"control": false}"#, false), (#"{"no-control": true}"#, false), (#"{"control": true}"#, true),
      (#"{"no_control": false}"#, true), (#"{"control": null}"#, true),
    ].enumerated() {
      let result = try run(text, command + [folder.file("t\(place)")])
      #expect(result.code == 0, "\(text): \(result.errors)")
      #expect((try JSON(parsing: result.output)["control"] != nil) == isThere, "\(text)")
    }
  }
}
