import Foundation
import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftStatistics
import GraftTraining

/// A study as a value: sources and targets, methods, numbers of labels, seeds, network and settings.
///
/// `graft study` makes one of its flags and keeps it in `study.json`; a report reads it there. A program of one's own can make, save and
/// run one as well:
///
/// ```swift
/// let plan = StudyPlan(
///   pairs: [.init(source: .trained(.init(data: "mnist", classes: "even")), target: .init(data: "mnist", classes: "odd"))],
///   methods: [.frozen, .fineTune], shares: [.perClass(10)], seeds: [0, 1, 2])
/// let result = try plan.study(threads: 2).run(in: MemoryStore())
/// ```
public struct StudyPlan: Sendable, Hashable, Codable {
  /// Classes of a data set, as the source or the target of a transfer.
  public struct Domain: Sendable, Hashable, Codable {
    /// A known name, `synthetic`, or the absolute path of a folder or an NPZ file.
    public var data: String
    /// As `ClassSelection.init(parsing:of:)` reads them: `even`, `0,1,7`, `0-4`.
    public var classes: String
    /// The shape that images are brought to, as in `1x28x28`; nil leaves them as they are.
    public var shape: String?

    /// Classes of the data set of a name or path.
    public init(data: String, classes: String, shape: String? = nil) {
      self.data = data
      self.classes = classes
      self.shape = shape
    }
  }

  /// The origin of a model that is transferred.
  public enum Source: Sendable, Hashable, Codable {
    /// A model of its own for each seed, trained on all images.
    case trained(Domain)
    /// The absolute path of a checkpoint that all seeds start from, its name in tables, and its SHA-256.
    case checkpoint(path: String, name: String, sha256: String)
  }

  /// A source and the target of its transfer.
  public struct Pair: Sendable, Hashable, Codable {
    /// The origin of the models.
    public var source: Source
    /// The classes that they are transferred to.
    public var target: Domain

    /// A source and the target of its transfer.
    public init(source: Source, target: Domain) {
      self.source = source
      self.target = target
    }
  }

  /// Sources with their targets.
  public var pairs: [Pair]
  /// `frozen`, `copy:1`; scratch, the control, is always among them.
  public var methods: [TransferMethod]
  /// The numbers of labels.
  public var shares: [Share]
  /// The seeds, each with its own source models, draws of labelled images and weights.
  public var seeds: [UInt64]
  /// The network that is trained; with a checkpoint as the source, its network.
  public var architecture: Architecture
  /// Settings of the sources and, apart from what is chosen, of the targets.
  public var recipe: Recipe
  /// The policy for the source's head; nil keeps it if its outputs keep their meaning.
  public var head: HeadPolicy?
  /// Methods that are also tested against each other.
  public var contrasts: [[TransferMethod]]
  /// Gains smaller than this count as equal, in points.
  public var margin: Double
  /// Whether the study asks which source is best, instead of which method.
  public var ranksSources: Bool
  /// The one folder that data is looked for in, as an absolute path; nil looks in the usual places.
  public var dataFolder: String?

  /// A plan. Only sources, targets, methods, labels and seeds have no usual value.
  public init(
    pairs: [Pair], methods: [TransferMethod], shares: [Share], seeds: [UInt64], architecture: Architecture = .study,
    recipe: Recipe = .quick, head: HeadPolicy? = nil, contrasts: [[TransferMethod]] = [],
    margin: Double = JudgedComparison.usualMargin, ranksSources: Bool = false, dataFolder: String? = nil
  ) {
    self.pairs = pairs
    self.methods = methods
    self.shares = shares
    self.seeds = seeds
    self.architecture = architecture
    self.recipe = recipe
    self.head = head
    self.contrasts = contrasts
    self.margin = margin
    self.ranksSources = ranksSources
    self.dataFolder = dataFolder
  }
}

// MARK: - Running

extension StudyPlan {
  /// The study that the plan describes, with its data and checkpoints read.
  ///
  /// - Parameters:
  ///   - threads: Trainings at a time. No result depends on it.
  ///   - modelFolder: The folder that source models are kept in; nil keeps none.
  ///   - version: The program's version, for the record.
  ///   - machine: The processor's name, for the record.
  ///   - load: Reads a data set by the name in a ``Domain``; nil looks in ``dataFolder`` or the usual places.
  /// - Throws: `GraftFailure` if the plan makes no sense, if a checkpoint is another one than it was, or if data is missing.
  public func study(
    threads: Int = 1, modelFolder: String? = nil, version: String = GraftVersion.current, machine: String = "",
    load: ((String) throws -> DatasetPair)? = nil
  ) throws -> TransferStudy {
    var loaded: [String: DatasetPair] = [:]
    var domains: [Domain: StudyDomain] = [:]
    func domain(_ reference: Domain) throws -> StudyDomain {
      if let known = domains[reference] { return known }
      let whole = try loaded[reference.data] ?? load?(reference.data) ?? read(reference)
      loaded[reference.data] = whole
      let selection = try ClassSelection(parsing: reference.classes, of: whole.train.classNames)
      var images = whole
      if let text = reference.shape {
        guard let shape = ImageShape(parsing: text) else {
          throw GraftFailure(
            .usage, "'\(text)' is no shape of images: expected channels x height x width, as in 1x28x28")
        }
        images = try whole.brought(to: shape)
      }
      let domain = try StudyDomain(images, selecting: selection)
      domains[reference] = domain
      return domain
    }
    let pairs = try pairs.compactMap { pair -> StudyPair? in
      let target = try domain(pair.target)
      switch pair.source {
      case .trained(let reference):
        let source = try domain(reference)
        // Nothing is transferred from a set of classes to itself.
        return source.isSame(as: target) ? nil : StudyPair(.trained(source), target)
      case .checkpoint(let path, let name, let digest):
        guard try SHA256Digest.hex(ofFileAt: path) == digest else {
          throw GraftFailure(.badData, "\(path) is another checkpoint than the study's")
        }
        return StudyPair(.checkpoint(try Checkpoint(contentsOf: path), name: name, digest: digest), target)
      }
    }
    guard !pairs.isEmpty else { throw GraftFailure(.usage, "source and target are the same; nothing is transferred") }
    var options = StudyOptions(
      methods: methods, shares: shares, seeds: seeds, architecture: architecture, recipe: recipe, head: head,
      threads: threads, modelFolder: modelFolder, version: version, machine: machine)
    guard contrasts.allSatisfy({ $0.count == 2 }) else {
      throw GraftFailure(.usage, "a contrast compares two methods")
    }
    options.contrasts = contrasts.map { ($0[0], $0[1]) }
    options.margin = margin
    return try TransferStudy(options, on: pairs)
  }

  /// The first source that is a file; nil if there is none, or if it cannot be read. Pictures are read in its style.
  package var checkpoint: Checkpoint? {
    for pair in pairs {
      if case .checkpoint(let path, _, _) = pair.source { return try? Checkpoint(contentsOf: path) }
    }
    return nil
  }

  private func read(_ domain: Domain) throws -> DatasetPair {
    if domain.data == "synthetic" { return try DatasetPair.load(domain.data) }
    var request = DataRequest(name: domain.data, dataFolder: dataFolder)
    request.options.preferredShape = domain.shape.flatMap(ImageShape.init(parsing:))
    request.options.preferredStyle = checkpoint?.pictureStyle
    return try DatasetPair.load(request).pair
  }
}

// MARK: - Coding

extension StudyPlan {
  private enum CodingKeys: String, CodingKey {
    case pairs, methods, labels, seeds, model, recipe, head, contrasts, margin
    case ranksSources = "ranks_sources"
    case dataFolder = "data_folder"
  }

  /// Reads a plan as `study.json` keeps it.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func corrupted(_ key: CodingKeys, _ text: String) -> DecodingError {
      .dataCorruptedError(forKey: key, in: values, debugDescription: text)
    }
    pairs = try values.decode([Pair].self, forKey: .pairs)
    methods = try values.decode([String].self, forKey: .methods).map(TransferMethod.init(parsing:))
    shares = try values.decode([String].self, forKey: .labels).map(Share.init(parsing:))
    seeds = try values.decode([JSON].self, forKey: .seeds).map { seed in
      // One beyond the whole numbers of JSON's readers is text.
      if let number = seed.int.flatMap({ UInt64(exactly: $0) }) { return number }
      guard let number = seed.string.flatMap({ UInt64($0) }) else { throw corrupted(.seeds, "a seed is no number") }
      return number
    }
    architecture = try Architecture(parsing: values.decode(String.self, forKey: .model))
    recipe = try values.decode(Recipe.self, forKey: .recipe)
    head = try values.decodeIfPresent(String.self, forKey: .head).map { text in
      guard let head = HeadPolicy(rawValue: text) else { throw corrupted(.head, "a head cannot be '\(text)'") }
      return head
    }
    contrasts = try values.decode([[String]].self, forKey: .contrasts).map { try $0.map(TransferMethod.init(parsing:)) }
    guard contrasts.allSatisfy({ $0.count == 2 }) else { throw corrupted(.contrasts, "a contrast is of two methods") }
    margin = try values.decode(Double.self, forKey: .margin)
    ranksSources = try values.decode(Bool.self, forKey: .ranksSources)
    dataFolder = try values.decodeIfPresent(String.self, forKey: .dataFolder)
  }

  /// Writes the plan with methods, labels and network as the command line has them.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(pairs, forKey: .pairs)
    try values.encode(methods.map(\.description), forKey: .methods)
    try values.encode(shares.map(\.description), forKey: .labels)
    try values.encode(seeds.map { Int(exactly: $0).map(JSON.integer) ?? .string("\($0)") }, forKey: .seeds)
    try values.encode(architecture.description, forKey: .model)
    try values.encode(recipe, forKey: .recipe)
    try values.encodeIfPresent(head?.rawValue, forKey: .head)
    try values.encode(contrasts.map { $0.map(\.description) }, forKey: .contrasts)
    try values.encode(margin, forKey: .margin)
    try values.encode(ranksSources, forKey: .ranksSources)
    try values.encodeIfPresent(dataFolder, forKey: .dataFolder)
  }

  /// The plan as part of a JSON document.
  package var json: JSON {
    get throws {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      return try JSON(parsing: Array(encoder.encode(self)))
    }
  }

  /// Reads the plan that `json` gave.
  package init(json: JSON) throws {
    do {
      self = try JSONDecoder().decode(StudyPlan.self, from: Data(json.text().utf8))
    } catch let error as DecodingError {
      throw GraftFailure(.badData, "not the plan of a study: \(error.words)")
    }
  }
}

extension StudyPlan.Source {
  private enum CodingKeys: String, CodingKey { case trained, checkpoint, name, sha256 }

  /// Reads `{"trained": …}` or a checkpoint's path, name and digest.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    if let domain = try values.decodeIfPresent(StudyPlan.Domain.self, forKey: .trained) {
      self = .trained(domain)
    } else {
      self = .checkpoint(
        path: try values.decode(String.self, forKey: .checkpoint), name: try values.decode(String.self, forKey: .name),
        sha256: try values.decode(String.self, forKey: .sha256))
    }
  }

  /// Writes what ``init(from:)`` reads.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .trained(let domain): try values.encode(domain, forKey: .trained)
    case .checkpoint(let path, let name, let digest):
      try values.encode(path, forKey: .checkpoint)
      try values.encode(name, forKey: .name)
      try values.encode(digest, forKey: .sha256)
    }
  }
}

extension Share {
  /// Reads what `description` says: `all`, `0.1`, `10 per class`.
  public init(parsing text: String) throws(GraftFailure) {
    if text == "all" {
      self = .all
    } else if text.hasSuffix(" per class"), let count = Int(text.dropLast(10)), count > 0 {
      self = .perClass(count)
    } else if let fraction = Double(text), fraction > 0, fraction <= 1 {
      self = .fraction(fraction)
    } else {
      throw GraftFailure(.usage, "'\(text)' is no number of labels: expected all, a share or a number per class")
    }
  }
}
