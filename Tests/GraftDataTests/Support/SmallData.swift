import Foundation
import GraftData
import GraftFiles

/// A folder of its own that goes with the value.
final class TemporaryFolder: Sendable {
  let path: String

  init() {
    path = NSTemporaryDirectory().trimmingSuffix("/") + "/graft-data-\(UUID().uuidString)"
    try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  /// Makes a folder inside.
  func folder(_ name: String) -> String {
    try! FileManager.default.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: true)
    return "\(path)/\(name)"
  }

  func write(_ bytes: [UInt8], to name: String) {
    try! Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
  }

  /// Names in a folder, sorted; names that begin with a dot included.
  static func names(in folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
  }
}

extension String {
  fileprivate func trimmingSuffix(_ suffix: String) -> String {
    hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
  }
}

/// A data set of a few random images, in MNIST's four files.
struct SmallData {
  let trainImages: IDXFile
  let trainLabels: IDXFile
  let testImages: IDXFile
  let testLabels: IDXFile

  /// - Parameter seed: other seeds give other pixels.
  init(train: Int = 12, test: Int = 5, classes: Int = 10, seed: UInt64 = 1) {
    var state = seed &* 0x9E37_79B9_7F4A_7C15
    func pixels(_ count: Int) -> [UInt8] {
      (0..<count).map { _ in
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return UInt8(truncatingIfNeeded: state >> 32)
      }
    }
    trainImages = try! IDXFile(dimensions: [train, 28, 28], bytes: pixels(train * 784))
    trainLabels = try! IDXFile(dimensions: [train], bytes: (0..<train).map { UInt8($0 % classes) })
    testImages = try! IDXFile(dimensions: [test, 28, 28], bytes: pixels(test * 784))
    testLabels = try! IDXFile(dimensions: [test], bytes: (0..<test).map { UInt8($0 % classes) })
  }

  /// The unpacked files, in the order of `DatasetPart`.
  var files: [(part: DatasetPart, bytes: [UInt8])] {
    Array(zip(DatasetPart.allCases, [trainImages, trainLabels, testImages, testLabels].map { $0.encoded() }))
  }

  /// Writes the four files.
  func write(to folder: String, packed: Bool = true, dotted: Bool = false) {
    try! FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for (part, bytes) in files {
      let name = dotted ? part.rawValue.replacing("-idx", with: ".idx") : part.rawValue
      let content = packed ? Gzip.compress(bytes) : bytes
      try! Data(content).write(to: URL(fileURLWithPath: "\(folder)/\(name)\(packed ? ".gz" : "")"))
    }
  }

  /// What the catalogue would say of it.
  func known(
    name: String = "mnist", mirrors: [String] = [], torchvisionFolder: String = "MNIST", pinsUnpacked: Bool = true
  ) -> KnownDataset {
    KnownDataset(
      name: name, title: name, classNames: (0..<10).map { "class \($0)" },
      files: files.map { part, bytes in
        let packed = Gzip.compress(bytes)
        return KnownFile(
          part.rawValue + ".gz", size: packed.count, sha256: SHA256Digest.hex(of: packed),
          unpackedSHA256: pinsUnpacked ? SHA256Digest.hex(of: bytes) : nil)
      },
      mirrors: mirrors, usualPlaces: ["\(torchvisionFolder)/raw"], licence: "none", citation: "none")
  }
}
