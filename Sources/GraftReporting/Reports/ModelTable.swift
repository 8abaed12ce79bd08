import GraftDocuments
import GraftFiles
import GraftKernelCalls
import GraftMatrices
import GraftNetworks

/// A table of the layers of a model: shapes, parameters, multiply-adds, and whether they train.
package struct ModelTable: Sendable {
  private let model: Model

  package init(_ model: Model) { self.model = model }

  package var table: TextTable {
    TextTable(
      [
        .init("layer", .leading), .init("", .leading), .init("output"), .init("parameters"), .init("multiply-adds"),
        .init("trains", .leading),
      ],
      rows: [["input", "", shape(model.inputShape), "", "", ""]] + model.layers.flatMap(rows))
  }

  /// The number of learned parameters, without running statistics.
  package var parameters: Int { learned(model.parameters.slices) }
  package var trainedParameters: Int { learned(model.parameters.slices.filter(model.trains)) }
  /// The multiply-adds for one image.
  package var multiplyAdds: Int { model.layers.reduce(0) { $0 + $1.multiplyAdds } }

  private func learned(_ slices: [ParameterSlice]) -> Int {
    slices.reduce(0) { $0 + ($1.isStatistic ? 0 : $1.count) }
  }

  private func rows(_ layer: Layer) -> [[String]] {
    let own = [layer.weight, layer.bias].compactMap { $0 }
    var rows = [
      [
        layer.name, describe(layer.weights), shape(layer.mapShape), grouped(learned(own)), grouped(layer.multiplyAdds),
        state(own),
      ]
    ]
    if let norm = layer.norm {
      let slices = [norm.gain, norm.shift]
      let name = norm.gain.name.split(separator: ".").dropLast().joined(separator: ".")
      rows.append([name, "batch norm", shape(layer.mapShape), grouped(learned(slices)), "", state(slices)])
    }
    if let adding = layer.adding {
      rows.append(["", "plus \(model.layers[adding].name)", shape(layer.mapShape), "", "", ""])
    }
    if layer.function != .identity { rows.append(["", layer.function.rawValue, shape(layer.mapShape), "", "", ""]) }
    if let pooling = layer.pooling {
      let kind = pooling.kind == .maximum ? "max pool" : "average pool"
      rows.append(["", "\(kind) \(pooling)", shape(layer.outputShape), "", "", ""])
    }
    return rows
  }

  private func describe(_ weights: Layer.Weights) -> String {
    switch weights {
    case .linear: return "linear"
    case .convolution(let convolution):
      let shape = convolution.shape
      let padding =
        switch shape.padding {
        case .positions(let positions): positions == 0 ? "" : ", padding \(positions)"
        case .same: ", padding as TensorFlow"
        }
      return (shape.isDepthwise ? "depthwise" : "convolution") + " \(shape.kernel)x\(shape.kernel)"
        + (shape.stride == 1 ? "" : ", stride \(shape.stride)") + padding
    }
  }

  private func state(_ slices: [ParameterSlice]) -> String {
    let states = Set(slices.map(model.trains))
    if states.count == 1 { return states.first == true ? "yes" : "frozen" }
    return slices.filter(model.trains).compactMap { $0.name.split(separator: ".").last.map(String.init) }
      .joined(separator: ", ")
  }

  /// The text of a shape; a vector is written as its length.
  private func shape(_ shape: ImageShape) -> String {
    shape.height == 1 && shape.width == 1 ? grouped(shape.channels) : "\(shape)"
  }
}
