import ArgumentParser
import Foundation
import GraftData
import GraftExports
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftStatistics
import GraftTraining

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a trained model in the format of another program.",
    discussion: """
      Formats: \(ModelFormats.all.map { "\($0.name), \($0.title)" }.joined(separator: "; ")). A checkpoint itself is a \
      safetensors file with PyTorch's names and layouts.

      --quantize measures what rounding the weights to 8 bits costs, on the test images that graft evaluate would take.

      Examples:
        graft export even.safetensors --format onnx
        graft export even.safetensors --format pytorch --out even
        graft export even.safetensors --format c --quantize --out even.h
        graft export even.safetensors --format npz --out weights.npz
      """)

  @Argument(help: ArgumentHelp("A checkpoint.", valueName: "file"))
  var file: String

  @Option(help: ArgumentHelp("The format.", valueName: "name"))
  var format: ModelFormatName

  @Option(
    help: ArgumentHelp(
      "The file or folder to write (default: the checkpoint's name with the format's ending).", valueName: "path"))
  var out: String?

  @Flag(help: "Give logits instead of probabilities (\(ModelFormats.names(fulfilling: .logits))).")
  var logits = false

  @Flag(
    help:
      "Round the weights to 8 bits with a scale for each output, and measure the cost (\(ModelFormats.names(fulfilling: .quantized)))."
  )
  var quantize = false

  @Option(
    name: .customLong("data"),
    help: ArgumentHelp(
      "With --quantize, the data to measure on: a known data set, \(DatasetFormats.titles) (default: what it was trained on).",
      valueName: "name|folder"))
  var dataName: String?

  @OptionGroup var data: DataOptions
  @OptionGroup var common: RunOptions

  func run() throws {
    let format = format.format
    let wishes = try wishes(of: format)
    if !quantize, let flag = dataName != nil ? "--data" : data.givenFlags.first {
      throw GraftFailure(.usage, "\(flag) is for --quantize, which measures; without it an export reads no data")
    }
    let path = out ?? stem + format.product.ending
    let checkpoint = try Checkpoint(contentsOf: file)
    let exported = try ExportedModel(checkpoint, name: lastPart(stem), wishes: wishes)
    let encoded = try format.encode(exported)
    var files = OutputFiles()
    files.reads("the checkpoint", file)
    let places = encoded.map { $0.path.isEmpty ? path : "\(path)/\($0.path)" }
    for place in places { try files.writes("--out", place) }
    for place in places { try AtomicFile.checkWritable(place, createFolders: true) }
    let cost = quantize ? try cost(of: checkpoint) : nil
    for (place, content) in zip(places, encoded) {
      try AtomicFile.write(content.bytes, to: place, createFolders: true)
    }
    write(places, encoded, cost)
  }

  /// - Throws: If the format knows nothing of a flag.
  private func wishes(of format: any ModelFormat) throws -> Set<ExportWish> {
    var wishes: Set<ExportWish> = []
    for (flag, wish, isSet) in [("--logits", ExportWish.logits, logits), ("--quantize", .quantized, quantize)]
    where isSet {
      guard format.wishes.contains(wish) else {
        throw GraftFailure(
          .usage, "\(flag) is not for the format \(format.name), but for \(ModelFormats.names(fulfilling: wish))")
      }
      wishes.insert(wish)
    }
    return wishes
  }

  /// Right answers on the test images with the weights as they are and with 8 bits.
  private func cost(of checkpoint: Checkpoint) throws -> (before: Tally, after: Tally) {
    let loaded = try data.load(dataName, for: checkpoint, common)
    try checkpoint.checkShape(of: loaded.pair.test, path: file)
    let test = try loaded.pair.test.selecting(
      ClassSelection(checkpoint.outputs.trained, of: loaded.pair.test.classNames.count))
    let labels = try checkpoint.outputs.outputs(for: test.labels)
    func tally(_ checkpoint: Checkpoint) -> Tally {
      let logits = Predictor(checkpoint).logits(of: test.rows, threads: common.threads)
      return Evaluation(logits: logits, labels: labels).accuracy
    }
    return (tally(checkpoint), tally(checkpoint.quantized))
  }

  private func write(_ places: [String], _ encoded: [ExportedFile], _ cost: (before: Tally, after: Tally)?) {
    if common.json {
      var json = JSON.Object()
      json["schema_version"] = 1
      json["format"] = .string(format.format.name)
      json["files"] = .array(
        zip(places, encoded).map { ["path": .string($0), "bytes": .integer($1.bytes.count)] })
      if let cost {
        json["quantization"] = [
          "images": .integer(cost.before.images), "correct": .integer(cost.before.correct),
          "correct_quantized": .integer(cost.after.correct),
        ]
      }
      Output.write(JSON.object(json).text(.pretty) + "\n")
      return
    }
    for (place, content) in zip(places, encoded) {
      Output.write("written to \(singleLine(place)) (\(grouped(content.bytes.count)) bytes)\n")
    }
    if let cost {
      let (before, after) = (cost.before, cost.after)
      Output.write(
        "with weights of 8 bits \(grouped(after.correct)) of \(grouped(after.images)) test images are right, before "
          + "\(grouped(before.correct)): \(percent(before)) became \(percent(after))\n")
    }
  }

  private func percent(_ tally: Tally) -> String { String(format: "%.2f %%", tally.percent) }

  private var stem: String {
    let known = ".safetensors"
    return file.hasSuffix(known) ? String(file.dropLast(known.count)) : file
  }

  private func lastPart(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }
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
