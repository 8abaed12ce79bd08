import ArgumentParser
import Datasets
import Files
import Foundation
import Matrices
import Networks
import Reporting
import Training

struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Say what images show.",
    discussion: """
      Reads IDX files (all their images), PNG and PGM images and bare bytes, one per pixel; - is standard input. A digit \
      is bright on dark, as in MNIST; --invert turns dark ink on bright paper around. --fit does what MNIST's makers did to \
      a picture of any size: it scales the ink into 20x20, dark or bright as it is, and centres it in 28x28.

      Examples:
        graft predict even.safetensors digit.png
        graft predict even.safetensors photo-1.png photo-2.png --fit
        graft predict even.safetensors --top 3 --json t10k-images-idx3-ubyte.gz
        head -c 784 digit.raw | graft predict even.safetensors -
      """)

  @Argument(help: ArgumentHelp("The checkpoint.", valueName: "file"))
  var file: String

  @Argument(help: ArgumentHelp("Images, or - for standard input.", valueName: "image"))
  var images: [String]

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The most likely classes to print, 1 to 1000 (default: 1).", valueName: "n"),
    transform: wholeNumber(1...1000))
  var top: Int = 1

  @OptionGroup var ensemble: EnsembleOptions

  @Flag(help: "Dark ink on bright paper: turn the values around first.")
  var invert = false

  @Flag(help: "Scale and centre the ink of PNG and PGM pictures of any size as MNIST's.")
  var fit = false

  @Flag(help: "Print one JSON document instead of text.")
  var json = false

  func validate() throws {
    if fit && invert { throw ValidationError("--fit and --invert exclude each other: --fit sees which is the ink") }
  }

  func run() throws {
    let ensemble = try ensemble.ensemble(file)
    let inputs = try images.flatMap { path in
      let bytes = path == "-" ? try readStandardInput() : try readFile(at: path)
      return try ImageInput.read(
        bytes, name: path == "-" ? "standard input" : path, shape: ensemble.inputShape, fits: fit)
    }
    let logits = ensemble.logits(of: inputs.flatMap { invert ? $0.pixels.map { 255 - $0 } : $0.pixels })
    let report = PredictionReport(
      answers: inputs.enumerated().map { ($1.name, logits.softmax(row: $0)) }, classNames: ensemble.outputs.names,
      top: top)
    Output.write(json ? report.json.text(.pretty) + "\n" : report.text)
  }

  private func readStandardInput() throws -> [UInt8] {
    guard let data = try FileHandle.standardInput.readToEnd() else { return [] }
    return Array(data)
  }
}
