import Files
import Datasets
import Matrices
import Networks
import Training
import Foundation
@main struct G { static func main() throws {
  let d = "/work/shared/mnist/"
  let names = (0..<10).map(String.init)
  func load(_ p: String) throws -> Dataset { try Dataset(name: "mnist", images: IDXFile(contentsOf: d+p+"-images-idx3-ubyte.gz"), labels: IDXFile(contentsOf: d+p+"-labels-idx1-ubyte.gz"), classNames: names, imagesPath: "a", labelsPath: "b") }
  let clock = ContinuousClock(); var t = clock.now
  let train = try load("train"), test = try load("t10k")
  print("load", clock.now - t); t = clock.now
  let half = ClassSelection.even
  let out = ClassOutputs(.original, choosing: half.classes, of: names)
  let a = try Examples(train.selecting(half), outputs: out, normalization: .unit), b = try Examples(test.selecting(half), outputs: out, normalization: .unit)
  print("examples", clock.now - t)
  for (arch, epochs) in [(Architecture.softmax, 5), (.study, 5)] {
    let m = Model(arch, inputShape: .mnist, classCount: 10, seed: 0)
    var s = TrainingSettings.studyScratch(seed: 0); s.epochs = epochs
    t = clock.now
    let run = try TrainingRun.train(m, on: a, test: b, s) { print(arch, $0) }
    print(arch, "wall", clock.now - t, "train", run.seconds)
  }
  var m = Model(.study, inputShape: .mnist, classCount: 10, seed: 0)
  var s = TrainingSettings.studyTransfer(seed: 0); s.epochs = 3
  t = clock.now
  var run = try TrainingRun.train(m, on: a, test: b, s) { print("adam", $0) }
  print("adam wall", clock.now - t, "train", run.seconds)
  m.freezeBody(); t = clock.now
  run = try TrainingRun.train(m, on: a, test: b, s) { print("frozen", $0) }
  print("frozen wall", clock.now - t, "train", run.seconds)
  try Checkpoint(model: run.model, normalization: .unit, outputs: out, record: .init()).save(to: "/tmp/drv/x.safetensors")
} }
