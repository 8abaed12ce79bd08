import GraftData
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftTraining
import Testing

@Suite("Classes are known by their names")
struct ClassAlignmentTests {
  private func pair(_ names: [String], _ labels: [Int]) -> DatasetPair {
    let set = Dataset(
      name: "animals", shape: ImageShape(height: 1, width: 1), classNames: names,
      pixels: labels.map { UInt8($0) }, labels: labels)
    return DatasetPair(train: set, test: set)
  }

  private let outputs = ClassOutputs(.compact, choosing: [0, 1], of: ["cat", "dog"])

  @Test("a class more gives the others other indices, and the model's are restored")
  func renumbered() throws {
    let aligned = try pair(["bird", "cat", "dog"], [0, 1, 2, 2]).aligned(with: outputs).test
    #expect(aligned.classNames == ["cat", "dog", "bird"] && aligned.labels == [2, 0, 1, 1])
    let same = try pair(["cat", "dog"], [0, 1]).aligned(with: outputs).test
    #expect(same.labels == [0, 1])
  }

  @Test("data without one of the model's classes is refused, digits for clothes are not")
  func missing() throws {
    let error = try #require(throws: GraftFailure.self) { try pair(["cat", "cow"], [0, 1]).aligned(with: outputs) }
    #expect(error.description == "the model knows cat, dog, animals has cat, cow")
    #expect(try pair(["0", "1"], [0, 1]).aligned(with: outputs).test.labels == [0, 1])
  }
}
