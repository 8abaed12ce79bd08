import GraftKernelCalls
import GraftMatrices
import GraftNetworks
import GraftTraining
import Synchronization

extension BenchmarkTask {
  /// The convolutions that are timed one by one: the second of `cnn:small`, three of `cnn:best`, and one of each stage of `resnet18`.
  private static let convolutionCases = [
    ConvolutionCase(side: 12, inputs: 16, outputs: 32, kernel: 5, padding: 0),
    ConvolutionCase(side: 28, inputs: 32, outputs: 32), ConvolutionCase(side: 14, inputs: 64, outputs: 64),
    ConvolutionCase(side: 7, inputs: 64, outputs: 128), ConvolutionCase(side: 56, inputs: 64, outputs: 64),
    ConvolutionCase(side: 28, inputs: 128, outputs: 128), ConvolutionCase(side: 14, inputs: 256, outputs: 256),
    ConvolutionCase(side: 7, inputs: 512, outputs: 512),
  ]

  /// Names of the tasks of single convolutions, and of an epoch of `cnn:best`. They run only if they are asked for.
  static let convolutionNames =
    convolutionCases.flatMap { shape in
      ["convolution", "gradient"].map { "\($0)-\(shape.name)" }
        + (shape.kernel == 3 ? ["winograd", "winograd-gradient"].map { "\($0)-\(shape.name)" } : [])
    } + [bestEpochName]

  private static let bestEpochName = "convolution-best-epoch"

  /// Tasks for the forward pass and for the weight gradient of each convolution.
  static func convolutions(_ setting: BenchmarkSetting) -> [BenchmarkTask] {
    let epoch = convolutionalEpoch(
      bestEpochName, "cnn:best", .bestConvolutional, Recipe.study.settings(seed: 0), setting)
    return [epoch]
      + convolutionCases.flatMap { shape in
        let operations = 2 * Double(shape.multiplyAdds * ConvolutionMemory.images)
        let work = Work(denseOperations: operations, operations: operations, images: ConvolutionMemory.images)
        let memory = Mutex<ConvolutionMemory?>(nil)
        @Sendable func seconds(_ body: (inout ConvolutionMemory) -> Void) -> Double {
          memory.withLock { kept in
            var own = kept ?? ConvolutionMemory(shape, threads: setting.threads)
            kept = nil  // so that nothing is shared, and copied, while it is written
            defer { kept = own }
            return Benchmark.secondsOfShort { body(&own) }
          }
        }
        let words =
          "\(shape.kernel) × \(shape.kernel) over \(shape.side) × \(shape.side), \(shape.inputs) to \(shape.outputs) channels, \(ConvolutionMemory.images) images"
        return [
          BenchmarkTask(name: "convolution-\(shape.name)", summary: "a convolution, \(words)", work: work) {
            seconds { $0.forward() }
          },
          BenchmarkTask(name: "gradient-\(shape.name)", summary: "its weights' gradient, \(words)", work: work) {
            seconds { $0.gradient() }
          },
        ]
          + (shape.kernel == 3
            ? [
              BenchmarkTask(
                name: "winograd-\(shape.name)",
                summary: "the convolution in Winograd's form, operations of the plain one, \(words)", work: work
              ) {
                seconds { $0.winogradForward() }
              },
              BenchmarkTask(
                name: "winograd-gradient-\(shape.name)",
                summary: "the gradient in Winograd's form, operations of the plain one, \(words)",
                work: work
              ) {
                seconds { $0.winogradGradient() }
              },
            ] : [])
      }
  }
}

/// A convolution over square maps, one position from window to window.
private struct ConvolutionCase: Sendable {
  let side: Int
  let inputs: Int
  let outputs: Int
  var kernel = 3
  var padding = 1

  var name: String { "\(side)x\(side)x\(inputs)x\(outputs)" }
  /// Positions along each side of the output.
  var outputSide: Int { side + 2 * padding - kernel + 1 }
  /// Multiply-adds of an image.
  var multiplyAdds: Int { outputSide * outputSide * kernel * kernel * inputs * outputs }
}

/// A convolution's maps and weights, filled with noise.
private struct ConvolutionMemory: Sendable {
  static let images = 16

  let input: Matrix
  let windows: WindowedMaps
  let weights: AlignedFloats
  let weight: PanelLayout
  let layout: MapLayout
  let outputGradient: Matrix
  let scratch: ScratchFloats
  var output: Matrix
  var update: AlignedFloats
  var state: OptimizerState
  var transformed: WinogradWeights
  let memory: WinogradMemory?
  let team: Team

  init(_ shape: ConvolutionCase, threads: Int) {
    let inputLayout = MapLayout(
      channels: shape.inputs, height: shape.side, width: shape.side, border: shape.padding)
    layout = MapLayout(channels: shape.outputs, height: shape.outputSide, width: shape.outputSide)
    windows = WindowedMaps(inputLayout, window: Window(size: shape.kernel, stride: 1), padding: shape.padding)
    weight = PanelLayout(rows: shape.kernel * shape.kernel * inputLayout.pitch, columns: shape.outputs)
    weights = .random(count: weight.footprint)
    input = .random(rows: Self.images, columns: inputLayout.count)
    outputGradient = .random(rows: Self.images, columns: layout.count)
    output = Matrix(rows: Self.images, columns: layout.count)
    scratch = ScratchFloats(count: weight.footprint)
    update = weights
    state = OptimizerState(count: weight.footprint, hasSecond: false)
    transformed = WinogradWeights(inputPitch: inputLayout.pitch, outputs: shape.outputs)
    memory = WinogradMemory(pitches: [(inputLayout.pitch, layout.pitch)], parts: max(threads, 1), trains: true)
    team = threads > 1 ? Team(size: threads) : .alone
  }

  mutating func forward() {
    convolution(
      input, windows, images: Self.images, weights, weight: weight, bias: nil, into: &output, layout, team: team)
  }

  mutating func winogradForward() {
    guard let memory else { return }
    transformed.transform(weights, weight)
    winogradConvolution(
      input, windows, images: Self.images, transformed, bias: nil, into: &output, layout, in: memory, team: team)
  }

  mutating func winogradGradient() { gradient(winograd: memory) }

  mutating func gradient() { gradient(winograd: nil) }

  /// Computes the gradient and moves the weights by nothing, as a training does.
  private mutating func gradient(winograd: WinogradMemory?) {
    let factors = ConvolutionFactors(
      input, windows, outputGradient: outputGradient, layout, images: Self.images, scratch: scratch,
      winograd: winograd)
    let step = UpdateStep.sgd(SGDStep(learningRate: 0, momentum: 0.9, weightDecay: 0, nesterov: false))
    WeightGradient.convolution(factors).move(&update, at: weight, by: step, state: &state, team: team)
  }
}
