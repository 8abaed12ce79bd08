import ArgumentParser
import Foundation
import GraftData
import GraftFiles
import GraftNetworks
import GraftReporting
import GraftReproduction
import GraftRunStorage
import GraftStatistics
import GraftTraining
import GraftWorkbench

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Make one HTML page of a reproduction, a study, a checkpoint or a run.",
    discussion: """
      The page is one file that opens anywhere and asks the network for nothing: tables, curves, confusion matrices with \
      their images, and the models themselves, which answer while you draw. reproduce and study leave one in their \
      folder; train and transfer make one with --report.

      Examples:
        graft report
        graft report runs/study --out study.html
        graft report even.safetensors --out even.html
        graft report 3fa9c1 --out run.html
      """)

  /// The name of a page in a folder of results.
  static let usualName = "report.html"

  @Argument(
    help: ArgumentHelp(
      "A folder of reproduce or study, a checkpoint, or the beginning of a run's id.",
      valueName: "folder|file|id"))
  var subject = "runs/reproduce"

  @Option(
    help: ArgumentHelp(
      "The page to write (default: report.html, in the folder where it is of one).", valueName: "file"))
  var out: String?

  @Option(
    name: .customLong("data"),
    help: ArgumentHelp(
      "Data to measure a checkpoint on, or images of a run (default: what it was trained on).", valueName: "name|folder"
    ))
  var dataName: String?

  @OptionGroup var storage: MovedStoreOptions
  @OptionGroup var data: DataOptions
  @OptionGroup var common: RunOptions

  func validate() throws {
    if subject.isEmpty { throw ValidationError("a folder of results, a checkpoint or the id of a run is needed") }
  }

  func run() throws {
    if let out {
      try checkFree(out)
      try AtomicFile.checkWritable(out, createFolders: true)
    }
    let (page, place) = try made()
    let path = out ?? place
    let source = page.source
    try AtomicFile.write(text: source, to: path, createFolders: true)
    let bytes = source.utf8.count
    let document: JSON = [
      "schema_version": 1, "report": .string(path), "title": .string(page.title), "bytes": .integer(bytes),
    ]
    Output.write(
      common.json
        ? document.text(.pretty) + "\n"
        : "\(singleLine(page.title))\nwritten to \(singleLine(path)): \(grouped((bytes + 512) / 1024)) KB, one file\n")
  }

  /// Checks that the page does not replace a file that it is made of.
  private func checkFree(_ path: String) throws {
    var files = OutputFiles()
    files.reads("what it is made of", subject)
    for name in [ReproductionResult.recordName, "results.json", "study.json"] {
      files.reads("what it is made of", "\(subject)/\(name)")
    }
    files.reads("the store", storage.store ?? StoreOptions.usual)
    try files.writes("--out", path)
  }

  /// Makes the page, and gives its default place.
  private func made() throws -> (page: Page, place: String) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: subject, isDirectory: &isFolder) else {
      return (try pageOfRun(), ReportCommand.usualName)
    }
    if !isFolder.boolValue { return (try pageOfCheckpoint(), ReportCommand.usualName) }
    if dataName != nil {
      throw GraftFailure(.usage, "--data is for a checkpoint or a run; the results in \(subject) say what theirs is")
    }
    let place = "\(subject)/\(ReportCommand.usualName)"
    for (name, make) in [
      (ReproductionResult.recordName, pageOfReproduction), ("study.json", pageOfStudy),
    ] where FileManager.default.fileExists(atPath: "\(subject)/\(name)") {
      return (try make("\(subject)/\(name)"), place)
    }
    throw GraftFailure(
      .missingInput,
      "\(subject) has neither \(ReproductionResult.recordName) nor study.json: graft reproduce or graft study makes them"
    )
  }

  private func pageOfReproduction(_ record: String) throws -> Page {
    let result = try ReproductionResult(recordAt: record)
    // Other data under MNIST's names has a name of its own, and cannot be looked for by it.
    let isFindable = result.dataName == "synthetic" || KnownDataset.named(result.dataName) != nil
    let loaded = try data.load(isFindable ? result.dataName : "mnist", isQuiet: common.quiet, threads: common.threads)
    return try ReproductionPage(result, folder: subject, test: loaded.pair.test, threads: common.threads).page
  }

  private func pageOfStudy(_ path: String) throws -> Page {
    let json: JSON
    do {
      json = try JSON(parsing: try readFile(at: path))
    } catch let error as FormatError {
      throw error.at(path: path)
    }
    if let out {
      var files = OutputFiles()
      files.reads("the store", json["store"]?.string)
      try files.writes("--out", out)
    }
    return try StudyCommand.page(of: json, in: subject, store: storage.store, data: data, common: common)
  }

  private func pageOfCheckpoint() throws -> Page {
    let checkpoint = try Checkpoint(contentsOf: subject)
    let test = try data.load(dataName, for: checkpoint, common).pair.test
    try checkpoint.checkShape(of: test, path: subject)
    let classes = try ClassSelection(checkpoint.outputs.trained, of: test.classNames.count).classes
    try test.requireImages(of: classes, in: "test")
    var page = try RunPage(title: subject, checkpoint, test: test, classes: classes, threads: common.threads)
    page.facts = RunPage.facts(of: checkpoint, path: subject, digest: try SHA256Digest.hex(ofFileAt: subject))
    return page.page
  }

  private func pageOfRun() throws -> Page {
    guard subject.count >= 4, subject.allSatisfy(\.isHexDigit) else {
      throw GraftFailure(.missingInput, "\(subject): no folder of results, no checkpoint, and not the id of a run")
    }
    let runs = try RunStore(path: storage.store ?? StoreOptions.usual, access: .readOnly)
    let record = try runs.record(withIDPrefix: subject)
    return RunPage(
      record, testSet: try runs.testSet(of: record), test: try testImages(of: record.trial)
    ).page
  }

  /// The images that a run was measured on. If no flag names them, they are only for show: nothing is downloaded, and
  /// the page does without.
  private func testImages(of trial: Trial) throws -> Dataset? {
    if let dataName { return try data.load(dataName, isQuiet: common.quiet, threads: common.threads).pair.test }
    var here = data
    here.offline = true
    let name = DomainName.split(trial.target, usual: trial.target).data
    return try? here.load(name, isQuiet: true, threads: common.threads).pair.test
  }
}
