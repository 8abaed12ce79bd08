import GraftKernelCalls
import GraftMatrices
import NumericChecks
import Testing

/// Random maps, as the kernels and as the reference see them.
struct TestMaps {
  let layout: MapLayout
  let maps: [ReferenceMap]

  init(_ images: Int, _ layout: MapLayout, seed: UInt64, exact: Bool = true) {
    self.layout = layout
    maps = numbers(images, layout.channels * layout.height * layout.width, seed: seed, exact: exact).map {
      ReferenceMap(channels: layout.channels, height: layout.height, width: layout.width, values: $0)
    }
  }

  init(_ maps: [ReferenceMap], _ layout: MapLayout) {
    self.layout = layout
    self.maps = maps
  }

  var matrix: Matrix {
    var matrix = Matrix(rows: maps.count, columns: layout.count)
    let places = layout.places
    for (row, map) in maps.enumerated() {
      for (place, value) in zip(places, map.values) { matrix[row, place] = Float(value) }
    }
    return matrix
  }
}

extension MapLayout {
  /// Where each number of a map lies, in PyTorch's order.
  var places: [Int] {
    (0..<channels).flatMap { channel in
      (0..<height).flatMap { y in (0..<width).map { x in index(y, x) + channel } }
    }
  }
}

extension Matrix {
  /// The maps in the first `images` rows, number after number in PyTorch's order.
  func values(_ layout: MapLayout, images: Int) -> [Float] {
    let places = layout.places
    return (0..<images).flatMap { row in places.map { self[row, $0] } }
  }

  /// All other floats of those rows: borders, what lies between spaced pixels, and channels that there are not.
  func around(_ layout: MapLayout, images: Int) -> [Float] {
    let places = Set(layout.places)
    return (0..<images).flatMap { row in (0..<columns).filter { !places.contains($0) }.map { self[row, $0] } }
  }
}

extension ReferenceWindow {
  var window: Window { Window(size: size, stride: stride) }
}

/// Random numbers in -1...1, row by row. Exact ones are eighths: sums of thousands of their products have no rounding in `Float`,
/// whatever their order, and a kernel has to give the very number of the reference.
func numbers(_ rows: Int, _ columns: Int, seed: UInt64, exact: Bool = true) -> [[Double]] {
  randomMatrix(rows, columns, seed: seed).map { row in
    row.map { exact ? (Double($0) * 8).rounded() / 8 : Double($0) }
  }
}

/// What convolutions are tried on.
enum MapSizes {
  static let channels = [1, 3, 5, 16, 17, 24, 33, 48]
  static let pairs = [(1, 16), (1, 5), (3, 17), (5, 3), (16, 33), (17, 16), (24, 48), (33, 1), (48, 24)]
    .map { Pair(inputs: $0.0, outputs: $0.1) }
  static let windows = [
    (1, 1, 0), (1, 2, 0), (2, 1, 0), (2, 1, 1), (2, 3, 1), (3, 1, 0), (3, 1, 1), (3, 2, 1), (3, 3, 2), (5, 1, 2),
    (5, 2, 4), (5, 3, 0),
  ].map { ReferenceWindow(size: $0.0, stride: $0.1, padding: $0.2) }
  static let shapes = [(7, 7), (5, 9), (12, 5), (5, 5), (28, 6)].map { Shape(height: $0.0, width: $0.1) }

  struct Pair: Sendable, CustomTestStringConvertible {
    let inputs: Int
    let outputs: Int
    var testDescription: String { "\(inputs) to \(outputs) channels" }
  }

  struct Shape: Sendable, CustomStringConvertible {
    let height: Int
    let width: Int
    var description: String { "\(height)x\(width)" }
  }
}
