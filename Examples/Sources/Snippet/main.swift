import Graft

let digits = try DatasetPair.load("mnist")  // a known name, a folder of pictures, .zip, .npz or .csv
let source = try Training(.quick, on: digits.selecting(.even)).run()
let odd = try source.transfer(to: digits.selecting(.odd), labelsPerClass: 10)
print(odd.accuracy)
try odd.save(to: "odd.safetensors")

let classifier = try Classifier(contentsOf: "odd.safetensors")
print(try classifier.classify(pixels: Array(digits.selecting(.odd).test.image(0))).best)
