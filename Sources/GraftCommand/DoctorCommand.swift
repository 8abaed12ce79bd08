import ArgumentParser
import Foundation
import GraftFiles

struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check this machine, its caches and the store, and say what to do about what is wrong.",
    discussion: """
      Reads everything and changes nothing. Files of data sets and weights are compared with their published SHA-256, stored models with \
      the one that was written. Exits 2 if something is wrong.

      Examples:
        graft doctor
        graft doctor --store results.sqlite --json
      """)

  @OptionGroup var storage: StoreOptions
  @OptionGroup var data: DataOptions

  @Flag(help: "Print one JSON document instead of text.")
  var json = false

  func run() throws {
    let checkup = Checkup(
      store: storage.store, dataFolder: data.dataFolder, environment: ProcessInfo.processInfo.environment)
    let findings = checkup.findings()
    Output.write(json ? Checkup.json(findings).text(.pretty) + "\n" : Checkup.text(findings))
    let wrong = findings.count { $0.remedy != nil }
    guard wrong == 0 else {
      throw GraftFailure(.checkFailed, wrong == 1 ? "1 thing is wrong" : "\(wrong) things are wrong")
    }
  }
}
