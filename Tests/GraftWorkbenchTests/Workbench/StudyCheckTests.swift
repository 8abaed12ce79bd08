import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftStatistics
import GraftTraining
import GraftWorkbench
import NumericChecks
import Testing

@Suite("What a study refuses before it trains anything")
struct StudyCheckTests {
  /// The kind, the line and the remedy of the failure that `body` throws.
  private func failure<Value>(_ body: () throws -> Value) -> (kind: FailureKind?, text: String, remedy: Remedy?) {
    do {
      return (nil, "no error: \(try body())", nil)
    } catch {
      return ((error as? any Failure)?.kind, "\(error)", remedy(of: error))
    }
  }

  private func study(
    _ methods: [TransferMethod] = [.fineTune], shares: [Share] = [.all], head: HeadPolicy? = nil,
    architecture: Architecture = SmallStudy.architecture, comparesLayers: Bool = false, from source: StudySource? = nil,
    to target: StudyDomain? = nil
  ) throws -> TransferStudy {
    var options = SmallStudy.options(methods, shares: shares, head: head)
    options.architecture = architecture
    options.comparesLayers = comparesLayers
    let pair = StudyPair(
      try source ?? .trained(SmallStudy.domain("even")), try target ?? SmallStudy.domain("odd"))
    return try TransferStudy(options, on: [pair])
  }

  @Test("more images per class than the smallest class has, or none")
  func perClass() throws {
    let target = try SmallStudy.domain("odd")
    let counts = target.data.train.countsPerClass
    #expect([1, 3, 5, 7, 9].map { counts[$0] }.min() == target.smallestClass)
    _ = try study(shares: [.perClass(target.smallestClass)], to: target)
    let wanted = target.smallestClass + 1
    let small = try #require(target.selection.classes.first { counts[$0] < wanted })
    let found = failure { try study(shares: [.all, .perClass(wanted)], to: target) }
    #expect(found.kind == .usage)
    #expect(found.text == "\(wanted) images per class were asked for, but class \(small) has \(counts[small])")
    #expect(failure { try study(shares: [.perClass(0)], to: target) }.kind == .usage)
  }

  @Test("what is asked for twice is studied once")
  func twice() throws {
    let pairs = [try SmallStudy.pair("even", "odd"), try SmallStudy.pair("even", "1,3,5,7,9")]
    let options = SmallStudy.options(shares: [.all, .perClass(20), .all])
    let study = try TransferStudy(options, on: pairs + pairs)
    #expect(study.pairs.map(\.target.name) == ["synthetic:odd"])
    #expect(study.options.shares == [.all, .perClass(20)])
  }

  @Test("two data sets of one name")
  func names() throws {
    let digits = SmallStudy.digits
    let other = DatasetPair(train: digits.train.selecting(images: Array(0..<700)), test: digits.test)
    let found = failure {
      try study(from: .trained(SmallStudy.domain("odd", of: other)), to: SmallStudy.domain("odd"))
    }
    #expect(found.kind == .usage)
    #expect(found.text == "two different data sets are called synthetic:odd: give one folder another name")
    _ = try study(from: .trained(SmallStudy.domain("even", of: other)), to: SmallStudy.domain("odd"))
  }

  @Test("a fraction that leaves a class without an image")
  func fraction() {
    let found = failure { try study(shares: [.fraction(0.001)]) }
    #expect(found.kind == .usage)
    #expect(found.text.hasPrefix("a share of 0.001 of the ") && found.text.hasSuffix(" is less than one image"))
  }

  private func patterns(side: Int = 6) throws -> StudyDomain {
    func dataset(_ seed: UInt64) -> Dataset {
      let images = PatternImages(perClass: 25, classes: 4, side: side, seed: seed)
      return Dataset(
        name: "patterns", shape: images.shape, classNames: (0..<4).map { "pattern \($0)" }, pixels: images.pixels,
        labels: images.labels)
    }
    return try StudyDomain(DatasetPair(train: dataset(1), test: dataset(2)), selecting: .all(of: 4))
  }

  @Test("images of two shapes")
  func shapes() {
    let found = failure { try study(from: .trained(patterns())) }
    #expect(found.kind == .badData)
    #expect(found.text == "patterns:all has images of 1x6x6, synthetic:odd of 1x28x28")
    #expect(found.remedy == .resizing)
  }

  @Test(
    "methods that hold a body, of a model that has none",
    arguments: ["frozen", "random-frozen", "lp-ft", "gradual", "bias-only"])
  func noBody(text: String) throws {
    let method = try TransferMethod(parsing: text)
    let found = failure { try study([.fineTune, method], architecture: .softmax) }
    #expect(found.kind == .usage && found.text == "\(text): a softmax model has no body to freeze")
  }

  @Test("methods that hold every layer")
  func nothingLeft() {
    let found = failure { try study([TransferMethod(.fineTune, layerCount: 2)]) }
    #expect(found.kind == .usage)
    #expect(found.text == "fine-tune:2: holding 2 layers would leave nothing to train, mlp:12 has 2")
  }

  @Test("methods that copy every layer, or a body of a model that has none", arguments: ["copy", "copy+"])
  func copies(text: String) throws {
    let tooMany = failure { try study([TransferMethod(parsing: "\(text):2")]) }
    #expect(tooMany.kind == .usage)
    #expect(tooMany.text == "\(text):2: copying 2 layers would leave nothing fresh, mlp:12 has 2")
    let noBody = failure { try study([TransferMethod(parsing: text)], architecture: .softmax) }
    #expect(noBody.kind == .usage && noBody.text == "\(text): a softmax model has no body to copy")
    for method in [text, "\(text):1"] { _ = try study([TransferMethod(parsing: method)]) }
  }

  @Test("layers to compare, of a model that has none")
  func noLayers() throws {
    let found = failure { try study(architecture: .softmax, comparesLayers: true) }
    #expect(found.kind == .usage && found.text == "a softmax model has no hidden layer to compare")
    _ = try study(comparesLayers: true)
    var options = SmallStudy.options()
    options.architecture = .softmax
    let planned = failure {
      try LayerStudy.plan(options, from: SmallStudy.domain("even"), to: SmallStudy.domain("odd"))
    }
    #expect(planned.kind == .usage && planned.text == found.text)
  }

  @Test("a class without test images, or without training images")
  func emptyClass() {
    let digits = SmallStudy.digits
    func without(_ class: Int, _ dataset: Dataset) -> Dataset {
      dataset.selecting(images: dataset.labels.indices.filter { dataset.labels[$0] != `class` })
    }
    let untested = failure {
      try SmallStudy.domain("odd", of: DatasetPair(train: digits.train, test: without(7, digits.test)))
    }
    #expect(untested.kind == .badData && untested.text == "synthetic has no test images of class 7")
    let untaught = failure {
      try SmallStudy.domain("odd", of: DatasetPair(train: without(3, digits.train), test: digits.test))
    }
    #expect(untaught.kind == .badData && untaught.text == "synthetic has no training images of class 3")
  }

  @Test("a head that is to be kept for another number of classes, also of sources that are not trained yet")
  func keptHead() throws {
    let few = try SmallStudy.domain("1,3,5")
    let found = failure { try study(head: .keep, to: few) }
    #expect(found.kind == .usage)
    #expect(found.text == "the head has 5 outputs and the target 3 classes" && found.remedy == .newHead)
    #expect(failure { try study(head: .keep, from: file(), to: few) }.text == found.text)
    for head in [HeadPolicy.reset, .shared, nil] { _ = try study(head: head, to: few) }
    _ = try study(head: .keep)
  }

  /// A source from a file that knows the even digits.
  private func file(
    _ architecture: Architecture = SmallStudy.architecture, shape: ImageShape = .mnist,
    normalization: Normalization = .unit
  ) -> StudySource {
    let outputs = ClassOutputs(.compact, choosing: [0, 2, 4, 6, 8], of: SmallStudy.digits.train.classNames)
    let checkpoint = Checkpoint(
      model: Model(architecture, inputShape: shape, classCount: 5, seed: 0), normalization: normalization,
      outputs: outputs, record: JSON.Object())
    return .checkpoint(checkpoint, name: "even.safetensors", digest: "00")
  }

  @Test("a file whose model reads other images, is another network, and one that scales pixels otherwise")
  func files() throws {
    _ = try study(from: file())
    let shape = failure { try study(from: file(shape: ImageShape(height: 6, width: 6))) }
    #expect(shape.kind == .badData)
    #expect(shape.text == "even.safetensors: the model reads images of 1x6x6, synthetic:odd has 1x28x28")
    #expect(shape.remedy == .resizing)
    let network = failure { try study(from: file(.study)) }
    #expect(network.kind == .usage && network.text == "even.safetensors is a mlp:500 model, the study's are mlp:12")
    // The target and its control are read as the model reads.
    let scale = Normalization(mean: 0.5, deviation: 0.25)
    #expect(try study(from: file(normalization: scale)).pairs.allSatisfy { $0.target.normalization == scale })
  }

  @Test("nothing to do")
  func nothing() throws {
    let expected = "a study needs a pair of source and target, a seed and a number of labels"
    let pair = try SmallStudy.pair()
    let found = [
      failure { try TransferStudy(SmallStudy.options(), on: []) },
      failure { try TransferStudy(SmallStudy.options(seeds: []), on: [pair]) },
      failure { try TransferStudy(SmallStudy.options(shares: []), on: [pair]) },
    ]
    for one in found { #expect(one.kind == .usage && one.text == expected) }
  }

  @Test("a model that no memory holds")
  func size() {
    #expect(failure { try study(architecture: Architecture(hiddenUnits: [65_536, 65_536])) }.kind == .usage)
  }
}
