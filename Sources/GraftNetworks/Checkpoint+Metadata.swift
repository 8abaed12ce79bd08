import GraftFiles
import GraftMatrices

extension Checkpoint {
  /// The `graft.` entries of a file's metadata; an error names the entry that cannot be read.
  struct Metadata {
    let file: Safetensors

    func text(_ key: String) throws(FormatError) -> String {
      guard let text = file.metadata(key) else {
        throw FormatError(problem: "not a Graft checkpoint: there is no \(key) in its metadata")
      }
      return text
    }

    func json(_ key: String) throws(FormatError) -> JSON {
      let text = try text(key)
      do {
        return try JSON(parsing: text)
      } catch {
        throw FormatError(problem: "metadata \(key): \(error.problem)")
      }
    }

    func checkVersion() throws(FormatError) {
      let version = try text("graft.schema_version")
      guard let number = Int(version), number > 0 else {
        throw FormatError(problem: "metadata graft.schema_version: expected a number, found \(quoted(version))")
      }
      guard number <= Checkpoint.schemaVersion else {
        throw FormatError(
          problem: "written by a newer Graft (metadata version \(number), this one reads \(Checkpoint.schemaVersion))")
      }
    }

    func architecture() throws(FormatError) -> Architecture {
      let text = try text("graft.model")
      do {
        return try Architecture(parsing: text)
      } catch {
        throw FormatError(problem: "metadata graft.model: \(error)")
      }
    }

    /// Checks the size before a model is made, so that a small file cannot ask for a model that fills the memory. A model of up
    /// to four million numbers is made in any case, because comparing it with the tensors gives the better message.
    func check(_ architecture: Architecture, _ shape: ImageShape, classCount: Int) throws(FormatError) {
      let needed: Int?
      do {
        needed = try architecture.parameterCount(on: shape, classCount: classCount)
      } catch {
        throw FormatError(problem: "metadata graft.model: \(error)")
      }
      let present = file.tensors.reduce(0) { $0 + $1.bytes.count }
      if let needed, needed <= max(present, 1 << 22) { return }
      throw FormatError(
        problem:
          "metadata graft.model: \(architecture) on images of \(shape) needs \(needed.map(String.init) ?? "too many") "
          + "numbers, the tensors have \(present) bytes")
    }

    func inputShape() throws(FormatError) -> ImageShape {
      let text = try text("graft.input_shape")
      guard let shape = ImageShape(parsing: text) else {
        throw FormatError(problem: "metadata graft.input_shape: expected 1x28x28, found \(quoted(text))")
      }
      return shape
    }

    /// The mean and the deviation: a number for all channels, or a list with one for each.
    func normalization(channels: Int) throws(FormatError) -> Normalization {
      let object = try json("graft.normalization")
      func values(_ key: String) throws(FormatError) -> [Float] {
        let list = object[key]?.array ?? object[key].map { [$0] } ?? []
        let numbers = list.compactMap { $0.double.map { Float($0) } }
        guard numbers.count == list.count else {
          throw FormatError(problem: "metadata graft.normalization: expected a number or a list of numbers as \(key)")
        }
        return numbers
      }
      let (means, deviations) = (try values("mean"), try values("deviation"))
      guard [1, channels].contains(means.count), means.count == deviations.count, means.allSatisfy(\.isFinite),
        deviations.allSatisfy({ $0.isFinite && $0 > 0 })
      else {
        throw FormatError(
          problem: "metadata graft.normalization: expected a mean and a positive deviation"
            + (object["mean"]?.array == nil ? "" : ", one or \(channels) of each"))
      }
      // Pixels that are divided by less are all alike.
      if let smallest = deviations.min(), smallest < Metadata.smallestDeviation {
        throw FormatError(
          problem: "metadata graft.normalization: expected a deviation of \(Metadata.smallestDeviation) or more, "
            + "found \(smallest)")
      }
      return Normalization(means: means, deviations: deviations)
    }

    private static let smallestDeviation: Float = 1e-6

    func outputs() throws(FormatError) -> ClassOutputs {
      let classes = try integers("graft.classes")
      let names = try strings("graft.class_names")
      let trained = try integers("graft.trained_classes")
      guard !classes.isEmpty, !trained.isEmpty, classes.count == names.count,
        classes.allSatisfy({ (0..<ClassOutputs.mostClasses).contains($0) }),
        zip(classes, classes.dropFirst()).allSatisfy({ $0 < $1 }), trained.allSatisfy(classes.contains)
      else {
        throw FormatError(problem: "metadata graft.classes, class_names and trained_classes do not fit each other")
      }
      if let place = names.firstIndex(where: { $0.allSatisfy(\.isWhitespace) }) {
        throw FormatError(problem: "metadata graft.class_names: the name of class \(classes[place]) is empty")
      }
      if let name = Metadata.firstTwice(names) {
        throw FormatError(problem: "metadata graft.class_names: two classes have the name \(quoted(singleLine(name)))")
      }
      if let index = Metadata.firstTwice(trained) {
        throw FormatError(problem: "metadata graft.trained_classes: class \(index) occurs twice")
      }
      return ClassOutputs(classes: classes, names: names, trained: trained)
    }

    /// The first element that occurred before.
    private static func firstTwice<Element: Hashable>(_ elements: [Element]) -> Element? {
      var known: Set<Element> = []
      return elements.first { !known.insert($0).inserted }
    }

    /// The names of the parameters that do not train.
    func frozen(in model: Model) throws(FormatError) -> [String] {
      let names = try strings("graft.frozen")
      if let name = names.first(where: { model.parameters.slice(named: $0) == nil }) {
        throw FormatError(
          problem: "metadata graft.frozen: \(quoted(singleLine(name))) is not part of \(model.architecture)")
      }
      return names
    }

    func record() throws(FormatError) -> JSON.Object {
      guard let record = try json("graft.record").object else {
        throw FormatError(problem: "metadata graft.record: expected a JSON object")
      }
      return record
    }

    func integers(_ key: String) throws(FormatError) -> [Int] {
      try list(key, "numbers") { $0.int }
    }

    func strings(_ key: String) throws(FormatError) -> [String] {
      try list(key, "names") { $0.string }
    }

    private func list<Element>(
      _ key: String, _ what: String, _ read: (JSON) -> Element?
    ) throws(FormatError) -> [Element] {
      let values = try json(key).array ?? [.null]
      let elements = values.compactMap(read)
      guard elements.count == values.count else {
        throw FormatError(problem: "metadata \(key): expected a list of \(what)")
      }
      return elements
    }
  }
}
