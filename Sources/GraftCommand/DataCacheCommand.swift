import ArgumentParser
import Foundation
import GraftData
import GraftDocuments
import GraftFiles

extension DataCommand {
  struct Cache: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the decoded pictures that are kept, or remove them.",
      discussion: """
        Pictures of a folder are decoded once and kept in $XDG_CACHE_HOME/graft/decoded, else in ~/.cache/graft/decoded. If \
        they would take more room than the bound, those that were used longest ago go first.

        Examples:
          graft data cache
          graft data cache --clear
        """)

    @Flag(help: "Remove all of them.")
    var clear = false

    func run() throws {
      guard let folder = DecodedCacheFolder(environment: ProcessInfo.processInfo.environment) else {
        throw GraftFailure(.badConfiguration, "neither XDG_CACHE_HOME nor HOME says where decoded pictures are kept")
      }
      let place = singleLine(folder.path)
      let files = try folder.list()
      let total = files.reduce(0) { $0 + $1.size }
      if clear {
        let freed = try folder.clear()
        Output.write("removed \(Cache.counted(files.count)) of \(sizeText(freed)) from \(place)\n")
        return
      }
      if !files.isEmpty {
        let rows = files.reversed().map { file in
          [String(Cache.name(file).prefix(12)), sizeText(file.size), Cache.date(file.used)]
        }
        Output.write(
          TextTable([.init("file", .leading), .init("size"), .init("last used", .leading)], rows: rows).terminal()
            + "\n\n")
      }
      Output.write(
        "\(Cache.counted(files.count)), \(sizeText(total)) of at most "
          + "\(sizeText(DecodedCacheFolder.mostBytes)), in \(place)\n")
    }

    private static func name(_ file: DecodedCacheFolder.File) -> Substring {
      file.path.split(separator: "/").last ?? ""
    }

    private static func counted(_ count: Int) -> String { count == 1 ? "1 file" : "\(grouped(count)) files" }

    /// `2026-01-31 23:59:59Z`.
    private static func date(_ seconds: Int) -> String {
      Date(timeIntervalSince1970: Double(seconds)).formatted(
        .iso8601.year().month().day().dateTimeSeparator(.space).time(includingFractionalSeconds: false).timeZone(
          separator: .omitted))
    }
  }
}
