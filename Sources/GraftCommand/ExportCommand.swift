import ArgumentParser
import GraftExports
import GraftFiles
import GraftNetworks

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a trained model in the format of another program.",
    discussion: """
      Formats: \(ModelFormats.all.map { "\($0.name), \($0.title)" }.joined(separator: "; ")). A checkpoint itself is a \
      safetensors file with PyTorch's names and layouts.

      Examples:
        graft export even.safetensors --format npz
        graft export even.safetensors --format npz --out weights.npz
      """)

  @Argument(help: ArgumentHelp("A checkpoint.", valueName: "file"))
  var file: String

  @Option(help: ArgumentHelp("The format.", valueName: "name"))
  var format: ModelFormatName

  @Option(
    help: ArgumentHelp(
      "The file to write (default: the checkpoint's name with the format's extension).", valueName: "file"))
  var out: String?

  func run() throws {
    let path = out ?? usualPath
    var files = OutputFiles()
    files.reads("the checkpoint", file)
    try files.writes("--out", path)
    let bytes = try format.format.encode(try Checkpoint(contentsOf: file))
    try AtomicFile.write(bytes, to: path, createFolders: true)
    Output.write("written to \(singleLine(path)) (\(grouped(bytes.count)) bytes)\n")
  }

  private var usualPath: String {
    let known = ".safetensors"
    return (file.hasSuffix(known) ? String(file.dropLast(known.count)) : file) + ".\(format.format.name)"
  }
}

/// A format of exports by its name.
struct ModelFormatName: ExpressibleByArgument {
  let format: any ModelFormat

  init?(argument: String) {
    guard let format = ModelFormats.named(argument) else { return nil }
    self.format = format
  }
  static var allValueStrings: [String] { ModelFormats.all.map(\.name) }
}
