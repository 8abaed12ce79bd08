import ArgumentParser
import Foundation
import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftReporting
import GraftTraining

struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Say what images show.",
    discussion: """
      Reads IDX files (all their images), PNG, JPEG and PGM images and bare bytes, one per pixel; - is standard input. A \
      digit is bright on dark, as in MNIST; --invert turns dark ink on bright paper around. --fit does what MNIST's makers did to \
      a picture of any size: it finds the ink, dark or bright, on paper that may be lit unevenly, scales it into 20x20 and \
      centres it in 28x28. --show draws what the model then reads.

      A line on standard error, and "warnings" in --json, name images that are no single figure on plain paper.

      Examples:
        graft predict even.safetensors digit.png
        graft predict even.safetensors photo-1.jpg photo-2.jpg --fit
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

  @Flag(help: "Scale and centre the ink of PNG, JPEG and PGM pictures of any size as MNIST's.")
  var fit = false

  @Flag(help: "Also draw each image as the model reads it; with --json as rows of numbers.")
  var show = false

  @Flag(help: "Print one JSON document instead of text.")
  var json = false

  func validate() throws {
    if fit && invert { throw ValidationError("--fit and --invert exclude each other: --fit sees which is the ink") }
  }

  func run() throws {
    let ensemble = try ensemble.ensemble(file)
    let shape = ensemble.inputShape
    let background = ensemble.members[0].record["background"]?.string.flatMap(Background.init(rawValue:)) ?? .dark
    let inputs = try images.flatMap { path in
      let bytes = path == "-" ? try readStandardInput() : try readFile(at: path)
      return try ImageInput.read(bytes, name: path == "-" ? "standard input" : path, shape: shape, fits: fit)
    }.map { input in
      // Framed ink is bright on black, which a model of dark ink does not know.
      (input.isFramed ? background == .bright : invert) ? input.inverted : input
    }.map { $0.checked(shape: shape, learned: background) }
    let logits = try named(self.ensemble.path(file)) { try ensemble.logits(of: inputs.flatMap(\.pixels)) }
    let report = PredictionReport(
      answers: inputs.enumerated().map { ($1, logits.softmax(row: $0)) }, classNames: ensemble.outputs.names, top: top,
      drawnWidth: show || (fit && json) ? shape.width : nil)
    Output.write(json ? report.json.text(.pretty) + "\n" : report.text)
    DoubtLines(inputs, hint: hint).write()
  }

  private func hint(_ doubt: ImageDoubt) -> String? {
    switch doubt {
    case .darkInk, .brightInk:
      invert ? "--invert turned it around" : "--invert turns it around, --fit also finds, scales and centres the ink"
    default: nil
    }
  }

  private func readStandardInput() throws -> [UInt8] {
    guard let data = try FileHandle.standardInput.readToEnd() else { return [] }
    return Array(data)
  }
}
