// A thousand trainings in one process, as a service or a notebook makes them: their memory must not grow with their number.
//   ManyTrainings [COUNT]
import Foundation
import Graft

let count = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 1_000
let digits = try DatasetPair.load("mnist")

/// A few hundred images of some of the digits.
func few(_ classes: ClassSelection) -> DatasetPair {
  let chosen = digits.selecting(classes)
  return DatasetPair(
    train: chosen.train.selecting(images: Array(0..<400)), test: chosen.test.selecting(images: Array(0..<200)))
}

/// MiB of the process that are in memory; nil where the system does not tell in this way.
func residentMebibytes() -> Double? {
  guard let text = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return nil }
  let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
  return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Double($0) }.map { $0 / 1024 }
}

/// Trains, transfers, saves, reads and asks a model: a dense one, a convolutional one, and heads that are solved or trained, in turn.
func train(_ number: Int) throws -> Tally {
  let seed = UInt64(number)
  let architecture =
    number.isMultiple(of: 2) ? Architecture(hiddenUnits: [64]) : try Architecture(parsing: "cnn:4c3-p2-16")
  var training = Training(.quick, on: few(.even), architecture: architecture, seed: seed)
  training.threads = 2
  let source = try training.run()
  let method: TransferMethod = number.isMultiple(of: 3) ? .frozen : .fineTune
  let target = try source.transfer(to: few(.odd), labelsPerClass: 10, method: method, seed: seed, threads: 2)
  try target.save(to: "many.safetensors")
  let classifier = try Classifier(contentsOf: "many.safetensors")
  _ = try classifier.classify(pixels: Array(few(.odd).test.image(0)))
  return target.accuracy
}

var tenth: Double?
for number in 1...count {
  let accuracy = try train(number)
  let memory = residentMebibytes()
  if number == 10 { tenth = memory }
  if number == 10 || number.isMultiple(of: 100) || number == count {
    print("training \(number): \(accuracy), \(memory.map { String(format: "%.1f MiB", $0) } ?? "memory unknown")")
  }
}
if let tenth, let last = residentMebibytes() {
  let growth = 100 * (last / tenth - 1)
  print(String(format: "after %d trainings %+.1f %% of the memory of the tenth", count, growth))
  if growth > 5 { exit(1) }
}
