import GraftFiles
import GraftNetworks

/// A method of using a source's knowledge on a target: a rule, and a number of layers.
///
/// Written `fine-tune`, or `fine-tune:1` with the first layer frozen; `copy:1` with the first layer copied.
public struct TransferMethod: Sendable, Hashable {
  /// The rule of a transfer method.
  public enum Rule: String, Sendable, CaseIterable {
    /// The matched control: the same network from fresh weights, with the same optimizer, budget and choices.
    case scratch
    /// The control for features: the head on a body that was never trained. The gain of `frozen` over it is the worth of the
    /// source's features (Saxe et al., "On Random Weights and Unsupervised Feature Learning", ICML 2011).
    case randomFrozen = "random-frozen"
    /// Feature extraction: the body is frozen, the head trains (Yosinski et al., "How transferable are features in deep neural
    /// networks?", NIPS 2014, AnB).
    case frozen
    /// Everything trains on from the source's weights (Yosinski et al., AnB+).
    case fineTune = "fine-tune"
    /// The head alone first, to its optimum, then everything, so that a random head's gradients do not distort the features
    /// (Kumar et al., "Fine-Tuning can Distort Pretrained Features and Underperform Out-of-Distribution", ICLR 2022).
    case linearProbeThenFineTuning = "lp-ft"
    /// Layers begin to train one after the other, from the head down, each for an equal part of the budget (Howard and Ruder,
    /// "Universal Language Model Fine-tuning for Text Classification", ACL 2018, §3.3).
    case gradual
    /// Every layer trains, the nearer to the input the slower: the rate falls by 2.6 from layer to layer (Howard and Ruder,
    /// §3.2).
    case discriminative
    /// Fine-tuning with a penalty on the body's distance from the source's weights (Li, Grandvalet and Davoine, "Explicit
    /// Inductive Bias for Transfer Learning with Convolutional Networks", ICML 2018).
    case l2SP = "l2-sp"
    /// The head and all biases train, the body's weights are frozen (Ben Zaken, Goldberg and Ravfogel, "BitFit", ACL 2022).
    case biasOnly = "bias-only"
    /// The first layers are the source's and frozen, those above them are fresh and train (Yosinski et al., AnB; BnB if the
    /// source is the target itself).
    case copy
    /// The same, with the copied layers training too (Yosinski et al., AnB+ and BnB+).
    case copyTuned = "copy+"
    /// The source as it stands: nothing is trained. A control for a source that can answer already, because it has learnt the
    /// target's classes or keeps its head.
    case untouched

    /// The rules that train something.
    package static var trained: [Rule] { allCases.filter { $0 != .untouched } }

    /// Whether `layerCount` is the number of copied layers, not of frozen ones.
    package var copies: Bool { self == .copy || self == .copyTuned }
  }

  /// The rule.
  package let rule: Rule
  /// Number of layers, from the input on. For `copy` and `copy+` it is the number of copied layers, nil for all of the body. For
  /// any other rule it is the number of frozen layers in place of the rule's own, nil for the rule's own.
  package let layerCount: Int?

  /// A method of a rule, with a number of layers if the rule's own is not wanted.
  public init(_ rule: Rule, layerCount: Int? = nil) {
    self.rule = rule
    self.layerCount = layerCount
  }

  /// The rule `scratch` with its own number of layers.
  public static let scratch = TransferMethod(.scratch)
  /// The rule `random-frozen` with its own number of layers.
  package static let randomFrozen = TransferMethod(.randomFrozen)
  /// The rule `frozen` with its own number of layers.
  public static let frozen = TransferMethod(.frozen)
  /// The rule `fine-tune` with its own number of layers.
  public static let fineTune = TransferMethod(.fineTune)
  /// The rule `lp-ft` with its own number of layers.
  public static let linearProbeThenFineTuning = TransferMethod(.linearProbeThenFineTuning)
  /// The rule `untouched`, which trains nothing.
  package static let untouched = TransferMethod(.untouched)

  /// Whether the source's weights are used at all.
  package var usesSource: Bool { rule != .scratch && rule != .randomFrozen }

  /// Whether only the head of such a model trains, so that it may be solved.
  package func trainsHeadAlone(in architecture: Architecture) -> Bool {
    let body = architecture.body.count
    // Without `copy`: a study of layers would change the optimizer with the last of them.
    return (rule == .frozen || rule == .randomFrozen) && (layerCount ?? body) == body
  }
}

extension TransferMethod: CustomStringConvertible {
  /// The method as ``init(parsing:)`` reads it.
  public var description: String { rule.rawValue + (layerCount.map { ":\($0)" } ?? "") }

  /// Reads `METHOD` or `METHOD:LAYERS`.
  public init(parsing text: String) throws(GraftFailure) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let names = Rule.allCases.map(\.rawValue)
    guard let rule = Rule(rawValue: parts[0]) else {
      let meant = nearest(to: parts[0], among: names).map { "did you mean \($0)?" }
      throw GraftFailure(
        .usage, "unknown method '\(parts[0])'; \(meant ?? "known are \(names.joined(separator: ", "))")")
    }
    guard parts.count == 2 else {
      self.init(rule)
      return
    }
    let (verb, least) = rule.copies ? ("copy", 1) : ("hold", 0)
    guard let layers = Int(parts[1]), (least...1000).contains(layers) else {
      throw GraftFailure(
        .usage, "method '\(text)': '\(parts[1])' is not a number of layers to \(verb), from \(least) to 1000")
    }
    guard rule != .scratch, rule != .untouched else {
      throw GraftFailure(
        .usage, "method '\(text)': \(rule == .scratch ? "training from scratch holds no layer" : "nothing is trained")")
    }
    self.init(rule, layerCount: layers)
  }
}
