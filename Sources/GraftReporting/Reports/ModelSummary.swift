import GraftDocuments
import GraftFiles
import GraftMatrices
import GraftNetworks

/// A summary of a model or a checkpoint in a table and a few lines.
package struct ModelSummary: Sendable {
  private let model: Model
  private let checkpoint: Checkpoint?

  package init(_ model: Model) { (self.model, checkpoint) = (model, nil) }

  package init(_ checkpoint: Checkpoint) { (model, self.checkpoint) = (checkpoint.model, checkpoint) }

  package var document: TextDocument {
    let table = ModelTable(model)
    var lines = [
      "\(model.architecture): \(grouped(table.parameters)) parameters"
        + (table.trainedParameters < table.parameters ? ", \(grouped(table.trainedParameters)) of them train" : "")
        + "; \(grouped(table.multiplyAdds)) multiply-adds for one image."
    ]
    if let checkpoint {
      let outputs = checkpoint.outputs
      lines.append(
        "Outputs: \(outputs.names.joined(separator: ", "))"
          + (outputs.numbering == .compact
            ? ""
            : "; trained on \(outputs.trained.map { outputs.names[outputs.classes.firstIndex(of: $0) ?? 0] }.joined(separator: ", "))")
          + ".")
      let made = ["data", "classes", "method", "train_images"].compactMap { key in
        checkpoint.record[key].map { "\(key.replacing("_", with: " ")) \($0.string ?? $0.text())" }
      }
      if !made.isEmpty { lines.append("Made with " + made.joined(separator: ", ") + ".") }
    }
    let weights = checkpoint == nil ? [] : [TextDocument.Block.heading("Weights"), .table(distributions)]
    return TextDocument([.table(table.table)] + lines.map { .paragraph($0) } + weights)
  }

  /// A table of the spread of each weight parameter, between minus and plus its largest magnitude.
  private var distributions: TextTable {
    TextTable(
      [
        .init("parameter", .leading), .init("mean"), .init("deviation"), .init("largest"),
        .init("between -largest and largest", .leading),
      ],
      rows: model.parameters.slices.filter { $0.role == .weight }.map { slice in
        let values = model.parameters.values(of: slice)
        let count = Double(max(values.count, 1))
        let mean = values.reduce(0) { $0 + Double($1) } / count
        let variance = values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count
        let largest = values.map(abs).max() ?? 0
        return [
          slice.name, decimals(mean, 4), decimals(variance.squareRoot(), 4), decimals(Double(largest), 4),
          BlockPlot.histogram(values, bins: 27, largest: largest),
        ]
      })
  }

  package var json: JSON {
    let table = ModelTable(model)
    var object = JSON.Object()
    object["schema_version"] = 1
    object["model"] = .string(model.architecture.description)
    object["input"] = .string(model.inputShape.description)
    object["parameters"] = .integer(table.parameters)
    object["trained_parameters"] = .integer(table.trainedParameters)
    object["multiply_adds"] = .integer(table.multiplyAdds)
    object["layers"] = .array(
      model.layers.map { layer in
        var entry = JSON.Object()
        entry["name"] = .string(layer.name)
        entry["output"] = .string(layer.outputShape.description)
        entry["parameters"] = .integer(layer.slices.reduce(0) { $0 + $1.count })
        entry["multiply_adds"] = .integer(layer.multiplyAdds)
        entry["trains"] = .array(layer.slices.filter(model.trains).map { .string($0.name) })
        return .object(entry)
      })
    if let checkpoint {
      object["classes"] = .array(checkpoint.outputs.names.map(JSON.string))
      object["settings"] = .object(checkpoint.record)
    }
    return .object(object)
  }
}
