import Files
import KernelCalls
import Matrices

/// One named tensor inside a model's block of parameters.
public struct ParameterSlice: Sendable, Hashable {
  /// PyTorch's name, for example `fc1.weight`.
  public let name: String
  /// PyTorch's shape: [outputs, inputs] for a weight, [outputs] for a bias.
  public let shape: [Int]
  /// The inputs that feed one output: initial values are uniform in ±1/√fanIn.
  public let fanIn: Int
  /// Where the values lie in memory.
  package let layout: PanelLayout
  /// Whether memory is input-major, [inputs × outputs], as a layer that reads sparse pixels wants it.
  package let isInputMajor: Bool

  /// Elements, without padding.
  public var count: Int { shape.reduce(1, *) }

  /// Index in the block of the element at PyTorch's flat position `position`.
  func index(_ position: Int) -> Int {
    guard shape.count == 2 else { return layout.index(0, position) }
    let (output, input) = position.quotientAndRemainder(dividingBy: shape[1])
    return isInputMajor ? layout.index(input, output) : layout.index(output, input)
  }
}

/// All parameters of a model: one flat, aligned block and a table that names its parts.
///
/// An optimizer's state, a gradient and a checkpoint have the same shape, so each of them is one short loop.
public struct Parameters: Sendable, Hashable {
  public let slices: [ParameterSlice]
  package var block: AlignedFloats

  init(_ slices: [ParameterSlice]) {
    self.slices = slices
    block = AlignedFloats(zeros: slices.map { $0.layout.offset + $0.layout.footprint }.max() ?? 0)
  }

  /// Elements, without padding.
  public var count: Int { slices.reduce(0) { $0 + $1.count } }

  /// The values of a slice in PyTorch's order, row-major over ``ParameterSlice/shape``.
  public func values(of slice: ParameterSlice) -> [Float] {
    block.withFloats { floats in (0..<slice.count).map { floats[slice.index($0)] } }
  }

  /// Replaces the values of a slice, given in PyTorch's order.
  public mutating func setValues(of slice: ParameterSlice, to values: [Float]) {
    precondition(values.count == slice.count, "\(slice.name) has \(slice.count) values, not \(values.count)")
    block.withMutableFloats { floats in
      for (position, value) in values.enumerated() { floats[slice.index(position)] = value }
    }
  }

  /// SHA-256 over all values in PyTorch's order, little-endian.
  public var digest: String {
    var stream = SHA256Digest.Stream()
    for slice in slices {
      stream.update(
        values(of: slice).flatMap { value in
          withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
        })
    }
    return stream.hex()
  }

  public func slice(named name: String) -> ParameterSlice? { slices.first { $0.name == name } }
}

/// Lays slices out one behind the other, each on a cache line.
struct ParameterTable {
  private(set) var slices: [ParameterSlice] = []
  private var end = 0

  mutating func addWeight(_ name: String, inputs: Int, outputs: Int, inputMajor: Bool) -> ParameterSlice {
    let layout =
      inputMajor
      ? PanelLayout(offset: end, rows: inputs, columns: outputs)
      : PanelLayout(offset: end, rows: outputs, columns: inputs)
    return add(
      ParameterSlice(name: name, shape: [outputs, inputs], fanIn: inputs, layout: layout, isInputMajor: inputMajor))
  }

  mutating func addBias(_ name: String, inputs: Int, outputs: Int) -> ParameterSlice {
    let layout = PanelLayout(offset: end, vectorOf: outputs)
    return add(ParameterSlice(name: name, shape: [outputs], fanIn: inputs, layout: layout, isInputMajor: false))
  }

  private mutating func add(_ slice: ParameterSlice) -> ParameterSlice {
    slices.append(slice)
    end += slice.layout.footprint
    return slice
  }
}
