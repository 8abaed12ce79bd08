import ArgumentParser
import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftReporting
import GraftTraining

/// The option for the page of a training; the same flag in every command that trains one.
struct PageOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Also make a page of it, one HTML file (graft report).", valueName: "file"))
  var report: String?

  /// Checks the path before hours of training, not after them.
  func check() throws {
    guard let report else { return }
    try AtomicFile.checkWritable(report, createFolders: true)
  }

  func write(_ page: @autoclosure () throws -> Page, _ common: RunOptions) throws {
    guard let report else { return }
    try AtomicFile.write(text: try page().source, to: report, createFolders: true)
    common.note("a page of it is in \(report)")
  }
}

/// The flags of one training.
struct TrainingOptions: ParsableArguments {
  @OptionGroup var how: SettingsOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Hold out this share of the training images and end on the weights that are best there, 0.01 to 0.9.",
      valueName: "share"), transform: number(from: 0.01, upTo: 0.9))
  var validation: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "With --validation: stop when its loss has not fallen for so many epochs, 1 to 100000 (default: 10).",
      valueName: "n"), transform: wholeNumber(1...100_000))
  var patience: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Of weights, shuffles and draws, 0 to 2^64 - 1 (default: 0).", valueName: "n"),
    transform: seedNumber)
  var seed: UInt64 = 0

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Train on this share of each class, greater than 0 and at most 1.", valueName: "share"),
    transform: number(above: 0, upTo: 1))
  var fraction: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Train on this many images of each class, 1 to 100000000.", valueName: "n"),
    transform: wholeNumber(1...100_000_000))
  var perClass: Int?

  @Option(
    help: ArgumentHelp("Also keep the run in this store, for graft runs and graft compare.", valueName: "file"))
  var store: String?

  @Flag(help: "Go on with an interrupted training of the same settings; otherwise begin.")
  var resume = false

  func validate() throws {
    if fraction != nil, perClass != nil { throw ValidationError("--fraction and --per-class exclude each other") }
    if patience != nil, validation == nil { throw ValidationError("--patience needs --validation") }
  }

  /// Whether any flag says how to train: then nothing is chosen, and no head is solved unless that is asked for.
  var saysHow: Bool { how.isGiven || validation != nil }

  /// The given flags for gradient steps: a solved head makes none.
  var stepFlags: [String] {
    how.stepFlags + [("--validation", validation != nil), ("--patience", patience != nil)].filter(\.1).map(\.0)
  }

  var share: Share { fraction.map(Share.fraction) ?? perClass.map(Share.perClass) ?? .all }

  /// The settings of `recipe` with every given flag in its place.
  func settings(over recipe: TrainingSettings, for shape: ImageShape) throws -> TrainingSettings {
    var settings = try how.settings(over: recipe, for: shape)
    settings.seed = seed
    return settings
  }
}
