import GraftFiles
import GraftMatrices
import GraftNetworks
import Testing

/// How convolutional networks are written.
@Suite struct ConvolutionTextTests {
  private static func conv(
    _ channels: Int, _ kernel: Int, stride: Int = 1, padding: Int = 0, normalized: Bool = false,
    _ pooling: Pooling? = nil
  ) -> Architecture.Block {
    Architecture.Block(
      .convolution(ConvolutionShape(channels: channels, kernel: kernel, stride: stride, padding: padding)),
      norm: normalized ? .usual : nil, pooling: pooling)
  }

  private static func linear(_ units: Int, normalized: Bool = false) -> Architecture.Block {
    Architecture.Block(.linear(units: units), norm: normalized ? .usual : nil)
  }

  struct Written: Sendable, CustomTestStringConvertible {
    let text: String
    let body: [Architecture.Block]
    var testDescription: String { text }
  }

  @Test(
    "a network is read and written as a person would",
    arguments: [
      Written(text: "cnn:16c5", body: [conv(16, 5)]), Written(text: "cnn:1c1", body: [conv(1, 1)]),
      Written(
        text: "cnn:16c5-p2-32c5-p2-128",
        body: [conv(16, 5, .maximum(size: 2)), conv(32, 5, .maximum(size: 2)), linear(128)]),
      Written(
        text: "cnn:8c3p1b-p2-12c3s2b-a-20b",
        body: [
          conv(8, 3, padding: 1, normalized: true, .maximum(size: 2)),
          conv(12, 3, stride: 2, normalized: true, .globalAverage), linear(20, normalized: true),
        ]),
      Written(text: "cnn:16c3s2p1b", body: [conv(16, 3, stride: 2, padding: 1, normalized: true)]),
      Written(text: "cnn:4c3-p3s2", body: [conv(4, 3, Pooling(.maximum, size: 3, stride: 2))]),
      Written(text: "cnn:4c3-a2", body: [conv(4, 3, Pooling(.average, size: 2, stride: 2))]),
      Written(
        text: "cnn:4c3-a3s1-9-8", body: [conv(4, 3, Pooling(.average, size: 3, stride: 1)), linear(9), linear(8)]),
      Written(
        text: "cnn:4c64s64p63-p64s63",
        body: [conv(4, 64, stride: 64, padding: 63, Pooling(.maximum, size: 64, stride: 63))]),
      Written(text: "cnn:65536c1-65536", body: [conv(65536, 1), linear(65536)]),
      Written(text: "cnn:2c3-2c3-2c3", body: [conv(2, 3), conv(2, 3), conv(2, 3)]),
    ])
  func good(written: Written) throws {
    let architecture = try Architecture(parsing: written.text)
    #expect(architecture == Architecture(body: written.body) && architecture.description == written.text)
    #expect(try Architecture(parsing: architecture.description) == architecture)
  }

  @Test(
    "what means the same is written in one way",
    arguments: [
      ("cnn:16c5s1p0", "cnn:16c5"), ("cnn:4c3-p2s2", "cnn:4c3-p2"), ("cnn:04c03", "cnn:4c3"),
      ("cnn:small", "cnn:16c5-p2-32c5-p2-128"),
    ])
  func normalForm(text: String, written: String) throws {
    #expect(try Architecture(parsing: text).description == written)
  }

  @Test("a named network is its layers")
  func named() throws {
    for (name, architecture) in Architecture.named {
      #expect(try Architecture(parsing: "cnn:\(name)") == architecture)
      #expect(try Architecture(parsing: architecture.description) == architecture)
      try architecture.check(on: .mnist, classCount: 10)
    }
    #expect(Architecture.smallConvolutional.description == "cnn:16c5-p2-32c5-p2-128")
  }

  private func failure(_ body: () throws -> Void) throws -> String {
    let error = try #require(throws: GraftFailure.self, performing: body)
    #expect(error.kind == .usage)
    #expect(!error.description.contains("\n"))
    return error.description
  }

  @Test(
    "anything else is a usage error of one line that names the text and its piece",
    arguments: [
      ("", ""), ("-", ""), ("16c5-", ""), ("-16c5", ""), ("16c5--p2", ""), ("16", nil), ("128-64", nil),
      ("p2", "p2"), ("a", "a"), ("a2-16c5", "a2"), ("16c5-p2-p2", "p2"), ("16c5-p2-a", "a"), ("16c5-a-a", "a"),
      ("16c5-128-p2", "p2"), ("16c5-128-16c5", "16c5"), ("16c5-128-a", "a"),
      ("c5", "c5"), ("16c", "16c"), ("16c0", "16c0"), ("0c5", "0c5"), ("16c65", "16c65"), ("65537c5", "65537c5"),
      ("16c5s", "16c5s"), ("16c5s0", "16c5s0"), ("16c5s65", "16c5s65"), ("16c5p", "16c5p"), ("16c5p1s2", "16c5p1s2"),
      ("16c3p3", "16c3p3"), ("16c1p1", "16c1p1"), ("16c5bb", "16c5bb"), ("16c5bs2", "16c5bs2"), ("16C5", "16C5"),
      ("16c5 ", "16c5 "), (" 16c5", " 16c5"), ("16c-5", "16c"), ("+16c5", "+16c5"), ("16c+5", "16c+5"),
      ("16c5.0", "16c5.0"), ("16c5-p0", "p0"), ("16c5-p", "p"), ("16c5-p2s0", "p2s0"), ("16c5-p2s", "p2s"),
      ("16c5-p65", "p65"), ("16c5-p2b", "p2b"), ("16c5-as2", "as2"), ("16c5-ab", "ab"), ("16c5-a2p1", "a2p1"),
      ("16c5-0", "0"), ("16c5-65537", "65537"), ("16c5-b", "b"), ("16c5,p2", "16c5,p2"), ("16c5-p2:128", "p2:128"),
      ("99999999999999999999c5", "99999999999999999999c5"), ("16c99999999999999999999", "16c99999999999999999999"),
      ("16c5-9223372036854775808", "9223372036854775808"), ("16c5p18446744073709551615", "16c5p18446744073709551615"),
      ("١٦c5", "١٦c5"), ("16c５", "16c５"), ("large", "large"), ("Small", "Small"), ("16c5\n", "16c5\n"),
    ] as [(String, String?)])
  func bad(list: String, piece: String?) throws {
    let text = "cnn:\(list)"
    func shown(_ text: String) -> String { text.replacing("\n", with: "\\u{a}") }
    let error = try failure { _ = try Architecture(parsing: text) }
    #expect(error.hasPrefix("model '\(shown(text))': "), "\(error)")
    if let piece {
      #expect(error.contains("'\(shown(piece))' "), "\(error)")
    } else {
      #expect(error.hasSuffix("there is no convolution; without one it is an mlp"))
    }
  }

  @Test(
    "what is none of the kinds names those that there are", arguments: ["cnn", "CNN:16c5", "conv:16c5", "cnn 16c5"])
  func otherKinds(text: String) throws {
    let error = try failure { _ = try Architecture(parsing: text) }
    #expect(error.hasPrefix("unknown model '\(text)': ") && error.contains("cnn:16c5-p2-32c5-p2-128"))
  }

  // MARK: On images

  @Test(
    "a network that does not fit its images is a usage error of one line that names it and the layer",
    arguments: [
      ("cnn:16c5", "1x4x28", "conv1's window of 5x5 is larger than its input of 4x28"),
      ("cnn:16c5", "1x28x4", "conv1's window of 5x5 is larger than its input of 28x4"),
      ("cnn:16c64", "1x28x28", "conv1's window of 64x64 is larger than its input of 28x28"),
      ("cnn:16c5-p2-16c5-p2-16c5", "1x28x28", "conv3's window of 5x5 is larger than its input of 4x4"),
      ("cnn:16c5-p25", "1x28x28", "pooling by 25 leaves nothing of the 24x24 that conv1 computes"),
      ("cnn:16c5-a2", "1x28x5", "pooling by 2 leaves nothing of the 24x1 that conv1 computes"),
      ("cnn:16c5-p2-16c3-a11", "1x28x28", "pooling by 11 leaves nothing of the 10x10 that conv2 computes"),
      ("cnn:16c5-a", "1x28x27", "the mean of a whole map asks for a square, conv1 computes 24x23"),
    ])
  func misfits(text: String, shape: String, problem: String) throws {
    let sides = shape.split(separator: "x").compactMap { Int($0) }
    let images = ImageShape(channels: sides[0], height: sides[1], width: sides[2])
    let architecture = try Architecture(parsing: text)
    #expect(try failure { try architecture.check(on: images, classCount: 10) } == "model '\(text)': \(problem)")
  }

  @Test(
    "sizes that no memory holds are a usage error, not the end of the program",
    arguments: [
      ("cnn:65536c64-65536c64", 1, 4096), ("cnn:65536c1-65536c1-65536", 3, 28), ("cnn:65536c1-a", 1, 28),
      ("cnn:1c64p63-65536", 1, 4096), ("cnn:16c2-a64", 1, 4096),
      ("cnn:" + [String](repeating: "1c64p63", count: 1000).joined(separator: "-"), 1, 28),
    ])
  func huge(text: String, channels: Int, side: Int) throws {
    let images = ImageShape(channels: channels, height: side, width: side)
    let architecture = try Architecture(parsing: text)
    let error = try failure { try architecture.check(on: images, classCount: 10) }
    #expect(error.hasPrefix("model '\(text)'") && error.contains("the most is"))
  }

  @Test("networks that people train on such images are none of those")
  func usual() throws {
    for (text, channels, side) in [
      ("cnn:small", 1, 28), ("cnn:64c3p1b-64c3p1b-p2-128c3p1b-128c3p1b-p2-256c3p1b-256c3p1b-a", 3, 32),
      ("cnn:32c3p1b-p2-64c3p1b-p2-128c3p1b-p2-256c3p1b-a", 3, 64), ("cnn:64c3s2p1b-p3s2-128c3s2p1b-p3s2-512", 3, 224),
    ] {
      let images = ImageShape(channels: channels, height: side, width: side)
      #expect(throws: Never.self, "\(text)") { try Architecture(parsing: text).check(on: images, classCount: 1000) }
    }
  }

  @Test(
    "learned numbers and running statistics are counted as PyTorch does",
    arguments: [
      ("cnn:small", 1, 28, 28, 16 * 25 + 16 + 32 * 16 * 25 + 32 + 512 * 128 + 128 + 1290),
      ("cnn:8c3p1b-p2-12c3s2b-a-20b", 3, 12, 12, 8 * 27 + 32 + 12 * 72 + 48 + 12 * 20 + 80 + 210),
      ("cnn:5c3s2p2", 2, 6, 9, 5 * 18 + 5 + 5 * 4 * 6 * 10 + 10),
    ])
  func parameterCount(text: String, channels: Int, height: Int, width: Int, count: Int) throws {
    let images = ImageShape(channels: channels, height: height, width: width)
    #expect(try Architecture(parsing: text).parameterCount(on: images, classCount: 10) == count)
    #expect(
      try Model(Architecture(parsing: text), inputShape: images, classCount: 10, seed: 0).parameters.count == count)
  }
}
