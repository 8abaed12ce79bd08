import GraftData

/// The two halves that the study cuts MNIST into.
package enum Half: String, Sendable, Hashable, CaseIterable, Codable {
  case even, odd

  /// The digits of the half.
  package var selection: ClassSelection { self == .even ? .even : .odd }
  /// The other half.
  package var other: Half { self == .even ? .odd : .even }
  /// The study's name for the half.
  package var title: String { self == .even ? "MNIST-Even" : "MNIST-Odd" }
}

/// The study's three systems, and the two controls that it lacks.
package enum PaperSystem: String, Sendable, Hashable, CaseIterable, Codable {
  /// Softmax regression, 784-10.
  case softmax
  /// The network, 784-500-10.
  case network
  /// The network of the other half: hidden layer frozen, head kept and trained on.
  case transfer
  /// Control: the network from scratch, as long and with the same optimizer as the transfer.
  case scratchMatched = "scratch-matched"
  /// Control: the transfer's head on a hidden layer that was never trained.
  case randomFrozen = "random-frozen"

  /// The systems of the study's table.
  package static let reported: [PaperSystem] = [.softmax, .network, .transfer]
  /// The two controls.
  package static let controls: [PaperSystem] = [.scratchMatched, .randomFrozen]

  /// The system's name in tables and figures.
  package var title: String {
    switch self {
    case .softmax: "softmax regression"
    case .network: "neural network"
    case .transfer: "transfer learning"
    case .scratchMatched: "from scratch, matched"
    case .randomFrozen: "random body, frozen"
    }
  }
}

/// A training of the study, apart from its seed: a system, and the half it is trained on. In every table a row is the
/// target.
package struct PaperTask: Sendable, Hashable, Codable, CustomStringConvertible {
  /// The system that is trained.
  package let system: PaperSystem
  /// The half that it is trained and tested on.
  package let target: Half

  /// Creates a task.
  package init(_ system: PaperSystem, _ target: Half) {
    self.system = system
    self.target = target
  }

  /// The half that the transferred body comes from; nil if nothing is transferred.
  package var source: Half? { system == .transfer ? target.other : nil }

  /// The file name without extension: `network-even`, `transfer-odd-to-even`.
  package var description: String {
    source.map { "\(system.rawValue)-\($0.rawValue)-to-\(target.rawValue)" } ?? "\(system.rawValue)-\(target.rawValue)"
  }

  /// The key of this cell in the published numbers: `transfer_odd`.
  var publishedKey: String { "\(system.rawValue)_\(target.rawValue)" }
}
