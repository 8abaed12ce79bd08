import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftStatistics
import GraftTraining
import GraftWorkbench
import NumericChecks
import Testing

@Suite("What makes a trial another trial")
struct TrialIdentityTests {
  /// The trials' ids by what they are: `source`, `nearest-mean`, `scratch`, `frozen`, `fine-tune`.
  private func ids(
    _ change: (inout StudyOptions) -> Void = { _ in }, source: StudyDomain? = nil, target: StudyDomain? = nil
  ) throws -> [String: [String]] {
    var options = SmallStudy.options()
    change(&options)
    let pair = StudyPair(
      .trained(try source ?? SmallStudy.domain("even")), try target ?? SmallStudy.domain("odd"))
    var ids: [String: [String]] = [:]
    for trial in try SmallStudy.trials(of: TransferStudy(options, on: [pair])) {
      ids[trial.kind == .source ? "source" : trial.method, default: []].append(trial.id)
    }
    // A kept head can answer as it stands: that is another trial, not another identity.
    ids["untouched"] = nil
    return ids.mapValues { $0.sorted() }
  }

  /// Which kinds of trials have no id in common with the usual ones; all others have all of them.
  private func changed(_ other: [String: [String]]) throws -> Set<String> {
    let usual = try ids()
    #expect(usual.keys.sorted() == ["fine-tune", "frozen", "nearest-mean", "scratch", "source"])
    #expect(usual.keys == other.keys)
    var changed: Set<String> = []
    for (kind, ids) in usual where other[kind] != ids {
      #expect(Set(ids).isDisjoint(with: other[kind] ?? []), "\(kind): some changed and some did not")
      changed.insert(kind)
    }
    return changed
  }

  static let onTarget: Set = ["scratch", "frozen", "fine-tune", "nearest-mean"]
  static let fromSource: Set = ["source", "frozen", "fine-tune", "nearest-mean"]
  static let all = onTarget.union(fromSource)

  @Test("settings that decide the bits")
  func settings() throws {
    #expect(try changed(ids { $0.seeds = [7, 8] }) == Self.all)
    #expect(try changed(ids { $0.architecture = Architecture(hiddenUnits: [13]) }) == Self.all)
    #expect(try changed(ids { $0.recipe = .study }) == Self.all)
    #expect(try changed(ids { $0.shares = [.perClass(21)] }) == Self.onTarget)
    #expect(try changed(ids { $0.shares = [.all] }) == Self.onTarget)
    // The control has no head from anywhere, and a score asks for none.
    for head in HeadPolicy.allCases { #expect(try changed(ids { $0.head = head }) == ["frozen", "fine-tune"]) }
  }

  @Test("a method by its rule and its held layers")
  func methods() throws {
    let written = TransferMethod.Rule.trained.map(\.rawValue) + ["fine-tune:1", "frozen:1", "fine-tune:0"]
    let methods = try written.map { try TransferMethod(parsing: $0) }
    let trials = try SmallStudy.trials(of: SmallStudy.study(SmallStudy.options(methods, seeds: [0])))
      .filter { $0.kind == .measurement }
    #expect(Set(trials.map(\.method)) == Set(written))
    #expect(trials.count == written.count && Set(trials.map(\.id)).count == written.count)
  }

  /// `dataset` with the last pixel of its first image of `class` changed.
  private func touched(_ dataset: Dataset, _ class: Int) throws -> Dataset {
    let image = try #require(dataset.labels.firstIndex(of: `class`))
    var pixels = dataset.pixels
    pixels[(image + 1) * dataset.shape.count - 1] ^= 1
    return Dataset(
      name: dataset.name, shape: dataset.shape, classNames: dataset.classNames, pixels: pixels, labels: dataset.labels)
  }

  @Test("data, to the last pixel, on the side that sees it")
  func data() throws {
    let digits = SmallStudy.digits
    let train = DatasetPair(train: try touched(digits.train, 9), test: digits.test)
    let test = DatasetPair(train: digits.train, test: try touched(digits.test, 9))
    for pair in [train, test] {
      #expect(try changed(ids(target: SmallStudy.domain("odd", of: pair))) == Self.onTarget)
      // No even digit was touched.
      #expect(try changed(ids(source: SmallStudy.domain("even", of: pair))).isEmpty)
    }
    let source = DatasetPair(train: try touched(digits.train, 2), test: digits.test)
    #expect(try changed(ids(source: SmallStudy.domain("even", of: source))) == Self.fromSource)
    #expect(try changed(ids(source: SmallStudy.domain("0,2"))) == Self.fromSource)
    #expect(try changed(ids(target: SmallStudy.domain("1,3"))) == Self.onTarget)
  }

  @Test("names of classes, by which a head is kept or begun anew")
  func classNames() throws {
    func renamed(_ dataset: Dataset) -> Dataset {
      Dataset(
        name: dataset.name, shape: dataset.shape, classNames: dataset.classNames.map { "digit \($0)" },
        pixels: dataset.pixels, labels: dataset.labels)
    }
    let digits = SmallStudy.digits
    let other = DatasetPair(train: renamed(digits.train), test: renamed(digits.test))
    #expect(try changed(ids(source: SmallStudy.domain("even", of: other))) == Self.fromSource)
    #expect(try changed(ids(target: SmallStudy.domain("odd", of: other))) == Self.onTarget)
  }

  @Test("a rehearsal by how its source is trained, whatever the recipe is called")
  func rehearsals() throws {
    let study = try SmallStudy.study(SmallStudy.options([.frozen], shares: [.perClass(5)], seeds: [0]))
    let rehearsal = try #require(
      SmallStudy.trials(of: study).first { $0.kind == .rehearsal && $0.method == "frozen" })
    let settings = rehearsal.identity["source_settings"]
    #expect(settings?["epochs"]?.int == Recipe.quick.settings(seed: 0).epochs && settings?["learning_rate"] != nil)
  }

  @Test("nothing else: cores, program, machine and folder leave every id as it is")
  func others() throws {
    let folder = try ScratchFolder()
    #expect(try changed(ids { $0.threads = 7 }).isEmpty)
    #expect(try changed(ids { $0.version = "9.9" }).isEmpty)
    #expect(try changed(ids { $0.machine = "another" }).isEmpty)
    #expect(try changed(ids { $0.modelFolder = folder.path }).isEmpty)
    #expect(try changed(ids { $0.methods = $0.methods.reversed() }).isEmpty)
    #expect(try changed(ids { $0.seeds = $0.seeds.reversed() }).isEmpty)
  }

  @Test("a trial says what it is")
  func fields() throws {
    let trials = try SmallStudy.trials(of: SmallStudy.study())
    #expect(trials.map(\.kind) == [.source, .source, .score, .score] + [Trial.Kind](repeating: .measurement, count: 6))
    let target = try SmallStudy.domain("odd")
    for trial in trials where trial.kind == .measurement {
      #expect(trial.target == "synthetic:odd" && trial.share == .perClass(20) && trial.testDigest == target.testDigest)
      #expect(trial.source == (trial.method == "scratch" ? nil : "synthetic:even"))
      #expect((trial.identity["source"] != nil) == (trial.method != "scratch"))
    }
    // Each measurement names the source of its own seed.
    for trial in trials where trial.kind == .measurement && trial.method != "scratch" {
      let source = trials.first { $0.kind == .source && $0.seed == trial.seed }
      #expect(source != nil && trial.identity["source"]?.string == source?.id)
    }
  }
}
