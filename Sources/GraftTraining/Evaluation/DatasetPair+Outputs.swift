import GraftData
import GraftFiles
import GraftNetworks

extension DatasetPair {
  /// The same images with the class indices that a model's outputs stand for.
  ///
  /// A class is known by its name: a folder with one class more gives the others other indices.
  ///
  /// - Throws: If the classes of both have names other than numbers, and the data lacks one of the model's.
  package func aligned(with outputs: ClassOutputs) throws(GraftFailure) -> DatasetPair {
    let own = train.classNames
    let isSame = zip(outputs.classes, outputs.names).allSatisfy { own.indices.contains($0) && own[$0] == $1 }
    if isSame { return self }
    guard outputs.names.allSatisfy(own.contains) else {
      func areWords(_ names: [String]) -> Bool { names.contains { Int($0) == nil } }
      guard areWords(own), areWords(outputs.names) else { return self }
      throw GraftFailure(
        .badData,
        "the model knows \(DatasetPair.listed(outputs.names)), \(train.name) has \(DatasetPair.listed(own))")
    }
    var names = [String](repeating: "", count: (outputs.classes.max() ?? 0) + 1)
    for (index, name) in zip(outputs.classes, outputs.names) { names[index] = name }
    names += own.filter { !outputs.names.contains($0) }
    let numbers = own.map { name in names.firstIndex(of: name) ?? 0 }
    func renumbered(_ dataset: Dataset) -> Dataset {
      Dataset(
        name: dataset.name, shape: dataset.shape, classNames: names, rows: dataset.rows,
        labels: dataset.labels.map { numbers[$0] })
    }
    return DatasetPair(train: renumbered(train), test: renumbered(test))
  }

  private static func listed(_ names: [String]) -> String {
    names.prefix(8).joined(separator: ", ") + (names.count > 8 ? ", …" : "")
  }
}
