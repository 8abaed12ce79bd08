import Foundation
import GraftData
import GraftFiles
import GraftMatrices
import GraftPictures
import NumericChecks
import Testing

@Suite("Images handed to a model")
struct ImageInputTests {
  static let shape = ImageShape(height: 2, width: 3)

  @Test("bare bytes, PGM and IDX are told apart")
  func kinds() throws {
    let pixels: [UInt8] = [9, 8, 7, 6, 5, 4]
    #expect(try ImageInput.read(pixels, name: "raw", shape: Self.shape) == [ImageInput(name: "raw", pixels: pixels)])
    let idx = try IDXFile(dimensions: [2, 2, 3], bytes: pixels + pixels.reversed()).encoded()
    let images = try ImageInput.read(idx, name: "two", shape: Self.shape)
    #expect(images.map(\.name) == ["two[0]", "two[1]"])
    #expect(images.map(\.pixels) == [pixels, pixels.reversed()] && images.map(\.row) == [0, 1])
    let pgm = Array("P5 3 2 255\n".utf8) + pixels
    #expect(try ImageInput.read(pgm, name: "p", shape: Self.shape).map(\.pixels) == [pixels])
  }

  @Test("a picture for a model, of its size or framed")
  func pictures() throws {
    struct Cases: Decodable {
      struct Picture: Decodable {
        let name: String
        let file: Data
        let greys: Data
      }

      let cases: [Picture]
    }
    let shape = ImageShape(height: 17, width: 23)
    let cases = try Golden.load(Cases.self, from: "pictures").cases
    for name in ["JPEG, grey", "JPEG, 4:2:0", "PNG, colours and opacity", "WebP, without loss"] {
      let picture = try #require(cases.first { $0.name == name })
      let file = Array(picture.file)
      #expect(try ImageInput.read(file, name: "x", shape: shape).map(\.pixels) == [Array(picture.greys)])
      // As many bytes as the model has pixels: still a picture, and one of another size.
      let long = ImageShape(height: 1, width: file.count)
      let error = #expect(throws: FormatError.self) { try ImageInput.read(file, name: "x.jpg", shape: long) }
      #expect(error?.description.contains("found 17 x 23") == true)
      let framed = try ImageInput.read(file, name: "x.jpg", shape: .mnist, fitting: .framed)
      #expect(framed.map(\.isFramed) == [true])
    }
  }

  static let refused: [([UInt8], String)] = [
    (Array("P5 2 3 255\nabcdef".utf8), "x: expected 2 x 3 pixels as the model reads, found 3 x 2"),
    (Array("<!DOCTYPE html><html>".utf8), "found an HTML page"),
    ([1, 2, 3], "found 3 bytes of something else"),
    ([], "expected a JPEG, PNG, WebP, PGM or PPM picture, an IDX, CSV, NPY or NPZ file or 6 bytes of pixels"),
  ]

  @Test("another shape or another thing is refused in words", arguments: refused)
  func refuses(bytes: [UInt8], expected: String) {
    let error = #expect(throws: FormatError.self) { try ImageInput.read(bytes, name: "x", shape: Self.shape) }
    #expect(error?.description.contains(expected) == true, "\(error?.description ?? "")")
  }

  @Test("as many bytes as pixels are pixels only if nothing else is known of them")
  func bareOrNot() throws {
    let shape = ImageShape(height: 4, width: 8)
    func read(_ bytes: [UInt8], _ name: String) throws -> [UInt8]? {
      try ImageInput.read(bytes + [UInt8](repeating: 0, count: max(0, 32 - bytes.count)), name: name, shape: shape)
        .first?.pixels
    }
    // The last begins as an IDX file of three dimensions does.
    for bytes in [[], [0x7b], [0x42, 0x4d, 9, 8, 7, 6, 5, 4], [0x1f, 0x8b, 200], [0, 0, 8, 3]] as [[UInt8]] {
      #expect(try read(bytes, "x.raw")?.starts(with: bytes) == true)
    }
    func refusal(_ bytes: [UInt8], _ name: String) -> String { message { _ = try read(bytes, name) } }
    for name in ["x.png", "x.JPG", "x.pgm", "x.heic", "x.bmp"] {
      #expect(
        refusal([1, 2, 3], name)
          == "\(name): byte 0: expected a JPEG, PNG, WebP, PGM or PPM picture, found something else")
    }
    #expect(refusal(Array("GIF89a".utf8), "x").hasSuffix("found a GIF image"))
    #expect(refusal(Array("PK\u{3}\u{4}".utf8), "x.png").hasSuffix("found a zip archive"))
    #expect(refusal(Array("<html><body>not found</body></ht".utf8), "x").hasSuffix("found an HTML page"))
    #expect(refusal(Array("version https://git-lfs.github.c".utf8), "x").contains("a Git LFS pointer"))
    #expect(refusal(Array("the quick brown fox jumps over a".utf8), "x").hasSuffix("found text"))
    #expect(refusal(Array("P5 4 8 255 ".utf8), "x").contains("expected 32 bytes of pixels, found 21"))
    let idx = try IDXFile(dimensions: [1, 4, 4], bytes: [UInt8](repeating: 7, count: 16)).encoded()
    #expect(refusal(idx, "x").hasSuffix("expected 4 x 8 pixels as the model reads, found 4 x 4"))
  }

  // MARK: Colours

  /// A picture in colours that change from pixel to pixel.
  static func colorPicture(height: Int, width: Int, seed: Int = 0) -> [UInt8] {
    let samples = (0..<3 * height * width).map { place -> UInt8 in
      let (pixel, channel) = place.quotientAndRemainder(dividingBy: 3)
      return UInt8((pixel % width * 5 + pixel / width * 3 + channel * 60 + seed * 17) % 256)
    }
    return PNGImage(width: width, height: height, colors: samples).encoded()
  }

  @Test("a picture becomes the image that training makes of it", arguments: ["crop", "squash", "pad"], [1, 3])
  func fitted(mode: String, channels: Int) throws {
    let folder = try ScratchFolder()
    let sizes = [(20, 33), (31, 16), (24, 24)]
    for (index, (height, width)) in sizes.enumerated() {
      for (part, name) in [("train", "a"), ("test", "b")] {
        let path = "\(folder.path)/\(part)/\(name)/\(index).png"
        try AtomicFile.write(
          Self.colorPicture(height: height, width: width, seed: index), to: path, createFolders: true)
      }
    }
    let shape = ImageShape(channels: channels, height: 9, width: 14)
    var request = DataRequest(name: folder.path, environment: [:], isOffline: true)
    request.options.preferredShape = shape
    request.options.fit = PictureFit.Mode(rawValue: mode)
    let train = try DatasetPair.load(request).pair.train
    #expect(train.count == 3 && train.shape == shape)
    for index in 0..<3 {
      let path = "\(folder.path)/train/a/\(index).png"
      let read = try ImageInput.read(
        try readFile(at: path), name: path, shape: shape, fitting: .pictures(fit: mode))
      #expect(read == [ImageInput(name: path, pixels: Array(train.image(index)))])
    }
    #expect(
      ImageFitting.pictures() == .pictures(fit: "crop") && ImageFitting.pictures(fit: "?") == .fitted(PictureStyle()))
    #expect(ImageFitting.pictures(fit: "squash-bicubic") == .fitted(PictureStyle(.squash, .bicubic)))
    for text in ["", "crop-", "crop-cubic", "crop-bicubic-x", "bicubic"] { #expect(PictureStyle(parsing: text) == nil) }
    #expect(PictureStyle(.crop, .bicubic).description == "crop-bicubic" && PictureStyle(.pad).description == "pad")
  }

  @Test("images of 128 pixels and more lose an eighth at their edges, smaller ones keep the shorter side")
  func cropRatio() {
    #expect(PictureFit.usual(height: 128, width: 200).cropRatio == 0.875)
    #expect(PictureFit.usual(height: 127, width: 200).cropRatio == 1)
  }

  @Test("colours in planes: bare bytes, IDX files, and pictures of exactly the size")
  func planes() throws {
    let shape = ImageShape(channels: 3, height: 2, width: 2)
    let planes: [UInt8] = [1, 4, 7, 10, 2, 5, 8, 11, 3, 6, 9, 12]
    let file = PNGImage(width: 2, height: 2, colors: Array(1...12)).encoded()
    for fitting in [ImageFitting.exact, .pictures()] {
      #expect(try ImageInput.read(file, name: "x", shape: shape, fitting: fitting).map(\.pixels) == [planes])
      #expect(try ImageInput.read(planes, name: "x", shape: shape, fitting: fitting).map(\.pixels) == [planes])
    }
    let idx = try IDXFile(dimensions: [2, 3, 2, 2], bytes: planes + planes.reversed()).encoded()
    #expect(try ImageInput.read(idx, name: "x", shape: shape).map(\.pixels) == [planes, planes.reversed()])
    let other = try IDXFile(dimensions: [1, 3, 2, 4], bytes: planes + planes).encoded()
    let error = #expect(throws: FormatError.self) { try ImageInput.read(other, name: "x", shape: shape) }
    #expect(error?.description == "x: expected images of 3 x 2 x 2 as the model reads, found 3 x 2 x 4")
    // Colours have no paper, but may be nothing at all.
    let bright = ImageInput(name: "x", pixels: [UInt8](repeating: 255, count: 11) + [0])
    #expect(bright.checked(shape: shape, learned: .dark).doubts.isEmpty)
    let grey = ImageInput(name: "x", pixels: [UInt8](repeating: 9, count: 12))
    #expect(grey.checked(shape: shape, learned: .dark).doubts == [.constant(9)])
    #expect(throws: GraftFailure.self) { try ImageInput.read(file, name: "x", shape: shape, fitting: .framed) }
  }

  // MARK: Tables

  @Test("tables and arrays: Kaggle's test.csv, NPY and NPZ files")
  func tables() throws {
    let csv = Array("pixel0,pixel1,pixel2,pixel3,pixel4,pixel5\n9,8,7,6,5,4\n0,1,2,3,4,5\n".utf8)
    let expected: [[UInt8]] = [[9, 8, 7, 6, 5, 4], [0, 1, 2, 3, 4, 5]]
    let read = try ImageInput.read(csv, name: "test.csv", shape: Self.shape)
    #expect(read.map(\.pixels) == expected && read.map(\.name) == ["test.csv[0]", "test.csv[1]"])
    let bytes = expected.flatMap { $0 }
    func pixels(_ file: [UInt8]) throws -> [[UInt8]] {
      try ImageInput.read(file, name: "x", shape: Self.shape).map(\.pixels)
    }
    #expect(try pixels(NPZBuilder.array("|u1", "(2, 2, 3)", bytes)) == expected)
    #expect(try pixels(NPZBuilder.array("|u1", "(2, 6)", bytes)) == expected)
    #expect(try pixels(NPZBuilder.array("|u1", "(2, 3)", expected[0])) == [expected[0]])
    let floats = NPZBuilder.floats(bytes.map { Float($0) / 255 })
    #expect(try pixels(NPZBuilder.array("<f4", "(2, 2, 3)", floats)) == [expected[0], expected[1]])
    let images = ("|u1", "(2, 2, 3)", bytes)
    #expect(try pixels(NPZBuilder(["images": images]).encoded()) == expected)
    #expect(try pixels(NPZBuilder(["x_test": images, "y_test": ("|u1", "(2,)", [1, 2])]).encoded()) == expected)
    for (file, problem) in [
      (NPZBuilder.array("|u1", "(2, 3, 2)", bytes), "expected 2 x 3 pixels as the model reads, found 3 x 2"),
      (
        NPZBuilder(["a": images, "b": images]).encoded(), "expected one array of images of 2 x 3, found 2: \"a\", \"b\""
      ),
    ] {
      let error = #expect(throws: FormatError.self) { try pixels(file) }
      #expect(error?.description == "x: \(problem)")
    }
    let framing = #expect(throws: GraftFailure.self) {
      try ImageInput.read(csv, name: "test.csv", shape: Self.shape, fitting: .framed)
    }
    #expect(framing?.description.contains("tables and arrays are read as they are") == true)
  }
}
