import GraftMatrices
import GraftRanks

/// Those who train the networks of a reproduction: the threads of this process, and the ranks of its job if it has one.
package struct PaperWorkers: Sendable {
  private let threads: Int
  private let ranks: RankedWork?

  package init(threads: Int, ranks: RankedWork? = nil) { (self.threads, self.ranks) = (threads, ranks) }

  /// Whether there are several ranks.
  var areRanks: Bool { ranks != nil }

  /// Computes independent results.
  ///
  /// - Parameters:
  ///   - name: Tells this list from the others of a job.
  ///   - keep: Writes a result, in the process that writes; gives what all ranks get of it.
  func map<Piece: Codable & Sendable>(
    _ name: String, _ count: Int, keep: @escaping @Sendable (Int, Piece) throws -> Piece = { $1 },
    _ body: @escaping @Sendable (Int) throws -> Piece
  ) throws -> [Piece] {
    guard let ranks else { return try inParallel(count, threads: threads) { index, _ in try keep(index, body(index)) } }
    return try ranks.map(
      name, count, keep: keep,
      run: { work in
        try WorkerPool(threads: threads).run((0..<threads).map { _ in WorkerPool.Job { try work() } })
      }, body: body)
  }
}
