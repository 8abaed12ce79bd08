import Foundation
import GraftFiles
import Testing

@testable import GraftImports

/// Files that PyTorch saved, against the values that went into them.
@Suite struct FilesOfPyTorchTests {
  private static func state(_ text: String) throws -> StateDict {
    let data = try #require(Data(base64Encoded: text, options: .ignoreUnknownCharacters))
    return try StateDict(decodingPyTorch: Array(data))
  }

  @Test func readsSharedStoragesInAnArchive() throws {
    let state = try Self.state(FilesOfPyTorch.sharedStorage)
    let numbers = (0..<10).map(Float.init)
    #expect(state.tensors.map(\.name) == ["whole", "head", "tail", "again"])
    #expect(state.tensors.map(\.shape) == [[10], [4], [6], [10]])
    #expect(state.tensors.map(\.values) == [numbers, Array(numbers[..<4]), Array(numbers[4...]), numbers])
  }

  @Test func readsShapesAndTypesInAStream() throws {
    let state = try Self.state(FilesOfPyTorch.shapes)
    let expected: [(name: String, shape: [Int], type: StateDict.ElementType, values: [Float])] = [
      ("scalar", [], .float32, [2.5]), ("scalar_i64", [], .int64, [7]), ("empty", [0], .float32, []),
      ("empty2", [0, 3], .float32, []), ("one", [1, 1, 1, 1, 1], .float32, [1]),
      ("i64", [3], .int64, [1, -2, 0x1p40]), ("i32", [2], .int32, [1, -2]), ("u8", [2], .uint8, [0, 255]),
      ("boolean", [2], .bool, [1, 0]),
      ("special", [5], .float32, [.infinity, -.infinity, .nan, -0.0, .leastNonzeroMagnitude]),
    ]
    try #require(state.tensors.count == expected.count)
    for (tensor, (name, shape, type, values)) in zip(state.tensors, expected) {
      #expect(tensor.name == name)
      #expect(tensor.shape == shape)
      #expect(tensor.elementType == type)
      #expect(tensor.values.map(\.bitPattern) == values.map(\.bitPattern))
    }
  }

  @Test func readsViewsInAStream() throws {
    let state = try Self.state(FilesOfPyTorch.nonContiguous)
    func values(_ shape: [Int], _ value: ([Int]) -> Int, by divisor: Float = 8) -> [Float] {
      var places: [[Int]] = [[]]
      for size in shape { places = places.flatMap { place in (0..<size).map { place + [$0] } } }
      return places.map { Float(value($0)) / divisor }
    }
    let expected: [(name: String, shape: [Int], values: [Float])] = [
      ("permuted", [4, 2, 3], values([4, 2, 3]) { $0[1] * 12 + $0[2] * 4 + $0[0] }),
      ("transposed", [4, 3], values([4, 3]) { $0[1] * 4 + $0[0] }), ("row", [4], values([4]) { 16 + $0[0] }),
      ("column", [2, 3], values([2, 3]) { $0[0] * 12 + $0[1] * 4 + 2 }), ("step", [3], [1, 4, 7]),
      ("expanded", [2, 3], [1.5, 1.5, 1.5, 2.5, 2.5, 2.5]),
      ("hwio", [2, 3, 3, 3], values([2, 3, 3, 3], { $0[2] * 18 + $0[3] * 6 + $0[1] * 2 + $0[0] }, by: 1)),
      ("channels_last", [1, 2, 3, 4], (0..<24).map(Float.init)),
    ]
    try #require(state.tensors.count == expected.count)
    for (tensor, (name, shape, values)) in zip(state.tensors, expected) {
      #expect(tensor.name == name)
      #expect(tensor.shape == shape)
      #expect(tensor.values == values, "\(name)")
    }
  }
}
