import Synchronization

/// Computes `count` results side by side, each from the results that it names.
///
/// - Parameters:
///   - prerequisites: The indices of the results that result `index` needs; they come earlier in the list.
///   - body: Computes result `index` from its prerequisites, in the order in which they were named.
/// - Returns: The results in the order of their indices, whatever the order in which they were computed.
package func inParallel<Result: Sendable>(
  _ count: Int, threads: Int, after prerequisites: (Int) -> [Int] = { _ in [] },
  body: @escaping @Sendable (Int, [Result]) throws -> Result
) throws -> [Result] {
  let slots = Slots<Result>(count: count)
  let jobs = (0..<count).map { index in
    let needed = prerequisites(index)
    return WorkerPool.Job(after: needed) { slots[index] = try body(index, needed.compactMap { slots[$0] }) }
  }
  try WorkerPool(threads: threads).run(jobs)
  return (0..<count).compactMap { slots[$0] }
}

/// Results by index, shared between threads.
private final class Slots<Result: Sendable>: Sendable {
  private let values: Mutex<[Result?]>

  init(count: Int) { values = Mutex(Array(repeating: nil, count: count)) }

  subscript(index: Int) -> Result? {
    get { values.withLock { $0[index] } }
    set { values.withLock { $0[index] = newValue } }
  }
}
