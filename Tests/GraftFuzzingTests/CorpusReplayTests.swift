import Foundation
import GraftFuzzing
import Testing

/// The inputs of the fuzzers, given to their targets once more: the seeds, and every input that ever broke something.
@Suite("The fuzzers' inputs")
struct CorpusReplayTests {
  private static let fuzz = URL(fileURLWithPath: #filePath).appending(path: "../../../Fuzz").standardized

  /// The files of a target in a folder of `Fuzz`, by name.
  private static func inputs(_ folder: String, of target: FuzzTarget) throws -> [(name: String, bytes: [UInt8])] {
    let place = fuzz.appending(path: "\(folder)/\(target.rawValue)")
    guard FileManager.default.fileExists(atPath: place.path) else { return [] }
    return try FileManager.default.contentsOfDirectory(atPath: place.path).sorted().filter { $0 != "README.md" }.map {
      ($0, Array(try Data(contentsOf: place.appending(path: $0))))
    }
  }

  @Test("each target has seeds, and accepts one of them at least", arguments: FuzzTarget.allCases)
  func seeds(target: FuzzTarget) throws {
    let seeds = try Self.inputs("Corpus", of: target)
    #expect(seeds.count >= 3)
    var acceptedCount = 0
    for seed in seeds where target.run(seed.bytes) { acceptedCount += 1 }
    #expect(acceptedCount > 0)
  }

  @Test("a seed that breaks off, or has a bit changed, gets an answer", arguments: FuzzTarget.allCases)
  func changed(target: FuzzTarget) throws {
    for (index, seed) in try Self.inputs("Corpus", of: target).enumerated() where seed.bytes.count <= 2048 {
      target.run(seed.bytes + [0x20])
      for round in 0..<16 {
        // The same places each time: a multiplication spreads them.
        let place = (round &* 7919 &+ index &* 104_729) % max(seed.bytes.count, 1)
        target.run(Array(seed.bytes.prefix(place)))
        guard place < seed.bytes.count else { continue }
        var other = seed.bytes
        other[place] ^= 1 << UInt8(round % 8)
        target.run(other)
      }
    }
  }

  @Test("an input that broke something does so no more", arguments: FuzzTarget.allCases)
  func failCases(target: FuzzTarget) throws {
    for input in try Self.inputs("FailCases", of: target) { target.run(input.bytes) }
  }

  @Test("the fuzzers' folders are those of the targets")
  func folders() throws {
    let names = Set(FuzzTarget.allCases.map(\.rawValue))
    let corpora = try FileManager.default.contentsOfDirectory(atPath: Self.fuzz.appending(path: "Corpus").path)
    #expect(Set(corpora) == names)
    let cases = try FileManager.default.contentsOfDirectory(atPath: Self.fuzz.appending(path: "FailCases").path)
    #expect(Set(cases).subtracting(["README.md"]).isSubset(of: names))
  }
}
