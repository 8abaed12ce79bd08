import ArgumentParser
import Foundation
import GraftData
import GraftDocuments
import GraftFiles
import GraftReporting

struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "List, fetch, verify, show and check data sets.",
    discussion: """
      Examples:
        graft data list
        graft data fetch fashion-mnist
        graft data show mnist --images 2
        graft data check photos
      """,
    subcommands: [List.self, Fetch.self, Verify.self, Show.self, Check.self, Cache.self])

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
        return [dataset.name, dataset.title, dataset.size.map(grouped) ?? "not published", dataset.licence, place]
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
          graft data fetch fashion-mnist
          graft data fetch cifar-10
        """)

    @Argument(help: ArgumentHelp("A data set that `graft data list` names.", valueName: "name"))
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
        let isPublished = dataset.file(named: file.name)?.sha256 != nil
        let check = isPublished ? "verified" : "its SHA-256 is kept, since none is published"
        Output.write("\(file.name): \(file.mirror.map { "downloaded from \($0)" } ?? "was there"), \(check)\n")
      }
      Output.write("in \(folder)\nlicence: \(dataset.licence)\nto cite: \(dataset.citation)\n")
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

    @Argument(help: ArgumentHelp("A data set that `graft data list` names.", valueName: "name"))
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
        A terminal that tells by COLORTERM that it has 24-bit colours shows the images in theirs, unless NO_COLOR is set; any \
        other shows characters. --out writes the images to a file instead.

        Examples:
          graft data show mnist
          graft data show synthetic --images 3
          graft data show mnist --augment
          graft data show mnist --augment rotate=30,elastic=6
          graft data show photos --augment photo --out photos.png
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
      defaultAsFlag: "standard",
      help: ArgumentHelp(
        "Draw each image beside augmented ones: standard, photo or small, or effects such as shift=2,flip=0.5. Effects: \(Augmentation.effectNames).",
        valueName: "effects"))
    var augment: String?

    @Option(help: ArgumentHelp("Write the images to this PNG file instead of drawing them.", valueName: "file"))
    var out: String?

    @Flag(help: "Print one JSON document instead of text.")
    var json = false

    @OptionGroup var data: DataOptions

    func validate() throws {
      guard let out else { return }
      guard out.lowercased().hasSuffix(".png") else {
        throw ValidationError("--out writes a PNG file, whose name ends in .png")
      }
      if images == 0 { throw ValidationError("--out and --images 0 exclude each other") }
    }

    func run() throws {
      _ = try augment.map { text in try Augmentation(parsing: text) }
      if let out {
        var files = OutputFiles()
        files.reads("the data", name)
        try files.writes("--out", out)
      }
      let loaded = try data.load(name, isQuiet: false)
      let shape = loaded.pair.train.shape
      let augmentation = try augment.map { text in try Augmentation(parsing: text, for: shape) }
      try augmentation?.check(on: shape)
      let card = DatasetCard(loaded, examples: images, augmentation: augmentation)
      if let out {
        try Show.refuse(out, amongFilesOf: name)
        try AtomicFile.write(card.sheet().encoded(), to: out, createFolders: true)
      }
      let terminal = Terminal.output
      if json {
        Output.write(card.json.text(.pretty) + "\n")
      } else {
        Output.write(card.text(for: terminal, drawsImages: out == nil), to: terminal)
        if let out { Output.write("\nimages: \(singleLine(out))\n") }
      }
    }

    /// Refuses to replace a file in the folder of the data, which may be one of its pictures.
    private static func refuse(_ path: String, amongFilesOf folder: String) throws {
      let isInside = resolvedPath(path).hasPrefix(resolvedPath(folder) + "/")
      if isInside, FileManager.default.fileExists(atPath: path) {
        throw GraftFailure(.usage, "--out is a file in the folder of the data, which would be lost: \(path)")
      }
    }
  }
}
