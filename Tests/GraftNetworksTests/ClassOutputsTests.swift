import GraftFiles
import GraftNetworks
import Testing

@Suite struct ClassOutputsTests {
  private let names = ["zero", "one", "two", "three"]

  @Test("compact outputs are the chosen classes")
  func compact() throws {
    let outputs = ClassOutputs(.compact, choosing: [1, 3], of: names)
    #expect(outputs.classes == [1, 3] && outputs.names == ["one", "three"] && outputs.trained == [1, 3])
    #expect(outputs.count == 2 && outputs.numbering == .compact)
    #expect(try outputs.outputs(for: [3, 1, 1, 3]) == [1, 0, 0, 1])
    #expect(try outputs.outputs(for: []) == [])
  }

  @Test("original outputs are all classes of the data")
  func original() throws {
    let outputs = ClassOutputs(.original, choosing: [1, 3], of: names)
    #expect(outputs.classes == [0, 1, 2, 3] && outputs.names == names && outputs.trained == [1, 3])
    #expect(outputs.count == 4 && outputs.numbering == .original)
    #expect(try outputs.outputs(for: [3, 1, 0]) == [3, 1, 0])
  }

  @Test(
    "a label without an output is bad data, named with what the model knows", arguments: [0, 2, 4, 255, 70_000, -1])
  func unknown(label: Int) throws {
    let outputs = ClassOutputs(.compact, choosing: [1, 3], of: names)
    let error = try #require(throws: GraftFailure.self) { try outputs.outputs(for: [1, label]) }
    #expect(error.kind == .badData)
    #expect(error.description == "the model has no output for class \(label); it knows one, three")
  }
}
