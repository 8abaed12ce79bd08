// A training by hand: softmax regression on MNIST, three epochs, every step written out.
import Graft

let digits = try DatasetPair.load("mnist")
let outputs = ClassOutputs(.compact, choosing: Array(0..<10), of: digits.train.classNames)
let train = try Examples(digits.train, outputs: outputs, normalization: .unit)
let test = try Examples(digits.test, outputs: outputs, normalization: .unit)

var model = Model(Architecture(hiddenUnits: []), inputShape: digits.train.shape, classCount: 10, seed: 0)
var optimizer = Optimizer(.sgd(momentum: 0.9), for: model.parameters)
var workspace = Workspace(for: model, inputs: train.inputs, capacity: 64)
let lossFunction = SoftmaxCrossEntropy()
var evaluator = Evaluator(test, for: model)

for epoch in 1...3 {
  let key = RandomKey(seed: 0, purpose: .shuffle, index: epoch)
  let batches = Batches(of: train.labels, size: 64, shuffledBy: key)
  var sum = 0.0
  for index in 0..<batches.count {
    let range = batches[index]
    let batch = Batch(inputs: train.inputs, rows: batches.order[range], labels: batches.labels[range])
    model.forward(batch, mode: .training(key, .none), in: &workspace)
    sum += lossFunction(labels: batch.labels, in: &workspace)
    optimizer.beginStep(learningRate: 0.05)
    model.backward(batch, in: &workspace, into: &optimizer)
  }
  let accuracy = evaluator.evaluate(model).accuracy
  print("epoch \(epoch): loss \(sum / Double(batches.count)), \(accuracy)")
}

let checkpoint = Checkpoint(model: model, outputs: outputs)
try checkpoint.save(to: "softmax.safetensors")
