import ArgumentParser
import Foundation
import GraftBenchmarking
import GraftCharts
import GraftData
import GraftDocuments
import GraftFiles
import GraftReporting

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Time the kernels, the epochs of the study's recipes and prediction on this machine.",
    discussion: """
      Every rate stands beside what this core can do at best, measured in the same run. The tasks take turns; the figures \
      are medians. The data is MNIST where it is found, otherwise the built-in synthetic digits; nothing is downloaded. \
      The comparison with PyTorch, JAX and others is in the folder Benchmarks.

      Tasks: \(BenchmarkTask.names.joined(separator: ", ")); and scaling, which times epochs of 1,000 to 1,000,000 \
      synthetic images (it takes some minutes and 4 GB of memory).

      Examples:
        graft bench
        graft bench network-epoch softmax-epoch --threads 1 --rounds 9 --json
        graft bench efficientnet-lite0-image efficientnet-lite0-step --threads 1
        graft bench scaling --images 1000,10000,100000 --figure scaling.svg
      """)

  @Argument(
    help: ArgumentHelp("What to time (default: all but scaling and networks of blocks).", valueName: "task"))
  var tasks: [String] = []

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Times that each task is run, 1 to 1000 (default: 5).", valueName: "n"),
    transform: wholeNumber(1...1000))
  var rounds: Int = 5

  @Option(
    help: ArgumentHelp("Sizes for scaling, each 100 to 10000000.", valueName: "n,n,…"),
    transform: { text in
      let sizes = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
      guard sizes.allSatisfy((100...10_000_000).contains) else {
        throw ValidationError("expected whole numbers from 100 to 10000000, separated by commas")
      }
      return sizes
    })
  var images: [Int]?

  @Option(help: ArgumentHelp("Also draw the figure of scaling.", valueName: "file.svg"))
  var figure: String?

  @OptionGroup var data: DataOptions
  @OptionGroup var common: RunOptions

  func validate() throws {
    if tasks.contains("scaling"), tasks.count > 1 { throw ValidationError("scaling runs alone") }
    if figure != nil, tasks != ["scaling"] { throw ValidationError("--figure needs the task scaling") }
    if images != nil, tasks != ["scaling"] { throw ValidationError("--images needs the task scaling") }
  }

  func run() throws {
    if tasks == ["scaling"] { return try scale() }
    // A wrong name is an error before anything is loaded.
    if let wrong = tasks.first(where: { !BenchmarkTask.names.contains($0) }) {
      throw GraftFailure(.usage, BenchmarkTask.unknownName(wrong))
    }
    let setting = try BenchmarkSetting(try load(), threads: common.threads)
    let chosen = try BenchmarkTask.named(tasks, setting)
    let times = try Benchmark.run(chosen, rounds: rounds, threads: setting.threads) { name, round in
      if round > 0, name == chosen.first?.name { common.note("round \(round) of \(rounds)") }
    }
    // Taken before the machine's own speed is measured, because that needs a large block.
    let memory = ScalingBenchmark.peakMemory
    let report = BenchmarkReport(times, speed: MachineSpeed(), dataName: setting.dataName, peakMemory: memory)
    Output.write(common.json ? report.json.text(.pretty) + "\n" : report.document.terminal())
  }

  private func load() throws -> DatasetPair {
    do {
      return try DatasetPair.load(
        DataRequest(name: "mnist", dataFolder: data.dataFolder, isOffline: true, progress: { _ in })
      ).pair
    } catch let failure as GraftFailure where !data.namesPlace && failure.kind == .unavailable {
      common.note("MNIST is not on this machine: timing on synthetic digits")
      return DatasetPair.syntheticDigits(threads: common.threads)
    }
  }

  private func scale() throws {
    if let figure { try AtomicFile.checkWritable(figure, createFolders: true) }
    let rows = try ScalingBenchmark.run(
      sizes: images ?? ScalingBenchmark.sizes, rounds: rounds, threads: common.threads
    ) { size, round in
      if round == 0 { common.note("drawing \(size) digits") }
    }
    let report = ScalingReport(rows, threads: common.threads)
    if let figure { try AtomicFile.write(text: report.chart.svg(), to: figure) }
    Output.write(common.json ? report.json.text(.pretty) + "\n" : report.document.terminal())
  }
}
