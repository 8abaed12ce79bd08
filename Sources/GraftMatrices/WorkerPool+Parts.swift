extension WorkerPool {
  /// Writes the parts of an array side by side, each by its own job.
  ///
  /// - Parameters:
  ///   - length: Elements of a part; the last one may be shorter. The length changes no result if `body` computes each element
  ///     from its place alone.
  ///   - body: Writes the elements that begin at a place; it may run on several threads at once.
  package func fill<Element: BitwiseCopyable & Sendable>(
    _ array: inout [Element], partsOf length: Int,
    _ body: @escaping @Sendable (_ start: Int, _ part: inout MutableSpan<Element>) -> Void
  ) {
    precondition(length > 0)
    array.withUnsafeMutableBufferPointer { elements in
      let shared = Shared(elements: elements)
      let jobs = stride(from: 0, to: elements.count, by: length).map { start in
        Job { shared.write(from: start, length, body) }
      }
      // No job throws.
      try? run(jobs)
    }
  }

  /// Memory that several jobs write, each its own part.
  private struct Shared<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
    let elements: UnsafeMutableBufferPointer<Element>

    func write(from start: Int, _ length: Int, _ body: (Int, inout MutableSpan<Element>) -> Void) {
      let part = UnsafeMutableBufferPointer(rebasing: elements[start..<min(start + length, elements.count)])
      var span = MutableSpan(_unsafeElements: part)
      body(start, &span)
    }
  }
}
