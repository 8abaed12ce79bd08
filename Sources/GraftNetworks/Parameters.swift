import GraftFiles
import GraftKernelCalls
import GraftMatrices

/// One named tensor inside a model's block of parameters.
public struct ParameterSlice: Sendable, Hashable {
  /// The use of a slice's numbers.
  package enum Role: Sendable, Hashable {
    case weight, bias
    /// Gain and shift of a normalisation, which begin as ones and as zeros.
    case gain, shift
    /// A running mean or variance, saved like the others, but moved by no optimizer; the number is its initial value.
    case statistic(Float)
  }

  /// PyTorch's name, for example `fc1.weight`.
  public let name: String
  /// PyTorch's shape: [outputs, inputs] or [outputs, inputs, kernel, kernel] for a weight, [outputs] for all else.
  public let shape: [Int]
  /// The use of the numbers.
  package let role: Role
  /// Number of inputs that feed one output: initial values are uniform in ±1/√fanIn.
  package let fanIn: Int
  /// Layout of the values in memory.
  package let layout: PanelLayout
  /// Whether memory is input-major, [inputs × outputs], as convolutions and a layer that reads sparse pixels need it.
  package let isInputMajor: Bool
  /// Order in memory of inputs that are pixels of feature maps.
  let inputOrder: InputOrder

  /// Elements, without padding.
  package var count: Int { shape.reduce(1, *) }

  /// Whether the slice is a running statistic, which no gradient moves.
  package var isStatistic: Bool { if case .statistic = role { true } else { false } }

  /// Whether the slice is a running variance, whose root is taken.
  var isVariance: Bool { role == .statistic(1) }

  /// Calls `body` with each position in PyTorch's order and the index of its element in the block.
  @inline(__always)
  func forEachPlace(_ body: (_ position: Int, _ index: Int) -> Void) {
    guard shape.count > 1 else {
      for position in 0..<count { body(position, layout.index(0, position)) }
      return
    }
    // An index is the sum of a part of its output and a part of its input.
    let inputs = count / max(shape[0], 1)
    let ofInputs = (0..<inputs).map { input in
      let place = inputOrder.index(input)
      return isInputMajor ? layout.index(place, 0) : layout.index(0, place)
    }
    var position = 0
    for output in 0..<shape[0] {
      let ofOutput = (isInputMajor ? layout.index(0, output) : layout.index(output, 0)) - layout.offset
      for input in ofInputs {
        body(position, input &+ ofOutput)
        position &+= 1
      }
    }
  }
}

/// The order of a weight's inputs: PyTorch has all positions of a channel side by side, memory all channels of a position.
struct InputOrder: Sendable, Hashable {
  /// Positions of a channel.
  let positions: Int
  /// Floats from one position to the next.
  let pitch: Int

  static let flat = InputOrder(positions: 1, pitch: 1)

  func index(_ input: Int) -> Int {
    if positions == 1 { return input }
    let (channel, position) = input.quotientAndRemainder(dividingBy: positions)
    return position * pitch + channel
  }

  /// Places that the inputs of `channels` channels take in memory.
  func places(channels: Int) -> Int { self == .flat ? channels : positions * pitch }
}

/// All parameters of a model: one flat, aligned block and a table that names its parts.
///
/// An optimizer's state, a gradient and a checkpoint have the same shape, so each of them is one short loop.
public struct Parameters: Sendable, Hashable {
  /// Slices of the block, in the order of the layers.
  public let slices: [ParameterSlice]
  package var block: AlignedFloats

  init(_ slices: [ParameterSlice]) {
    self.slices = slices
    block = AlignedFloats(zeros: slices.map { $0.layout.offset + $0.layout.footprint }.max() ?? 0)
  }

  /// Elements, without padding; running statistics are among them.
  package var count: Int { slices.reduce(0) { $0 + $1.count } }

  /// The values of a slice in PyTorch's order, row-major over ``ParameterSlice/shape``.
  public func values(of slice: ParameterSlice) -> [Float] {
    block.withFloats { floats in
      [Float](unsafeUninitializedCapacity: slice.count) { values, count in
        slice.forEachPlace { position, index in values[position] = floats[index] }
        count = slice.count
      }
    }
  }

  /// Replaces the values of a slice, given in PyTorch's order.
  package mutating func setValues(of slice: ParameterSlice, to values: [Float]) {
    precondition(values.count == slice.count, "\(slice.name) has \(slice.count) values, not \(values.count)")
    block.withMutableFloats { floats in
      values.withUnsafeBufferPointer { values in
        slice.forEachPlace { position, index in floats[index] = values[position] }
      }
    }
  }

  /// SHA-256 over all values in PyTorch's order, little-endian.
  package var digest: String {
    var stream = SHA256Digest.Stream()
    for slice in slices {
      let bits = values(of: slice).map { $0.bitPattern.littleEndian }
      bits.withUnsafeBytes { stream.update($0.bindMemory(to: UInt8.self)) }
    }
    return stream.hex()
  }

  /// The slice with PyTorch's name `name`; nil if there is none.
  package func slice(named name: String) -> ParameterSlice? { slices.first { $0.name == name } }
}

/// A table that lays slices out one behind the other, each on a cache line.
struct ParameterTable {
  private(set) var slices: [ParameterSlice] = []
  private var end = 0

  mutating func addWeight(
    _ name: String, shape: [Int], order: InputOrder = .flat, inputMajor: Bool
  ) -> ParameterSlice {
    let inputs = shape.dropFirst().reduce(1, *)
    let places = order.places(channels: inputs / order.positions)
    let layout =
      inputMajor
      ? PanelLayout(offset: end, rows: places, columns: shape[0])
      : PanelLayout(offset: end, rows: shape[0], columns: places)
    return add(
      ParameterSlice(
        name: name, shape: shape, role: .weight, fanIn: inputs, layout: layout, isInputMajor: inputMajor,
        inputOrder: order))
  }

  /// Adds a vector.
  ///
  /// - Parameter fanIn: Number of inputs of the weight beside it.
  mutating func addVector(_ name: String, _ role: ParameterSlice.Role, fanIn: Int, count: Int) -> ParameterSlice {
    let layout = PanelLayout(offset: end, vectorOf: count)
    return add(
      ParameterSlice(
        name: name, shape: [count], role: role, fanIn: fanIn, layout: layout, isInputMajor: false, inputOrder: .flat))
  }

  private mutating func add(_ slice: ParameterSlice) -> ParameterSlice {
    slices.append(slice)
    end += slice.layout.footprint
    return slice
  }
}
