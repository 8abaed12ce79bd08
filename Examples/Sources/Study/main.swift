// A study from code: does the other half of the digits help, with 5 and with 50 labels per class?
import Graft
import GraftWorkbench

let digits = try DatasetPair.load("mnist")
let even = try StudyDomain(digits, selecting: .even)
let odd = try StudyDomain(digits, selecting: .odd)

let options = StudyOptions(
  methods: [.frozen, .linearProbeThenFineTuning], shares: [.perClass(5), .perClass(50)], seeds: [0, 1, 2],
  architecture: Architecture(hiddenUnits: [100]), recipe: .quick, threads: 2)
let study = try TransferStudy(options, on: [StudyPair(.trained(even), odd)])
// Trials that the store has are not trained again. `RunStore` of GraftRunStorage keeps them in SQLite, as `graft study` does.
let result = try study.run(in: FolderStore("study"))

for row in result.rows {
  let gain = row.comparison.map { " gain \($0.gain.mean) points," } ?? ""
  print("\(row.method), \(row.share): \(row.accuracy.mean) %,\(gain) \(row.verdict?.rawValue ?? "the control")")
}
