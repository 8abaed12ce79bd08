import GraftFiles
import GraftPictures
import NumericChecks
import Testing

private struct ResamplingCases: Decodable {
  struct Case: Decodable {
    let name: String
    let width: Int
    let height: Int
    let shrink: Int
    let channels: Int
    let strong: Bool
    let seed: UInt32
    let filter: String
    let toWidth: Int
    let toHeight: Int
    let crc: UInt32
    let samples: [UInt8]?
  }
  let resizing: [Case]
}

@Suite("Resampling pictures")
struct ResamplingTests {
  @Test("is Pillow's, bit for bit")
  func agreesWithPillow() throws {
    let golden = try Golden.load(ResamplingCases.self, from: "resampling")
    #expect(golden.resizing.count == 86)
    for known in golden.resizing {
      let filter = try #require(ResamplingFilter(rawValue: known.filter))
      let fit = PictureFit(height: known.toHeight, width: known.toWidth, mode: .squash, filter: filter)
      let plan = fit.plan(width: known.width, height: known.height, shrunkBy: known.shrink)
      let picture = Picture.noise(
        width: plan.sourceWidth, height: plan.sourceHeight, channels: known.channels, strong: known.strong,
        seed: known.seed)
      var resampler = Resampler(fit)
      let resized = resampler.apply(to: picture, plan: plan)
      #expect(CRC32.checksum(resized.samples) == known.crc, "\(known.name), \(known.channels), \(filter)")
      if let samples = known.samples { #expect(resized.samples == samples) }
    }
  }

  @Test("is the slow reference's, bit for bit, for all sides up to 40", arguments: ResamplingFilter.allCases)
  func agreesWithReference(filter: ResamplingFilter) {
    let reference = ResamplingReference(filter: filter)
    var seed: UInt32 = 0
    for old in 1...40 {
      for new in [1, 2, 3, 7, 8, 15, 16, 17, 31, 32, 33, 40, 65] {
        seed += 1
        let channels = seed % 2 == 0 ? 1 : 3
        let picture = Picture.noise(
          width: old, height: 41 - old, channels: channels, strong: seed % 3 == 0, seed: seed)
        let fit = PictureFit(height: 66 - new, width: new, mode: .squash, filter: filter)
        let expected = reference.resize(picture, width: new, height: 66 - new)
        #expect(fit.apply(to: picture) == expected, "\(old) to \(new)")
      }
    }
  }

  @Test("one worker gives for many sizes what new ones give, in any order")
  func reuse() {
    let fit = PictureFit(height: 12, width: 20)
    var resampler = Resampler(fit)
    for round in 0..<3 {
      for side in 1...25 {
        let (width, height) = round == 1 ? (side, 30) : (30, side)
        let picture = Picture.noise(width: width, height: height, channels: side % 2 == 0 ? 1 : 3, seed: UInt32(side))
        #expect(resampler.apply(to: picture) == fit.apply(to: picture))
      }
    }
  }

  @Test("the same size gives the same samples, and one colour stays it", arguments: ResamplingFilter.allCases)
  func plain(filter: ResamplingFilter) {
    let picture = Picture.noise(width: 19, height: 23, channels: 3, seed: 4)
    #expect(PictureFit(height: 23, width: 19, mode: .squash, filter: filter).apply(to: picture) == picture)
    for level: UInt8 in [0, 1, 128, 254, 255] {
      let plain = Picture(width: 21, height: 9, channels: 1, samples: [UInt8](repeating: level, count: 189))
      for (height, width) in [(5, 40), (40, 5), (9, 20), (1, 1)] {
        let resized = PictureFit(height: height, width: width, mode: .squash, filter: filter).apply(to: plain)
        #expect(resized.samples == [UInt8](repeating: level, count: height * width))
      }
    }
  }

  @Test("a hundred million pixels are no more than a side of them", arguments: [(50_000, 2000), (2000, 50_000)])
  func large(width: Int, height: Int) {
    let picture = Picture(
      width: width, height: height, channels: 1, samples: [UInt8](repeating: 200, count: width * height))
    let resized = PictureFit(height: 8, width: 8).apply(to: picture)
    #expect(resized.samples == [UInt8](repeating: 200, count: 64))
  }
}
