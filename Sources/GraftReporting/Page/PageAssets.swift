import Foundation
import GraftData
import GraftFiles
import GraftNetworks

/// What the scripts of a page work with: models, images, confusion matrices, samples. Equal weights and images are there once.
package struct PageAssets: Sendable {
  /// Models that answer side by side, at most three.
  struct Trio {
    let name: String
    /// What each is to the others, `source` for example, and its place among ``models``.
    let members: [(role: String, model: Int)]
  }

  private var weights: [String] = []
  private var weightPlaces: [String: Int] = [:]
  private var models: [JSON] = []
  /// Number and PNG in base64.
  private var images: [(number: Int, picture: String)] = []
  private var imageNumbers: Set<Int> = []
  private var matrices: [JSON] = []
  private var samples: [JSON] = []
  private var trios: [JSON] = []

  package init() {}

  /// In base64, all together.
  var weightBytes: Int { weights.reduce(0) { $0 + $1.utf8.count } }

  var json: JSON {
    [
      "models": .array(models), "weights": .array(weights.map(JSON.string)),
      "images": .array(images.map { [.integer($0.number), .string($0.picture)] }),
      "matrices": .array(matrices), "samples": .array(samples), "trios": .array(trios),
    ]
  }

  // MARK: - Adding

  /// - Returns: The place of the weights.
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

  /// - Parameter number: Of the image among the test images.
  mutating func add(image number: Int, of test: PageTestImages) {
    if imageNumbers.insert(number).inserted {
      images.append((number, Data(test.picture(number).encoded()).base64EncodedString()))
    }
  }

  /// An image to try the models on, named after its class.
  mutating func add(sample number: Int, of test: PageTestImages) {
    let pixels = Data(test.dataset.image(number)).base64EncodedString()
    samples.append(["name": .string(test.className(number)), "pixels": .string(pixels)])
  }
}
