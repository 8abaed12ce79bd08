import ArgumentParser
import Foundation
import GraftData
import GraftDocuments
import GraftFiles
import GraftReporting

struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "List, fetch, verify and show data sets.",
    discussion: """
      Examples:
        graft data list
        graft data fetch fashion-mnist
        graft data show mnist --images 2
      """,
    subcommands: [List.self, Fetch.self, Verify.self, Show.self])

  /// Finds a known data set by its name.
  static func known(_ name: String) throws -> KnownDataset {
    if let dataset = KnownDataset.named(name) { return dataset }
    if name == "synthetic" {
      throw GraftFailure(.usage, "synthetic is made in memory: there are no files of it to fetch or to verify")
    }
    let meant = DataOptions.meant(by: name, among: KnownDataset.all.map(\.name))
    throw GraftFailure(.usage, "'\(name)' is no data set with published files; \(meant)")
  }
}

extension DataCommand {
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "The data sets that Graft knows, and where they are on this machine.",
      discussion: """
        Examples:
          graft data list
        """)

    @OptionGroup var data: DataOptions

    func run() throws {
      let rows = try KnownDataset.all.map { dataset -> [String] in
        let search = DataSearch(
          dataset: dataset, dataFolder: data.dataFolder, environment: ProcessInfo.processInfo.environment)
        let place: String
        do {
          place = try search.locate().location?.path ?? "not here; graft data fetch \(dataset.name)"
        } catch let failure as GraftFailure where failure.kind == .missingInput {
          place = "not in the folder that was given"
        }
        return [dataset.name, dataset.title, grouped(dataset.files.reduce(0) { $0 + $1.size }), dataset.licence, place]
      }
      let synthetic = ["synthetic", "Built-in synthetic digits", "0", "MIT", "made in memory"]
      let columns: [TextTable.Column] = [
        .init("name", .leading), .init("title", .leading), .init("bytes"), .init("licence", .leading),
        .init("where", .leading),
      ]
      Output.write(TextTable(columns, rows: rows + [synthetic]).terminal() + "\n")
    }
  }

  struct Fetch: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Download a data set into the cache, verified; what is there and right is left alone.",
      discussion: """
        Examples:
          graft data fetch mnist
          graft data fetch fashion-mnist
        """)

    @Argument(help: ArgumentHelp("mnist or fashion-mnist.", valueName: "name"))
    var name: String

    @Flag(help: "Print no progress.")
    var quiet = false

    func run() throws {
      let dataset = try DataCommand.known(name)
      let search = DataSearch(dataset: dataset, environment: ProcessInfo.processInfo.environment)
      guard let folder = search.cacheFolder else {
        throw GraftFailure(.badConfiguration, "neither XDG_CACHE_HOME nor HOME says where to keep data")
      }
      var download = Download(dataset, into: folder)
      download.replacesDamaged = true
      let printer = DownloadPrinter(isQuiet: quiet)
      download.progress = { printer.show($0) }
      download.onWaiting = { printer.note($0) }
      let fetched = try download.run()
      printer.end()
      for file in fetched {
        Output.write("\(file.name): \(file.mirror.map { "downloaded from \($0)" } ?? "was there"), verified\n")
      }
      Output.write("in \(folder)\n")
    }
  }

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Compare the files of a data set with their published SHA-256.",
      discussion: """
        Exits 65 where a file differs, 66 where the data is not on this machine.

        Examples:
          graft data verify mnist
          graft data verify mnist --data-dir ../shared
        """)

    @Argument(help: ArgumentHelp("mnist or fashion-mnist.", valueName: "name"))
    var name: String

    @OptionGroup var data: DataOptions

    func run() throws {
      let dataset = try DataCommand.known(name)
      let loaded: LoadedData
      do {
        loaded = try DatasetPair.load(DataRequest(name: name, dataFolder: data.dataFolder, isOffline: true))
      } catch let failure as GraftFailure where failure.kind == .unavailable {
        throw GraftFailure(.missingInput, failure.message)
      }
      var differing: [String] = []
      for file in loaded.fileDigests {
        let answer = dataset.compare(file.name, file.sha256)
        if answer == .differs { differing.append(file.name) }
        Output.write("\(file.name): \(answer.rawValue) (\(file.sha256))\n")
      }
      guard differing.isEmpty else {
        throw GraftFailure(.badData, "\(differing.joined(separator: ", ")): not the published files")
      }
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print what is in a data set, and draw some images.",
      discussion: """
        Examples:
          graft data show mnist
          graft data show synthetic --images 3
          graft data show mnist --augment
          graft data show mnist --augment rotate=30,elastic=6
          graft data show ~/my-digits --json
        """)

    @Argument(
      help: ArgumentHelp(
        "A known data set, synthetic, \(DatasetFormats.titles).", valueName: "name|folder"))
    var name: String

    @Option(
      parsing: .unconditional,
      help: ArgumentHelp("Images of each class to draw, 0 to 20 (default: 1).", valueName: "n"),
      transform: wholeNumber(0...20))
    var images: Int = 1

    @Option(
      defaultAsFlag: Augmentation.standard.description,
      help: ArgumentHelp(
        "Draw each image beside augmented ones. Effects: shift, rotate, scale, shear, elastic, sigma, thickness, erase.",
        valueName: "effects"))
    var augment: String?

    @Flag(help: "Print one JSON document instead of text.")
    var json = false

    @OptionGroup var data: DataOptions

    func run() throws {
      let augmentation = try augment.map { text in try Augmentation(parsing: text) }
      let card = DatasetCard(
        try data.load(name, isQuiet: false), examples: images, augmentation: augmentation)
      Output.write(json ? card.json.text(.pretty) + "\n" : card.text)
    }
  }
}
