import GraftData
import GraftFiles
import GraftMatrices
import NumericChecks
import Testing

extension Dataset {
  /// Small images of `classes` classes in turn.
  init(_ images: PatternImages, classes: Int) {
    self.init(
      name: "patterns", shape: images.shape, classNames: (0..<classes).map { "class \($0)" }, pixels: images.pixels,
      labels: images.labels)
  }
}

@Suite struct DatasetTests {
  private let data = Dataset(PatternImages(perClass: 5, classes: 4, seed: 1), classes: 4)

  @Test("images are counted by class")
  func counts() {
    #expect(data.count == 20 && data.countsPerClass == [5, 5, 5, 5])
    let part = data.selecting(images: [0, 4, 8, 1])
    #expect(part.count == 4 && part.countsPerClass == [3, 1, 0, 0])
  }

  @Test("a selection of images has their pixels and labels, in the order asked for")
  func images() {
    let order = [7, 0, 19, 7]
    let part = data.selecting(images: order)
    #expect(part.labels == order.map { data.labels[$0] })
    #expect(part.pixels.count == 4 * data.shape.count)
    for (place, index) in order.enumerated() { #expect(part.image(place).elementsEqual(data.image(index))) }
    #expect(data.selecting(images: []).count == 0)
  }

  @Test("a selection of classes keeps the order of images and the meaning of labels")
  func classes() throws {
    let selection = try ClassSelection(parsing: "1,3", of: 4)
    let part = data.selecting(selection)
    #expect(part.labels == [1, 3, 1, 3, 1, 3, 1, 3, 1, 3] && part.classNames == data.classNames)
    #expect(part == data.selecting(images: [1, 3, 5, 7, 9, 11, 13, 15, 17, 19]))
    let pair = DatasetPair(train: data, test: data.selecting(images: [0, 1])).selecting(selection)
    #expect(pair.train == part && pair.test == data.selecting(images: [1]))
  }

  @Test("the digest names shape, labels and pixels")
  func digest() {
    func changed(labels: [Int]? = nil, pixels: [UInt8]? = nil, shape: ImageShape? = nil) -> String {
      Dataset(
        name: "another name", shape: shape ?? data.shape, classNames: data.classNames, pixels: pixels ?? data.pixels,
        labels: labels ?? data.labels
      ).digest
    }
    var (labels, pixels) = (data.labels, data.pixels)
    labels[3] = 0
    pixels[100] ^= 1
    #expect(changed() == data.digest && data.digest.count == 64)
    let others = [changed(labels: labels), changed(pixels: pixels), changed(shape: ImageShape(height: 4, width: 9))]
    #expect(Set(others + [data.digest]).count == 4)
  }

  @Test("more than 256 classes keep their labels, and the digest tells all of them apart")
  func manyClasses() throws {
    let names = (0..<300).map(String.init)
    func set(_ labels: [Int]) -> Dataset {
      Dataset(
        name: "many", shape: ImageShape(height: 1, width: 1), classNames: names,
        pixels: [UInt8](repeating: 1, count: labels.count), labels: labels)
    }
    #expect(set([299, 43, 0]).selecting(try ClassSelection([43, 299], of: 300)).labels == [299, 43])
    // 299 and 43 have the same lowest byte.
    #expect(set([299]).digest != set([43]).digest)
  }

  private func joined(
    images: [Int], labels: [Int], pixels: Int? = nil
  ) throws -> Dataset {
    let count = pixels ?? images.reduce(1, *)
    return try Dataset(
      name: "x", images: ByteTensor(dimensions: images, bytes: [UInt8](repeating: 7, count: count)),
      labels: labels, classNames: ["a", "b"], imagesPath: "images", labelsPath: "labels", labelsOffset: 8)
  }

  @Test("image and label files are compared before they are joined")
  func joining() throws {
    let data = try joined(images: [2, 3, 4], labels: [1, 0])
    #expect(data.shape == ImageShape(height: 3, width: 4) && data.labels == [1, 0] && data.pixels.count == 24)
    #expect(
      errorText { try joined(images: [2, 3, 4], labels: [1, 0, 1]) } == "labels: 2 images in images but 3 labels")
    #expect(
      errorText { try joined(images: [2, 3, 4], labels: [1, 2]) }
        == "labels: byte 9: expected a label from 0 to 1, found 2")
    #expect(errorText { try joined(images: [2, 12], labels: [1, 0]) }.hasPrefix("images: expected images of two"))
    let colors = try joined(images: [2, 3, 4, 5], labels: [1, 0])
    #expect(colors.shape == ImageShape(channels: 3, height: 4, width: 5))
  }
}
