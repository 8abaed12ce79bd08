/// One of the four files of a data set in MNIST's layout; the raw value is its name without `.gz`.
package enum DatasetPart: String, Sendable, Hashable, CaseIterable {
  case trainImages = "train-images-idx3-ubyte"
  case trainLabels = "train-labels-idx1-ubyte"
  case testImages = "t10k-images-idx3-ubyte"
  case testLabels = "t10k-labels-idx1-ubyte"
}
