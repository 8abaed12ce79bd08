import Foundation
import GraftData
import GraftFiles
import GraftNetworks

/// The data for the scripts of a page: models, images, confusion matrices, samples. Equal weights and images are there once.
package struct PageAssets: Sendable {
  /// Models that answer side by side, at most three.
  struct Trio {
    let name: String
    /// The role of each model, `source` for example, and its index among `models`.
    let members: [(role: String, model: Int)]
  }

  private var weights: [String] = []
  private var weightPlaces: [String: Int] = [:]
  private var models: [JSON] = []
  /// The number of each image and its PNG in base64.
  private var images: [(number: Int, picture: String)] = []
  private var imageNumbers: Set<Int> = []
  private var matrices: [JSON] = []
  private var samples: [JSON] = []
  private var trios: [JSON] = []

  package init() {}

  /// The size of all weights in base64, in bytes.
  var weightBytes: Int { weights.reduce(0) { $0 + $1.utf8.count } }

  var json: JSON {
    [
      "models": .array(models), "weights": .array(weights.map(JSON.string)),
      "images": .array(images.map { [.integer($0.number), .string($0.picture)] }),
      "matrices": .array(matrices), "samples": .array(samples), "trios": .array(trios),
    ]
  }

  // MARK: - Adding

  /// Adds weights, unless equal ones are there.
  ///
  /// - Returns: The index of the weights.
  mutating func add(weights halves: [UInt16]) -> Int {
    let bytes = halves.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
    let text = Data(bytes).base64EncodedString()
    if let place = weightPlaces[text] { return place }
    weights.append(text)
    weightPlaces[text] = weights.count - 1
    return weights.count - 1
  }

  mutating func add(model: JSON) -> Int {
    models.append(model)
    return models.count - 1
  }

  mutating func add(trio: Trio) {
    trios.append([
      "name": .string(trio.name),
      "members": .array(trio.members.map { ["role": .string($0.role), "model": .integer($0.model)] }),
    ])
  }

  mutating func add(matrix: JSON) -> Int {
    matrices.append(matrix)
    return matrices.count - 1
  }

  /// Adds an image, unless it is there.
  ///
  /// - Parameter number: The number of the image among the test images.
  mutating func add(image number: Int, of test: PageTestImages) {
    if imageNumbers.insert(number).inserted {
      images.append((number, Data(test.picture(number).encoded()).base64EncodedString()))
    }
  }

  /// Adds an image to try the models on, named after its class.
  mutating func add(sample number: Int, of test: PageTestImages) {
    let pixels = Data(test.dataset.image(number)).base64EncodedString()
    samples.append(["name": .string(test.className(number)), "pixels": .string(pixels)])
  }
}
