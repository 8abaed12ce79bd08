import GraftFiles

extension BenchmarkTask {
  /// Names of the tasks, in the order in which they run.
  package static let names =
    [
      "pixel-product", "pixel-update", "pixel-arrangement", "product-64x784x500", "product-512x784x500",
      "product-1024x1024x1024", "head-product", "head-update", "softmax", "network-epoch", "softmax-epoch",
      "adam-epoch",
      "dense-epoch", "convolution-epoch", "transfer", "predict-one", "predict-batch",
    ] + convolutionNames + familyNames

  /// The tasks with the given names. Without names these are all tasks that do not have to be asked for: single convolutions, the
  /// epoch of `cnn:best` and networks of blocks are left out.
  package static func named(_ wanted: [String], _ setting: BenchmarkSetting) throws -> [BenchmarkTask] {
    var all = kernels(setting) + recipes(setting)
    if wanted.isEmpty { return all }
    if wanted.contains(where: convolutionNames.contains) { all += convolutions(setting) }
    if wanted.contains(where: familyNames.contains) { all += try families(setting) }
    var tasks: [BenchmarkTask] = []
    for name in wanted {
      guard let task = all.first(where: { $0.name == name }) else {
        throw GraftFailure(.usage, unknownName(name))
      }
      tasks.append(task)
    }
    return tasks
  }

  /// The error message for an unknown name.
  package static func unknownName(_ name: String) -> String {
    let hint =
      nearest(to: name, among: names).map { "did you mean \($0)?" } ?? "known are \(names.joined(separator: ", "))"
    return "there is no benchmark '\(name)'; \(hint)"
  }
}
