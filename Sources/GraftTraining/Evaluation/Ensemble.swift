import GraftData
import GraftFiles
import GraftKernelCalls
import GraftMatrices
import GraftNetworks

/// A combination of several answers to each image: of several models, of several views of the image, or both. Probabilities are
/// averaged (Lakshminarayanan, Pritzel and Blundell, "Simple and Scalable Predictive Uncertainty Estimation using Deep
/// Ensembles", NIPS 2017, section 2.4).
package struct Ensemble: Sendable {
  /// Test-time augmentation: the image itself and slightly moved copies, moved in the same way for every image of the same place.
  package struct Views: Sendable, Hashable {
    /// Number of views of an image, itself included.
    package let count: Int
    /// The changes of the other views.
    package let augmentation: Augmentation

    /// The image itself and `count` - 1 changed views of it.
    package init(count: Int, augmentation: Augmentation = Views.usual) {
      precondition(count > 0)
      self.count = count
      self.augmentation = augmentation
    }

    /// The image alone.
    package static let one = Views(count: 1)
    /// Changes weaker than those usual in training: a view should show the same as the image.
    package static let usual = Augmentation(shift: 1, rotation: 8, scale: 0.95...1.05, shear: 5)
  }

  /// The models that answer together.
  package let members: [Checkpoint]
  /// The views of each image that are answered.
  package let views: Views

  /// An ensemble of models with the same classes and images of the same shape.
  ///
  /// - Parameter members: At least one.
  /// - Throws: If the members differ in classes or shape.
  package init(_ members: [Checkpoint], views: Views = .one) throws(GraftFailure) {
    precondition(!members.isEmpty)
    for member in members.dropFirst() {
      guard member.outputs.classes == members[0].outputs.classes, member.outputs.names == members[0].outputs.names
      else {
        throw GraftFailure(
          .usage,
          "the checkpoints answer different classes (\(members[0].outputs.names.joined(separator: ", ")) and "
            + "\(member.outputs.names.joined(separator: ", "))); only equal ones can be put together")
      }
      guard member.outputs.trained == members[0].outputs.trained else {
        throw GraftFailure(
          .usage,
          "the checkpoints have learnt different classes (\(Ensemble.classes(members[0])) and \(Ensemble.classes(member))); only equal "
            + "ones can be put together")
      }
      guard member.model.inputShape == members[0].model.inputShape else {
        throw GraftFailure(
          .usage,
          "the checkpoints read images of different shapes (\(members[0].model.inputShape) and \(member.model.inputShape))"
        )
      }
    }
    self.members = members
    self.views = views
  }

  private static func classes(_ member: Checkpoint) -> String {
    member.outputs.trained.map(String.init).joined(separator: ", ")
  }

  /// Whether two members are known to be trained on different data, whose classes may only be numbered alike.
  package var mixesData: Bool {
    let digests = members.compactMap { $0.record["data_sha256"]?.string }
    return digests.contains { $0 != digests[0] }
  }

  /// The class of each output.
  package var outputs: ClassOutputs { members[0].outputs }
  /// The shape of the images that the models read.
  package var inputShape: ImageShape { members[0].model.inputShape }

  /// Logits for each image, [images × outputs], whose softmax is the mean of all answers' probabilities. The logits of a single
  /// model on the image itself are left unchanged.
  ///
  /// - Parameters:
  ///   - pixels: One byte a pixel, image after image.
  ///   - first: The place of the first image, if these are a part of a list: views of the list's images and an error go by it.
  ///   - threads: Cores that work on it; the bits do not depend on it.
  /// - Throws: If the outputs of one model are not finite numbers: their mean with others would not be finite either.
  package func logits(
    of pixels: [UInt8], startingAt first: Int = 0, threads: Int = 1
  ) throws(NonFiniteOutputs) -> Matrix {
    do throws(NonFiniteOutputs) {
      return try ownLogits(of: pixels, startingAt: first, threads: threads)
    } catch {
      throw NonFiniteOutputs(
        image: first + error.image, images: first + error.images, member: error.member, kind: error.kind)
    }
  }

  /// Images of a file that are answered at once.
  private static let imagesPerPart = 4096

  /// Logits for each image, as of an array of pixels; of images in a file some thousand at a time are in memory.
  package func logits(of images: PixelRows, threads: Int = 1) throws(NonFiniteOutputs) -> Matrix {
    guard images.isInFile else { return try logits(of: images.bytes, threads: threads) }
    var result = Matrix(rows: images.count, columns: outputs.count)
    for start in stride(from: 0, to: images.count, by: Ensemble.imagesPerPart) {
      let part = Array(start..<min(start + Ensemble.imagesPerPart, images.count))
      let logits = try logits(of: images.selecting(part).bytes, startingAt: start, threads: threads)
      result.copyRows(part.count, of: logits, to: start)
    }
    return result
  }

  private func ownLogits(
    of pixels: [UInt8], startingAt first: Int, threads: Int
  ) throws(NonFiniteOutputs) -> Matrix {
    if members.count == 1, views.count == 1 {
      return try Predictor(members[0]).logits(of: pixels, threads: threads).checkingOutputs()
    }
    let images = pixels.count / inputShape.count
    var sums = [Double](repeating: 0, count: images * outputs.count)
    var seen = pixels
    for view in 0..<views.count {
      if view > 0 { change(pixels, to: view, startingAt: first, threads: threads, into: &seen) }
      for (place, member) in members.enumerated() {
        let logits = try Predictor(member).logits(of: seen, threads: threads)
          .checkingOutputs(member: members.count > 1 ? place + 1 : nil)
        for image in 0..<images {
          for (output, probability) in logits.softmax(row: image).enumerated() {
            sums[image * outputs.count + output] += Double(probability)
          }
        }
      }
    }
    let answers = Double(members.count * views.count)
    var result = Matrix(rows: images, columns: outputs.count)
    for image in 0..<images {
      for output in 0..<outputs.count {
        // A probability of zero in every answer is too small for a Float.
        let mean = max(sums[image * outputs.count + output] / answers, Double(Float.leastNonzeroMagnitude))
        result[image, output] = naturalLogarithm(Float(mean))
      }
    }
    return result
  }

  /// Images that one job changes.
  private static let imagesPerJob = 64

  /// Writes a view of each image into `buffer`, which has room for them.
  private func change(
    _ pixels: [UInt8], to view: Int, startingAt first: Int, threads: Int, into buffer: inout [UInt8]
  ) {
    let size = inputShape.count
    let augmenter = Augmenter(views.augmentation, shape: inputShape)
    WorkerPool(threads: threads).fill(&buffer, partsOf: Ensemble.imagesPerJob * size) { start, part in
      var own = augmenter
      for place in stride(from: start, to: start + part.count, by: size) {
        own.apply(
          to: pixels[place..<place + size], seed: Ensemble.viewSeed, epoch: view, index: first + place / size,
          into: &part, at: place - start)
      }
    }
  }

  /// Seed of the views, which are the same in every run.
  private static let viewSeed: UInt64 = 0
}
