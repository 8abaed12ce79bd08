import ArgumentParser
import Foundation
import GraftData
import GraftDocuments
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
      Reads JPEG, PNG, WebP, PGM and PPM pictures, folders and .zip files with all pictures below them, IDX, .csv, .npy and .npz \
      files (all their images) and bare bytes, one per pixel; - is standard input.

      A model of colours, or one that learned from pictures, gets each picture in the way of its training: its middle cut out, \
      squashed or padded. Any other model reads greys of its own size: a digit is bright on dark, as in MNIST; --invert turns \
      dark ink on bright paper around. --fit does what MNIST's makers did to a picture of any size: it finds the ink, dark or \
      bright, on paper that may be lit unevenly, scales it into 20x20 and centres it in 28x28. --show draws what the model \
      then reads.

      --explain draws each image beside the pixels that its answer depends on: the slope of the winning output at each pixel \
      times the pixel (gradient x input), and the fall of the probability while a patch hides a place (occlusion); of a network \
      that averages its last feature maps, as resnet18 does, also where they hold evidence (class activation).

      --csv writes ImageId and Label, as Kaggle takes them, for the images of one table or array, and file, label and \
      probability for all others.

      A line on standard error, and "warnings" in --json, name images that are no single figure on plain paper.

      Examples:
        graft predict even.safetensors digit.png
        graft predict even.safetensors photo-1.jpg photo-2.jpg --fit
        graft predict pets.safetensors holiday/ --top 3 --csv pets.csv
        graft predict pets.safetensors cat.jpg --explain --out cat-explained.png
        graft predict digits.safetensors test.csv --csv submission.csv
        head -c 784 digit.raw | graft predict even.safetensors -
      """)

  @Argument(help: ArgumentHelp("The checkpoint.", valueName: "file"))
  var file: String

  @Argument(
    help: ArgumentHelp("Images, folders or .zip files of pictures, or - for standard input.", valueName: "image"))
  var images: [String] = []

  @Option(
    help: ArgumentHelp(
      "Also the images that this text file names, one path a line; - is standard input.", valueName: "file"))
  var list: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The most likely classes to print, 1 to 1000 (default: 1).", valueName: "n"),
    transform: wholeNumber(1...1000))
  var top: Int = 1

  @OptionGroup var ensemble: EnsembleOptions

  @Flag(help: "Dark ink on bright paper: turn the values around first.")
  var invert = false

  @Flag(help: "Scale and centre the ink of pictures of any size as MNIST's.")
  var fit = false

  @Flag(help: "Leave out files that cannot be read, and list them.")
  var skipBad = false

  @Flag(help: "Also draw each image as the model reads it; with --json as rows of numbers.")
  var show = false

  @Flag(help: "Draw the pixels that each answer depends on, of at most 20 images.")
  var explain = false

  @Option(help: ArgumentHelp("Also write the drawings of --explain to this PNG file.", valueName: "file"))
  var out: String?

  @Option(help: ArgumentHelp("Also write the best class of each image to this file, as CSV.", valueName: "file"))
  var csv: String?

  @OptionGroup var common: RunOptions

  /// The most images that are explained.
  private static let mostExplained = 20

  func validate() throws {
    if fit && invert { throw ValidationError("--fit and --invert exclude each other: --fit sees which is the ink") }
    if images.isEmpty && list == nil { throw ValidationError("name images, folders or a --list") }
    if list == "-" && images.contains("-") { throw ValidationError("standard input is either the --list or an image") }
    if explain && (!ensemble.with.isEmpty || ensemble.tta > 1) {
      throw ValidationError("--explain looks into one checkpoint and one view: leave out --with and --tta")
    }
    if let out {
      if !explain { throw ValidationError("--out writes the drawings of --explain, which is missing") }
      guard out.lowercased().hasSuffix(".png") else {
        throw ValidationError("--out writes a PNG file, whose name ends in .png")
      }
    }
  }

  func run() throws {
    let ensemble = try ensemble.ensemble(file)
    let checkpoint = ensemble.members[0]
    let paths = try images + listed()
    try checkOutputs(paths)
    var inputs = try ImageInputs(
      paths, shape: ensemble.inputShape, fitting: checkpoint.imageFitting(framing: fit), threads: common.threads,
      skipsBad: skipBad, standardInput: readStandardInput)
    if inputs.passedOver > 0 {
      common.note(
        inputs.passedOver == 1
          ? "1 file that is no picture is passed over"
          : "\(grouped(inputs.passedOver)) files that are no pictures are passed over")
    }
    let terminal = Terminal.output
    var report = emptyReport(ensemble)
    var answered: [ImageInput] = []
    while let part = try inputs.nextPart() {
      guard !explain || answered.count + part.count <= PredictCommand.mostExplained else {
        throw GraftFailure(.usage, "--explain draws at most \(PredictCommand.mostExplained) images, and there are more")
      }
      let own = try answers(to: part.map { prepared($0, checkpoint) }, by: ensemble, startingAt: answered.count)
      if !common.json { Output.write(own.report.text(for: terminal), to: terminal) }
      if common.json || csv != nil || out != nil {
        report.add(own.report, keepsDrawings: common.json || out != nil)
      }
      // The warnings need no pixels, which would fill the memory.
      answered += own.images.map { ImageInput(name: $0.name, pixels: [], doubts: $0.doubts) }
    }
    try warn(of: inputs.leftOut, among: inputs.count)
    if let csv { try AtomicFile.write(text: report.csv, to: csv, createFolders: true) }
    if let out, let sheet = report.explanationSheet {
      try AtomicFile.write(sheet.encoded(), to: out, createFolders: true)
    }
    if common.json { Output.write(report.json(leftOut: inputs.leftOut).text(.pretty) + "\n") }
    DoubtLines(answered, hint: hint).write()
  }

  // MARK: Answers

  private func emptyReport(_ ensemble: Ensemble) -> PredictionReport {
    PredictionReport(
      classNames: ensemble.outputs.names, top: top, shape: ensemble.inputShape,
      isDrawn: show || (fit && common.json))
  }

  private func prepared(_ input: ImageInput, _ checkpoint: Checkpoint) -> ImageInput {
    let background = checkpoint.learnedBackground
    // Framed ink is bright on black, which a model of dark ink does not know.
    let image = (input.isFramed ? background == .bright : invert) ? input.inverted : input
    return image.checked(shape: checkpoint.model.inputShape, learned: background)
  }

  private func answers(
    to images: [ImageInput], by ensemble: Ensemble, startingAt first: Int
  ) throws -> (report: PredictionReport, images: [ImageInput]) {
    let logits = try named(self.ensemble.path(file)) {
      try ensemble.logits(of: images.flatMap(\.pixels), startingAt: first, threads: common.threads)
    }
    var report = emptyReport(ensemble)
    for (row, image) in images.enumerated() {
      let explanation = try named(file) {
        explain ? try Explanation(of: image.pixels, by: ensemble.members[0], threads: common.threads) : nil
      }
      report.add(image, probabilities: logits.softmax(row: row), explanation: explanation)
    }
    return (report, images)
  }

  private func hint(_ doubt: ImageDoubt) -> String? {
    switch doubt {
    case .darkInk, .brightInk:
      invert ? "--invert turned it around" : "--invert turns it around, --fit also finds, scales and centres the ink"
    default: nil
    }
  }

  /// The most files that were left out and are named.
  private static let mostNamed = 20

  /// - Throws: If no file is left.
  private func warn(of errors: [FormatError], among count: Int) throws {
    guard !errors.isEmpty else { return }
    let rest = errors.count - PredictCommand.mostNamed
    let lines =
      [
        errors.count == 1
          ? "1 file cannot be read and is left out" : "\(grouped(errors.count)) files cannot be read and are left out"
      ] + errors.prefix(PredictCommand.mostNamed).map { "left out: \($0.description)" }
      + (rest > 0 ? ["left out: \(grouped(rest)) more"] : [])
    for line in lines { StandardError.write("warning: \(singleLine(line))\n") }
    if errors.count == count { throw GraftFailure(.badData, "there is no image that can be read") }
  }

  // MARK: Files

  /// The paths in the file of `--list`.
  private func listed() throws -> [String] {
    guard let list else { return [] }
    let bytes = list == "-" ? try readStandardInput() : try readFile(at: list, limit: 256 << 20)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw FormatError(path: list, problem: "expected a path in UTF-8 in each line, found other bytes")
    }
    let paths = text.split(whereSeparator: \.isNewline).map(String.init).filter { $0.contains { !$0.isWhitespace } }
    guard !paths.isEmpty else { throw FormatError(path: list, problem: "expected a path in each line, found none") }
    return paths
  }

  /// Refuses to replace a file that is read, or one in a folder of images.
  private func checkOutputs(_ paths: [String]) throws {
    let outputs = [("--out", out), ("--csv", csv)]
    guard outputs.contains(where: { $0.1 != nil }) else { return }
    var files = OutputFiles()
    for path in [file] + ensemble.with { files.reads("the checkpoint", path) }
    files.reads("--list", list == "-" ? nil : list)
    for path in paths where path != "-" { files.reads("an image", path) }
    for (flag, path) in outputs {
      try files.writes(flag, path)
      guard let path else { continue }
      if FileManager.default.fileExists(atPath: path), let folder = paths.first(where: { isInside(path, $0) }) {
        throw GraftFailure(.usage, "\(flag) is a file in the folder \(folder), which would be lost: \(path)")
      }
      try AtomicFile.checkWritable(path, createFolders: true)
    }
  }

  private func isInside(_ path: String, _ folder: String) -> Bool {
    resolvedPath(path).hasPrefix(resolvedPath(folder) + "/")
  }

  private func readStandardInput() throws -> [UInt8] {
    guard let data = try FileHandle.standardInput.readToEnd() else { return [] }
    return Array(data)
  }
}
