import GraftData
import GraftNetworks
import GraftStatistics
import GraftTraining

/// The study of which layers carry a transfer, after Yosinski, Clune, Bengio and Lipson, "How transferable are features
/// in deep neural networks?", NIPS 2014, for a network of any depth.
///
/// For each number n of layers, from the input on, four networks are trained on the target B. AnB has the first n
/// layers of the source A, frozen, under fresh ones; AnB+ trains them too. BnB and BnB+ do the same with a network that
/// was trained on B itself before. BnB's loss against the network from scratch comes from co-adaptation: its layers
/// were cut from the layers above them. AnB's further loss comes from features that are A's own (their figure 1).
package struct LayerStudy: Sendable {
  /// The four networks with one number of copied layers, at one number of labels.
  package struct Depth: Sendable {
    /// The number of copied layers, from the input on.
    package let layers: Int
    /// The row of BnB.
    package let selffer: StudyRow
    /// The row of BnB+.
    package let selfferTuned: StudyRow
    /// The row of AnB.
    package let transfer: StudyRow
    /// The row of AnB+.
    package let transferTuned: StudyRow

    /// The true class of each test image.
    fileprivate let labels: [Int]

    /// The comparison of AnB with BnB: what A's features lack that B's own have.
    package var specificity: MethodComparison { compare(transfer, selffer) }
    /// The comparison of AnB+ with BnB+: what starting from A gives beyond starting from B.
    package var generalization: MethodComparison { compare(transferTuned, selfferTuned) }

    private func compare(_ one: StudyRow, _ other: StudyRow) -> MethodComparison {
      MethodComparison(
        answers: one.records.map(\.outcome.answers), control: other.records.map(\.outcome.answers), labels: labels)
    }
  }

  /// The study's result with two pairs: from A to B, and from B to itself.
  package let result: StudyResult

  /// Reads the result of a planned study.
  package init(_ result: StudyResult) {
    precondition(result.pairs.count == 2)
    self.result = result
  }

  /// The pair from A to B.
  package var transfer: StudyResult.Pair { result.pairs[0] }
  /// The pair from B to itself.
  package var selffer: StudyResult.Pair { result.pairs[1] }
  /// The numbers of labels.
  package var shares: [Share] { transfer.shares }

  /// The depths at one number of labels, from the first hidden layer to all of them.
  package func depths(_ share: Share) -> [Depth] {
    (1...result.architecture.body.count).compactMap { layers in
      let held = TransferMethod(.copy, layerCount: layers)
      let tuned = TransferMethod(.copyTuned, layerCount: layers)
      guard let selffer = selffer.row(held, share), let selfferTuned = self.selffer.row(tuned, share),
        let transfer = transfer.row(held, share), let transferTuned = self.transfer.row(tuned, share)
      else { return nil }
      return Depth(
        layers: layers, selffer: selffer, selfferTuned: selfferTuned, transfer: transfer,
        transferTuned: transferTuned, labels: self.transfer.labels)
    }
  }

  /// The methods that the study trains, the control first.
  package static func methods(of architecture: Architecture) -> [TransferMethod] {
    let depths = architecture.body.indices.map { $0 + 1 }
    return [.scratch] + depths.map { TransferMethod(.copy, layerCount: $0) }
      + depths.map { TransferMethod(.copyTuned, layerCount: $0) }
  }

  /// Plans the study of a pair of domains.
  ///
  /// - Throws: If the network has no hidden layer, or the domains do not fit each other.
  package static func plan(_ options: StudyOptions, from source: StudyDomain, to target: StudyDomain) throws
    -> TransferStudy
  {
    var options = options
    options.methods = methods(of: options.architecture)
    options.comparesLayers = true
    options.asksUntouchedSource = false
    return try TransferStudy(
      options, on: [StudyPair(.trained(source), target), StudyPair(.trained(target), target)])
  }
}
