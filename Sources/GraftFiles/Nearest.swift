/// The candidate that a mistyped name most likely meant, the first of equals: the one at the smallest number of
/// inserted, deleted, replaced or swapped characters (optimal string alignment), if that number is one or at most a
/// third of the name's length.
package func nearest(to name: String, among candidates: [String]) -> String? {
  let (name, limit) = (name.lowercased(), max(1, name.count / 3))
  // Lengths that differ by more take more edits; most candidates are not compared.
  let near = candidates.map { ($0, $0.lowercased()) }.filter { abs($0.1.count - name.count) <= limit }
  let best = near.map { ($0.0, editDistance(name, $0.1)) }.min { $0.1 < $1.1 }
  guard let (candidate, distance) = best, distance <= limit else { return nil }
  return candidate
}

/// Counts the edits between two strings: insertions, deletions, replacements and swaps of neighbours.
/// - Complexity: O(product of the lengths).
func editDistance(_ a: String, _ b: String) -> Int {
  let (a, b) = (Array(a), Array(b))
  var beforeLast: [Int] = []
  var last = Array(0...b.count)
  for (i, x) in a.enumerated() {
    var current = [i + 1]
    for (j, y) in b.enumerated() {
      var cost = min(last[j + 1] + 1, current[j] + 1, last[j] + (x == y ? 0 : 1))
      if i > 0, j > 0, x == b[j - 1], a[i - 1] == y { cost = min(cost, beforeLast[j - 1] + 1) }
      current.append(cost)
    }
    (beforeLast, last) = (last, current)
  }
  return last[b.count]
}
