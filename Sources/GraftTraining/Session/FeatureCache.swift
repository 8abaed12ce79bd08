import Foundation
import GraftData
import GraftFiles
import GraftKernelCalls
import GraftMatrices
import GraftNetworks
import Synchronization

/// Features of pictures behind the frozen bodies of published networks, kept for as long as the process runs and, if a folder is
/// named, on disk.
///
/// A row belongs to the body's weights and to the picture's pixels, whatever set the picture is drawn in: folds, seeds, training and test
/// images share it. Nothing depends on whether a row was kept.
package final class FeatureCache: Sendable {
  /// The cache of this process.
  package static let shared = FeatureCache()

  private struct State {
    /// The folder on disk; nil keeps rows in memory alone.
    var folder: String?
    var isWritten = true
    /// Rows by the digest of the pixels, for each body by its digest.
    var bodies: [String: [String: [Float]]] = [:]
    /// Floats of all rows.
    var count = 0
  }

  private let state = Mutex(State())

  /// The most floats in memory: 1 GiB.
  private static let mostFloats = 1 << 28
  private static let version = 2

  package init() {}

  /// Keeps rows in a folder from now on, and finds those that are there.
  ///
  /// - Parameter isWritten: Whether new rows go there: of several processes that have different rows, only one's would stay.
  package func keep(in folder: String?, isWritten: Bool = true) {
    state.withLock { ($0.folder, $0.isWritten) = (folder, isWritten) }
  }

  /// Keeps features of images that were computed elsewhere.
  package func keep(
    _ features: Matrix, of dataset: Dataset, _ normalization: Normalization, through count: Int, of model: Model,
    threads: Int
  ) {
    let body = FeatureCache.digest(of: model, through: count, normalization)
    var known = rows(of: body, width: features.columns)
    for (index, digest) in digests(of: dataset, threads: threads).enumerated() { known[digest] = features.row(index) }
    save(known, of: body)
  }

  /// The features of images behind the first `count` layers of a model, as `Model.features(of:through:team:)` gives them.
  package func features(
    of dataset: Dataset, _ normalization: Normalization, through count: Int, of model: Model, team: Team
  ) -> Matrix {
    let body = FeatureCache.digest(of: model, through: count, normalization)
    var known = rows(of: body, width: model.layers[count - 1].outputLayout.count)
    let digests = digests(of: dataset, threads: team.size)
    var missing: [Int] = []
    var seen: Set<String> = []
    for index in 0..<dataset.count where known[digests[index]] == nil && seen.insert(digests[index]).inserted {
      missing.append(index)
    }
    if !missing.isEmpty {
      let images = dataset.selecting(images: missing)
      let computed = model.features(of: normalization.rows(images.rows), through: count, team: team)
      for (row, index) in missing.enumerated() { known[digests[index]] = computed.row(row) }
      save(known, of: body)
    }
    var result = Matrix(rows: dataset.count, columns: model.layers[count - 1].outputLayout.count)
    for index in 0..<dataset.count { if let row = known[digests[index]] { result.set(row: index, to: row) } }
    return result
  }

  // MARK: Keys

  /// A digest of all that decides a body's features: its blocks, the shape and the conversion of images, and its weights.
  private static func digest(of model: Model, through count: Int, _ normalization: Normalization) -> String {
    let slices = model.layers[..<count].flatMap(\.allSlices)
    let end = slices.map { $0.layout.offset + $0.layout.footprint }.max() ?? 0
    var stream = SHA256Digest.Stream()
    stream.update(
      Array(
        "\(version) \(model.architecture) \(count) \(model.inputShape) \(normalization.means) \(normalization.deviations)"
          .utf8))
    stream.update(model.parameters.block.bytes(first: end))
    return stream.hex()
  }

  private func digests(of dataset: Dataset, threads: Int) -> [String] {
    let computed = try? WorkerPool(threads: threads).map(dataset.count, by: 16) { index in
      SHA256Digest.hex(of: Array(dataset.image(index)))
    }
    return computed ?? []
  }

  // MARK: Memory and disk

  private func rows(of body: String, width: Int) -> [String: [Float]] {
    if let rows = state.withLock({ $0.bodies[body] }) { return rows }
    guard let path = path(of: body), let bytes = try? readFile(at: path, limit: .max),
      let file = try? Safetensors(decoding: bytes), let digests = file.tensor("digests"),
      let features = file.tensor("features"), features.shape == [digests.shape.first ?? 0, width],
      digests.shape.last == 32, file.metadata("sha256") == SHA256Digest.hex(of: Array(features.bytes)),
      let values = try? features.floats()
    else { return [:] }
    let keys = Array(digests.bytes)
    var rows: [String: [Float]] = [:]
    for row in 0..<features.shape[0] {
      let key = keys[row * 32..<(row + 1) * 32].map { String(UInt16($0) + 256, radix: 16).dropFirst() }.joined()
      rows[key] = Array(values[row * width..<(row + 1) * width])
    }
    utimensat(AT_FDCWD, path, nil, 0)
    return rows
  }

  private func save(_ rows: [String: [Float]], of body: String) {
    let count = rows.values.reduce(0) { $0 + $1.count }
    state.withLock { state in
      state.count += count - (state.bodies[body]?.values.reduce(0) { $0 + $1.count } ?? 0)
      // Bodies that were frozen before are asked for no more.
      if state.count > FeatureCache.mostFloats {
        state.bodies = [:]
        state.count = count
      }
      state.bodies[body] = rows
    }
    guard let path = path(of: body), let folder = state.withLock({ $0.isWritten ? $0.folder : nil }) else { return }
    let keys = rows.keys.sorted()
    let width = rows.values.first?.count ?? 0
    let digests = keys.flatMap { key in
      stride(from: 0, to: 64, by: 2).map { place in
        let start = key.utf8.index(key.startIndex, offsetBy: place)
        return UInt8(key[start..<key.utf8.index(start, offsetBy: 2)], radix: 16) ?? 0
      }
    }
    // A cache that cannot be written is no reason to stop.
    guard
      let features = try? Safetensors.floats32("features", [keys.count, width], keys.flatMap { rows[$0] ?? [] }),
      let bytes = try? Safetensors(
        tensors: [
          Safetensors.Tensor(name: "digests", dtype: .u8, shape: [keys.count, 32], bytes: digests[...]), features,
        ], metadata: [("sha256", SHA256Digest.hex(of: Array(features.bytes)))]
      ).encoded(), (try? Folder.create(at: folder)) != nil
    else { return }
    DecodedCacheFolder(folder).makeRoom(for: bytes.count)
    try? AtomicFile.write(bytes, to: path)
  }

  private func path(of body: String) -> String? {
    state.withLock { $0.folder }.map { "\($0)/\(body)\(DecodedCacheFolder.featuresExtension)" }
  }
}
