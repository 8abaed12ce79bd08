import Synchronization

extension WorkerPool {
  /// The results of `body` for each number below `count`, in order; several run side by side.
  ///
  /// - Parameters:
  ///   - length: Numbers that one job takes, at least 1.
  ///   - body: Computes one result from its number alone.
  /// - Throws: The error of the earliest job that threw.
  package func map<Result: Sendable>(
    _ count: Int, by length: Int, _ body: @escaping @Sendable (Int) throws -> Result
  ) throws -> [Result] {
    precondition(length > 0)
    let parts = (count + length - 1) / length
    let results = Mutex([[Result]](repeating: [], count: parts))
    try run(
      (0..<parts).map { part in
        Job {
          let own = try (part * length..<min((part + 1) * length, count)).map(body)
          results.withLock { $0[part] = own }
        }
      })
    return results.withLock { $0 }.flatMap { $0 }
  }
}
