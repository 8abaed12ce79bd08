import ArgumentParser
import Foundation
import GraftDocuments
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftReporting

struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Print the layers of a checkpoint or of a model: shapes, parameters, multiply-adds, what is frozen.",
    discussion: """
      A model is written softmax, mlp:500,300, cnn:small, or as layers joined by hyphens: 16c5 is a convolution of 16 \
      channels with windows of 5x5 (s2 behind it: stride 2, p1: padding 1), p2 max pooling by 2 (a2: average, a: global \
      average), 128 a fully connected layer; a b behind a layer normalises it over the batch.

      Examples:
        graft show even.safetensors
        graft show cnn:small
        graft show cnn:32c3p1b-32c3p1b-p2-64c3p1b-a --input 3x32x32 --outputs 100
      """)

  @Argument(help: ArgumentHelp("A checkpoint, or a model.", valueName: "file|model"))
  var name: String

  @Option(
    help: ArgumentHelp("Of a model: channels x height x width of its images (default: 1x28x28).", valueName: "CxHxW"))
  var input: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Of a model: its classes, 1 to 256 (default: 10).", valueName: "n"),
    transform: wholeNumber(1...256))
  var outputs: Int?

  @Flag(help: "Print one JSON document instead of text.")
  var json = false

  func run() throws {
    let summary = try isModel ? ModelSummary(model()) : ModelSummary(checkpoint())
    Output.write(json ? summary.json.text(.pretty) + "\n" : summary.document.terminal())
  }

  /// Whether the name is written like a model, and there is no file of that name.
  private var isModel: Bool {
    !FileManager.default.fileExists(atPath: name)
      && ["softmax", "mlp", "cnn"].contains(String(name.prefix { $0 != ":" }))
  }

  private func checkpoint() throws -> Checkpoint {
    if input != nil || outputs != nil {
      throw ValidationError("--input and --outputs are for a model; \(name) is a checkpoint, which has its own")
    }
    return try Checkpoint(contentsOf: name)
  }

  private func model() throws -> Model {
    let architecture = try Architecture(parsing: name)
    let shape = try input.map(shape) ?? .mnist
    try architecture.check(on: shape, classCount: outputs ?? 10)
    return Model(architecture, inputShape: shape, classCount: outputs ?? 10, seed: 0)
  }

  private func shape(_ text: String) throws -> ImageShape {
    guard let shape = ImageShape(parsing: text) else {
      throw ValidationError("--input \(text): expected channels x height x width such as 1x28x28, each 1 to 4096")
    }
    return shape
  }
}
