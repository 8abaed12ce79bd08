import GraftDocuments
import GraftFiles
import GraftMatrices
import GraftReporting

/// The report that `graft bench` prints, in words and as JSON.
package struct BenchmarkReport: Sendable {
  let speed: MachineSpeed
  let times: [BenchmarkTimes]
  let dataName: String

  /// Most memory of the process that timed the tasks, in bytes.
  let peakMemory: Int

  package init(_ times: [BenchmarkTimes], speed: MachineSpeed, dataName: String, peakMemory: Int) {
    self.times = times
    self.speed = speed
    self.dataName = dataName
    self.peakMemory = peakMemory
  }

  package var document: TextDocument {
    let columns: [TextTable.Column] = [
      .init("task", .leading), .init("median"), .init("least to most"), .init("images/s"), .init("GFLOP/s"),
      .init("dense-equivalent"), .init("of the peak"),
    ]
    let rows = times.map { times -> [String] in
      let work = times.task.work
      func rate(_ operations: Double) -> String {
        operations > 0 ? decimals(operations / times.median / 1e9, 1) : ""
      }
      return [
        times.task.name, BenchmarkReport.duration(times.median),
        BenchmarkReport.duration(times.seconds.min() ?? 0) + " to "
          + BenchmarkReport.duration(times.seconds.max() ?? 0),
        work.images > 0 ? grouped(Int(Double(work.images) / times.median)) : "", rate(work.operations),
        rate(work.denseOperations),
        work.operations > 0
          ? decimals(100 * work.operations / times.median / 1e9 / (speed.peak * Double(times.threads)), 0) + " %" : "",
      ]
    }
    let threads = times.first?.threads ?? 1
    return TextDocument([
      .paragraph(
        "\(Machine.processor), \(Processor.current.instructions); one core at best: "
          + "\(decimals(speed.peak, 1)) GFLOP/s, reading \(decimals(speed.level1, 0)) GB/s from level 1, "
          + "\(decimals(speed.level2, 0)) from level 2, \(decimals(speed.memory, 0)) from memory."),
      .paragraph("\(threads) thread\(threads == 1 ? "" : "s"), data: \(dataName), even digits."),
      .table(TextTable(columns, rows: rows)),
      .list(times.map { "\($0.task.name): \($0.task.summary)" }),
      .paragraph("Peak memory \(decimals(Double(peakMemory) / 1e6, 0)) MB."),
    ])
  }

  package var json: JSON {
    var machine = JSON.Object()
    machine["cpu"] = .string(Machine.processor)
    machine["system"] = .string(Machine.system)
    machine["instructions"] = .string(Processor.current.instructions)
    machine["peak_gflops"] = .number(speed.peak)
    machine["level1_gb_per_second"] = .number(speed.level1)
    machine["level2_gb_per_second"] = .number(speed.level2)
    machine["memory_gb_per_second"] = .number(speed.memory)
    let rows = times.map { times -> JSON in
      var row = JSON.Object()
      row["task"] = .string(times.task.name)
      row["threads"] = .integer(times.threads)
      row["seconds"] = .array(times.seconds.map(JSON.number))
      row["median_seconds"] = .number(times.median)
      let work = times.task.work
      if work.images > 0 { row["images_per_second"] = .number(Double(work.images) / times.median) }
      if work.operations > 0 {
        row["gflops"] = .number(work.operations / times.median / 1e9)
        row["share_of_peak"] = .number(work.operations / times.median / 1e9 / (speed.peak * Double(times.threads)))
      }
      if work.denseOperations > 0 { row["dense_gflops"] = .number(work.denseOperations / times.median / 1e9) }
      return .object(row)
    }
    var document = JSON.Object()
    document["schema_version"] = 1
    document["machine"] = .object(machine)
    document["data"] = .string(dataName)
    document["rows"] = .array(rows)
    document["peak_memory_bytes"] = .integer(peakMemory)
    return .object(document)
  }

  /// A duration in the unit that suits it.
  static func duration(_ seconds: Double) -> String {
    switch seconds {
    case 1...: "\(decimals(seconds, 2)) s"
    case 1e-3...: "\(decimals(seconds * 1e3, seconds < 1e-2 ? 2 : 1)) ms"
    default: "\(decimals(seconds * 1e6, seconds < 1e-5 ? 2 : 1)) µs"
    }
  }
}
