extension JSON {
  /// The leaves of a tree of objects under their paths, `settings.learning_rate`; a list stays whole, and a string is
  /// written bare.
  package var leaves: [(key: String, value: String)] { leaves(under: "") }

  private func leaves(under path: String) -> [(key: String, value: String)] {
    guard let object else { return [(path, string ?? text())] }
    return object.flatMap { member in member.value.leaves(under: path.isEmpty ? member.key : "\(path).\(member.key)") }
  }
}
