import Foundation
import GraftWorkbench

/// A store of one's own: a folder with a JSON file for each trial, test set and look.
struct FolderStore: TrialStore {
  private let folder: URL

  init(_ path: String) throws {
    folder = URL(fileURLWithPath: path, isDirectory: true)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  func records(of ids: [String]) throws -> [String: TrialRecord] {
    var records: [String: TrialRecord] = [:]
    for id in ids { records[id] = try read("trial-\(id)") }
    return records
  }

  func save(_ record: TrialRecord) throws { try write(record, to: "trial-\(record.id)") }

  func save(_ testSet: TestSet) throws { try write(testSet, to: "test-\(testSet.digest)") }

  func looks(at comparisons: [String]) throws -> [StudyLook] {
    try comparisons.flatMap { try read("looks-\($0)") ?? [StudyLook]() }
  }

  func save(_ looks: [StudyLook]) throws {
    for look in looks {
      let known: [StudyLook] = try read("looks-\(look.comparison)") ?? []
      guard !known.contains(where: { $0.seeds == look.seeds }) else { continue }
      try write(known + [look], to: "looks-\(look.comparison)")
    }
  }

  private func read<Value: Decodable>(_ name: String) throws -> Value? {
    guard let data = FileManager.default.contents(atPath: url(name).path) else { return nil }
    return try JSONDecoder().decode(Value.self, from: data)
  }

  private func write(_ value: some Encodable, to name: String) throws {
    try JSONEncoder().encode(value).write(to: url(name), options: .atomic)
  }

  private func url(_ name: String) -> URL { folder.appending(path: "\(name).json") }
}
