import ArgumentParser
import Foundation
import GraftData
import GraftDocuments
import GraftFiles
import GraftReporting

extension DataCommand {
  struct Check: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Look for what is wrong with a data set: copies, broken pictures, small classes.",
      discussion: """
        Compares every image with every other: those that are in training and test both, byte for byte or in another size, \
        quality or brightness, and those under two labels. Pictures that cannot be read are listed, not refused.

        Exits 0 whatever is found; with --strict 2 if there is a warning.

        Examples:
          graft data check photos
          graft data check photos.zip --json
          graft data check photos --strict
        """)

    @Argument(
      help: ArgumentHelp(
        "A known data set, synthetic, \(DatasetFormats.titles).", valueName: "name|folder"))
    var name: String

    @Flag(help: "Exit 2 if there is a warning.")
    var strict = false

    @Flag(help: "Print one JSON document instead of text.")
    var json = false

    @OptionGroup var data: DataOptions

    func run() throws {
      let check = try check()
      let report = DatasetCheckReport(check)
      Output.write(json ? report.json.text(.pretty) + "\n" : report.document.terminal())
      if strict, check.warningCount > 0 {
        throw GraftFailure(.checkFailed, "\(singleLine(name)): \(report.verdict)")
      }
    }

    private func check() throws -> DatasetCheck {
      let threads = ProcessInfo.processInfo.activeProcessorCount
      if name == "synthetic" {
        return DatasetCheck(
          LoadedData(
            pair: DatasetPair.syntheticDigits(threads: threads), source: "built-in synthetic digits", fileDigests: []),
          threads: threads)
      }
      guard KnownDataset.named(name) != nil || FileManager.default.fileExists(atPath: name) else {
        throw GraftFailure(.missingInput, DataOptions.unknownName(name))
      }
      let printer = DownloadPrinter(isQuiet: false)
      defer { printer.end() }
      var request = DataRequest(
        name: name, dataFolder: data.dataFolder, isOffline: data.offline, progress: { printer.show($0) })
      request.options = data.reading.options(threads: threads, shape: nil)
      if let check = try DatasetCheck.pictures(request) { return check }
      var loaded = try DatasetPair.load(request)
      if let wanted = data.reading.shape(of: loaded.pair.train.shape) {
        loaded.pair = try loaded.pair.brought(to: wanted)
      }
      return DatasetCheck(loaded, threads: threads)
    }

    /// Sentences to print before a training with data of a name; the last one tells how to learn more.
    static func warnings(of pair: DatasetPair, named name: String) -> [String] {
      var warnings = DatasetCheck.warnings(of: pair)
      if let last = warnings.popLast() {
        warnings.append("\(last); graft data check \(ShellText.quoted(name)) tells more")
      }
      return warnings
    }
  }
}
