import ArgumentParser
import Datasets
import Files
import Foundation
import Networks
import Reporting
import RunStorage
import Studies
import Training

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
      "A folder of reproduce or study, a checkpoint, or the beginning of a run's id (default: runs/reproduce).",
      valueName: "folder|file|id"))
  var subject = "runs/reproduce"

  @Option(
    help: ArgumentHelp(
      "The page to write (default: report.html, in the folder where it is of one).", valueName: "file"))
  var out: String?

  @Option(
    name: .customLong("data"),
    help: ArgumentHelp(
      "Data to measure a checkpoint on (default: what it was trained on).", valueName: "name|folder"))
  var dataName: String?

  @OptionGroup var storage: StoreOptions
  @OptionGroup var data: DataOptions
  @OptionGroup var common: RunOptions

  func run() throws {
    guard out != subject else { throw GraftFailure(.usage, "--out is \(subject) itself, which would be lost") }
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
        : "\(page.title)\nwritten to \(singleLine(path)): \(grouped((bytes + 512) / 1024)) KB, one file\n")
  }

  /// The page, and where it goes if nobody says.
  private func made() throws -> (page: Page, place: String) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: subject, isDirectory: &isFolder) else {
      return (try pageOfRun(), ReportCommand.usualName)
    }
    if !isFolder.boolValue { return (try pageOfCheckpoint(), ReportCommand.usualName) }
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
    let loaded = try data.load(result.dataName, isQuiet: common.quiet, threads: common.threads)
    return try ReproductionPage(result, folder: subject, test: loaded.pair.test, threads: common.threads).page
  }

  private func pageOfStudy(_ path: String) throws -> Page {
    let json: JSON
    do {
      json = try JSON(parsing: try readFile(at: path))
    } catch let error as FormatError {
      throw error.at(path: path)
    }
    guard let arguments = json["arguments"]?.array?.compactMap(\.string), !arguments.isEmpty else {
      throw GraftFailure(.badData, "\(path): it does not say which command made it; run that graft study again")
    }
    return try StudyCommand.page(again: arguments, in: subject, threads: common.threads)
  }

  private func pageOfCheckpoint() throws -> Page {
    let checkpoint = try Checkpoint(contentsOf: subject)
    let test = try data.load(dataName, for: checkpoint, common).pair.test
    try checkpoint.checkShape(of: test, path: subject)
    var page = try RunPage(
      title: subject, checkpoint, test: test, classes: checkpoint.outputs.trained, threads: common.threads)
    page.facts = RunPage.facts(of: checkpoint, path: subject, digest: try SHA256Digest.hex(ofFileAt: subject))
    return page.page
  }

  private func pageOfRun() throws -> Page {
    guard subject.count >= 4, subject.allSatisfy(\.isHexDigit) else {
      throw GraftFailure(.missingInput, "\(subject): no folder of results, no checkpoint, and not the id of a run")
    }
    let runs = try RunStore(path: storage.store, access: .readOnly)
    let record = try runs.record(withIDPrefix: subject)
    // A data set of the run's name may not be here, or be another one: then the page has no images.
    let name = record.trial.target.split(separator: ":").first.map(String.init) ?? record.trial.target
    let test = try? data.load(dataName ?? name, isQuiet: common.quiet, threads: common.threads).pair.test
    return RunPage(record, testSet: try runs.testSet(record.trial.testDigest), test: test).page
  }
}
