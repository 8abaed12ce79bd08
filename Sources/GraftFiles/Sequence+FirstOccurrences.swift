extension Sequence where Element: Equatable {
  /// Every element once, at its first place.
  ///
  /// - Complexity: O(elements · different ones); for lists that a person reads.
  package var firstOccurrences: [Element] {
    reduce(into: []) { kept, element in
      if !kept.contains(element) { kept.append(element) }
    }
  }
}
