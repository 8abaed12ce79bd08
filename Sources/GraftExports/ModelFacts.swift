import GraftFiles
import GraftMatrices
import GraftNetworks

/// The facts about a model that its weights do not tell, for the metadata of other formats.
struct ModelFacts {
  let checkpoint: Checkpoint

  init(_ checkpoint: Checkpoint) { self.checkpoint = checkpoint }

  /// Keys and values: `model` the architecture, `class_names` a list in JSON in the order of the outputs, and for models of photographs
  /// `fit`, such as `crop-bicubic`.
  var texts: [(key: String, value: String)] {
    let outputs = checkpoint.outputs
    var texts = [
      (key: "model", value: checkpoint.model.architecture.description),
      ("class_names", JSON.array(outputs.names.map(JSON.string)).text()),
      ("classes", JSON.array(outputs.classes.map(JSON.integer)).text()),
      ("input_shape", checkpoint.model.inputShape.description),
    ]
    if let fit { texts.append(("fit", fit)) }
    return texts
  }

  /// The way in which photographs were brought to the size of the images; nil for data that came in that size.
  var fit: String? { checkpoint.record["fit"]?.string }
}
