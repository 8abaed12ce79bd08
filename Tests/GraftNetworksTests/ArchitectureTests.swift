import GraftFiles
import GraftNetworks
import Testing

@Suite struct ArchitectureTests {
  @Test(
    "an architecture is read and written as a person would",
    arguments: [
      ("softmax", []), ("mlp:500", [500]), ("mlp:500,300", [500, 300]), ("mlp:1", [1]), ("mlp:65536", [65536]),
      ("mlp:7,6,5,4", [7, 6, 5, 4]),
    ] as [(String, [Int])])
  func good(text: String, units: [Int]) throws {
    let architecture = try Architecture(parsing: text)
    #expect(architecture == Architecture(hiddenUnits: units) && architecture.description == text)
  }

  @Test(
    "anything else is a usage error of one line that names the text",
    arguments: [
      "", "Softmax", "softmax:", "softmax:5", "mlp", "mlp:", "mlp:,", "mlp:5,", "mlp:,5", "mlp:0", "mlp:-1",
      "mlp:65537",
      "mlp:5.0", "mlp:5 ", "mlp: 5", "mlp:a", "mlp:5:6", "mlp:99999999999999999999", "cnn:3", "mlp;500", "mlp:5\n6",
    ])
  func bad(text: String) throws {
    let error = try #require(throws: GraftFailure.self) { try Architecture(parsing: text) }
    #expect(error.kind == .usage)
    #expect(error.description.contains("model '\(text.replacing("\n", with: "\\u{a}"))'"))
    #expect(!error.description.contains("\n"))
  }

  @Test("the named ones are what the study used")
  func named() {
    #expect(Architecture.softmax.description == "softmax" && Architecture.study.description == "mlp:500")
  }
}
