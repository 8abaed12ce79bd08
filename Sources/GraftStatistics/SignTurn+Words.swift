import GraftFiles

extension SignTurn {
  /// The turn in words: "helps up to 50 labels per class and hurts from 200 on; the sign turns near 97".
  package var words: String {
    switch self {
    case .neverShown: "no difference is shown at any number of labels"
    case .helpsThroughout(let from, let to): "helps \(wherever(from, to))"
    case .hurtsThroughout(let from, let to): "hurts \(wherever(from, to))"
    case .turns(let turn): turn.words
    case .turnsRepeatedly(let turns): turns.map(\.words).joined(separator: "; then ")
    }
  }

  private func wherever(_ from: Double, _ to: Double) -> String {
    if from == to { return "at \(labelWords(from)), and nothing else is shown" }
    return "wherever a difference is shown, from \(labelCount(from)) to \(labelWords(to))"
  }
}

extension SignTurn.Turn {
  /// The turn in words.
  package var words: String {
    let (now, later) = before == .helps ? ("helps", "hurts") : ("hurts", "helps")
    let ends = "\(now) up to \(labelWords(last)) and \(later) from \(labelCount(first)) on"
    if hasTiesBetween { return "\(ends); the sign turns between the two" }
    return "\(ends); the sign turns near \(decimals(labelsPerClass, labelsPerClass < 10 ? 1 : 0))"
  }
}
