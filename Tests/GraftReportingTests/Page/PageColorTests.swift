import Foundation
import GraftData
import GraftDocuments
import GraftFiles
import GraftMatrices
import GraftNetworks
import GraftPictures
import GraftTraining
import Testing

@testable import GraftReporting

@Suite struct PageColorTests {
  /// Three classes of images in red, green and blue, every pixel of which tells its channel, row and column.
  private static func photographs(height: Int = 6, width: Int = 9, count: Int = 24, channels: Int = 3) -> Dataset {
    let shape = ImageShape(channels: channels, height: height, width: width)
    let pixels = (0..<count).flatMap { image in
      (0..<channels).flatMap { channel in
        (0..<height * width).map { pixel in
          UInt8((pixel / width * 255 / height + channel * 83 + pixel % width * 11 + image * 29) % 256)
        }
      }
    }
    return Dataset(
      name: "photographs", shape: shape, classNames: ["ant", "bee", "cat"], pixels: pixels,
      labels: (0..<count).map { $0 % 3 })
  }

  private static func checkpoint(_ text: String, on test: Dataset, seed: UInt64 = 1) throws -> Checkpoint {
    let means: [Float] = test.shape.channels == 3 ? [0.4, 0.5, 0.6] : [0.5]
    return Checkpoint(
      model: Model(try Architecture(parsing: text), inputShape: test.shape, classCount: 3, seed: seed),
      normalization: Normalization(means: means, deviations: means.map { $0 / 2 }),
      outputs: ClassOutputs(.compact, choosing: [0, 1, 2], of: test.classNames), record: JSON.Object())
  }

  private static func page(_ text: String, on test: Dataset) throws -> Page {
    try RunPage(title: "t", try checkpoint(text, on: test), test: test, classes: [0, 1, 2], threads: 1).page
  }

  /// The pixels of an image, channels side by side.
  private static func samples(_ number: Int, of test: Dataset) -> [UInt8] {
    let planes = Array(test.image(number))
    let plane = test.shape.height * test.shape.width
    return (0..<plane).flatMap { pixel in (0..<test.shape.channels).map { planes[$0 * plane + pixel] } }
  }

  /// The pictures that the elements of a page carry.
  private static func pictures(in html: String) throws -> [Picture] {
    try html.components(separatedBy: "data:image/png;base64,").dropFirst().map { piece in
      let data = try #require(Data(base64Encoded: String(piece.prefix { $0 != "\"" })))
      return try PictureReader(Array(data)).decoded()
    }
  }

  // MARK: - Images

  @Test("a model that averages its last maps shows where it looked, in colour and over greys", arguments: [1, 3])
  func looks(channels: Int) throws {
    let test = Self.photographs(height: 8, width: 8, channels: channels)
    let fresh = try Self.checkpoint("cnn:4c3p1-p2-6c3p1b-a", on: test)
    var model = fresh.model
    // Without biases the winner's evidence lies in the maps alone, so that it glows somewhere in every image.
    let bias = try #require(model.layers.last?.bias)
    model.setValues(of: bias) { _ in 0 }
    let checkpoint = Checkpoint(
      model: model, normalization: fresh.normalization, outputs: fresh.outputs, record: JSON.Object())
    let page = try RunPage(title: "t", checkpoint, test: test, classes: [0, 1, 2], threads: 1).page
    let section = try #require(page.sections.first { $0.id == "attention" }?.body.map(\.source).joined())
    let shown = try Self.pictures(in: section)
    // Twelve images, each beside its activations.
    #expect(shown.count == 24 && section.components(separatedBy: "its class activations for ").count == 13)
    for (number, pair) in zip(stride(from: 0, to: 24, by: 2), stride(from: 0, to: 24, by: 2)) {
      let (picture, look) = (shown[pair], shown[pair + 1])
      #expect(picture.samples == Self.samples(number, of: test) && look.channels == 3)
      // Red glows first: a place that is not dark adds more red than blue to half of the picture.
      let plain = channels == 3 ? picture.samples : picture.samples.flatMap { [$0, $0, $0] }
      #expect(zip(look.samples, plain).allSatisfy { $0 >= $1 / 2 })
      #expect(zip(look.samples, plain).contains { $0 > $1 / 2 + 60 })
    }
    let other = try Self.page("cnn:4c3p1-p2-6", on: test)
    #expect(!other.sections.contains { $0.id == "attention" })
  }

  @Test("gallery and matrix show the pixels of colour images")
  func images() throws {
    let test = Self.photographs()
    let page = try Self.page("cnn:4c3p1b-p2-6", on: test)
    let gallery = try #require(page.sections.first { $0.id == "mistakes" }?.body.map(\.source).joined())
    let shown = try Self.pictures(in: gallery)
    let numbers = gallery.components(separatedBy: "alt=\"test image ").dropFirst().compactMap {
      Int($0.prefix { $0 != "," })
    }
    #expect(!shown.isEmpty && shown.count == numbers.count && gallery.contains("gallery smooth"))
    for (picture, number) in zip(shown, numbers) {
      #expect((picture.width, picture.height, picture.channels) == (9, 6, 3))
      #expect(picture.samples == Self.samples(number, of: test))
    }
    let stored = try #require(page.assets.json["images"]?.array)
    #expect(!stored.isEmpty)
    for entry in stored {
      let number = try #require(entry.array?.first?.int)
      let data = try #require(entry.array?.last?.string.flatMap { Data(base64Encoded: $0) })
      #expect(try PictureReader(Array(data)).decoded().samples == Self.samples(number, of: test))
    }
  }

  @Test("pictures of large images have 64 pixels along the longer side")
  func thumbnails() throws {
    let test = Self.photographs(height: 224, width: 168, count: 1)
    let own = try PictureReader(PageTestImages(dataset: test).picture(0).encoded()).decoded()
    let whole = Picture(width: 168, height: 224, channels: 3, samples: Self.samples(0, of: test))
    #expect((own.width, own.height) == (48, 64))
    #expect(own == PictureFit(height: 64, width: 48, mode: .squash).apply(to: whole))
    #expect(PageThumbnail.size(of: ImageShape(height: 1, width: 1000)) == (1, 64))
  }

  @Test func greyImagesStayAsTheyWere() throws {
    let test = Self.photographs(height: 28, width: 28, count: 6, channels: 1)
    let images = PageTestImages(dataset: test)
    #expect(
      images.picture(4).encoded() == PNGImage(width: 28, height: 28, pixels: Array(test.image(4))).encoded())
    #expect(images.pictureRoom == nil)
    let source = try Self.page("mlp:4", on: test).source
    #expect(source.contains("id=\"draw-digit\"") && !source.contains("id=\"try-photograph\""))
    #expect(source.contains("Blue where ink excites") && !source.contains("gallery smooth"))
    // Two channels are no colours.
    let two = Self.photographs(channels: 2)
    let picture = try PictureReader(PageTestImages(dataset: two).picture(3).encoded()).decoded()
    #expect(picture.channels == 1 && picture.samples == Array(two.image(3).prefix(54)))
  }

  @Test("a page has a limited number of large pictures, shared by all cells")
  func rooms() throws {
    #expect(PageTestImages(dataset: Self.photographs(height: 224, width: 224, count: 1)).pictureRoom == 256)
    #expect(PageTestImages(dataset: Self.photographs(height: 32, width: 32, count: 1)).pictureRoom == 1024)
    func cell(_ truth: Int, _ answer: Int) -> PageMatrix.Cell { PageMatrix.Cell(truth: truth, answer: answer) }
    let counts = [cell(0, 0): 900, cell(0, 1): 700, cell(1, 0): 30, cell(1, 1): 5]
    #expect(
      PageMatrix.rooms(counts, total: nil) == [cell(0, 0): 12, cell(0, 1): 500, cell(1, 0): 30, cell(1, 1): 5])
    let limited = PageMatrix.rooms(counts, total: 60)
    #expect(limited == [cell(0, 0): 12, cell(0, 1): 21, cell(1, 0): 21, cell(1, 1): 5])
    #expect(PageMatrix.rooms(counts, total: 3) == [cell(0, 0): 1, cell(0, 1): 1, cell(1, 0): 1, cell(1, 1): 0])
  }

  // MARK: - Weights

  /// The tiles of a model's first layer, whose first output has `weights`, channel after channel.
  private static func tiles(_ text: String, on test: Dataset, weights: [Float]) throws -> [Picture] {
    var model = try checkpoint(text, on: test).model
    let slice = model.layers[0].weight
    var values = model.parameters.values(of: slice)
    values.replaceSubrange(0..<weights.count, with: weights)
    model.parameters.setValues(of: slice, to: values)
    return try pictures(in: FirstLayerTiles(model).html("t", "", [0, 1]).source)
  }

  @Test("weights of three channels are red, green and blue around mid-grey", arguments: [true, false])
  func tiles(isConvolution: Bool) throws {
    let test = Self.photographs(height: 4, width: 5)
    let (height, width) = isConvolution ? (3, 3) : (4, 5)
    let plane = height * width
    var weights = [Float](repeating: 0, count: 3 * plane)
    // Red is as strong as any weight, green half as strong the other way; blue is zero everywhere but in the last pixel.
    for pixel in 0..<plane { (weights[pixel], weights[plane + pixel]) = (2, -1) }
    weights[3 * plane - 1] = -2
    let tiles = try Self.tiles(isConvolution ? "cnn:2c3-4" : "mlp:2", on: test, weights: weights)
    #expect(tiles.count == 2)
    #expect((tiles[0].height, tiles[0].width, tiles[0].channels) == (height, width, 3))
    let expected: [UInt8] = (0..<plane).flatMap { [255, 64, $0 == plane - 1 ? 1 : 128] as [UInt8] }
    #expect(tiles[0].samples == expected)
  }

  @Test func aPageSaysWhatTheColoursOfWeightsMean() throws {
    let source = try Self.page("cnn:2c3-4", on: Self.photographs()).source
    #expect(source.contains("Mid-grey where a weight is zero") && !source.contains("where ink"))
  }

  // MARK: - Photographs

  @Test("a colour model gets a field for photographs instead of the pad")
  func field() throws {
    let test = Self.photographs()
    let page = try Self.page("cnn:4c3p1-p2-6", on: test)
    let source = page.source
    #expect(PageTests.isBalanced(source))
    #expect(source.contains("id=\"try-photograph\"") && !source.contains("id=\"draw-digit\""))
    #expect(source.contains("<label for=\"photograph-file\">") && source.contains("id=\"photograph-file\""))
    #expect(source.contains("otherwise than Graft") && source.contains("9×6 pixels"))
    let model = try #require(page.assets.json["models"]?.array?.first)
    #expect(model["mean"]?.array?.count == 3 && model["deviation"]?.array?.count == 3)
    #expect(model["layers"]?.array?.first?["input"]?.array?.compactMap(\.int) == [3, 6, 9])
    let samples = try #require(page.assets.json["samples"]?.array)
    #expect(samples.count == 9)
    let first = try #require(samples.first?["pixels"]?.string.flatMap { Data(base64Encoded: $0) })
    #expect(Array(first) == Array(test.image(0)))
  }

  @Test("test images to try are there in full size, in at most 4 MB")
  func samples() throws {
    let test = Self.photographs(height: 600, width: 800, count: 9)
    let chosen = PagePhotograph.fitting(Array(0..<9), of: PageTestImages(dataset: test))
    #expect(chosen == [0, 4])
    let page = try Self.page("cnn:1c8s8-2", on: Self.photographs(height: 200, width: 200, count: 12))
    #expect(page.assets.json["samples"]?.array?.count == 9)
    #expect(page.source.utf8.count < 4_000_000)
  }

  @Test func aModelTooLargeForAPageIsNotCarried() throws {
    let test = Self.photographs(height: 96, width: 96, count: 3)
    let checkpoint = try Self.checkpoint("mlp:700", on: test)
    var assets = PageAssets()
    let trio = PageAssets.Trio(name: "t", members: [(role: "model", model: 0)])
    let section = PageDrawing(models: [("m", checkpoint)], trios: [trio]).section(
      of: PageTestImages(dataset: test), threads: 1, in: &assets)
    #expect(section?.body.map(\.source).joined().contains("too many weights") == true)
    #expect(assets.weightBytes == 0)
  }
}
