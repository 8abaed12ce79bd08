import GraftFiles
import GraftPictures
import NumericChecks
import Testing

private struct FitCases: Decodable {
  struct Case: Decodable {
    let mode: String
    let width: Int
    let height: Int
    let channels: Int
    let strong: Bool
    let seed: UInt32
    let ratio: Double
    let filter: String
    let toWidth: Int
    let toHeight: Int
    let resizedWidth: Int
    let resizedHeight: Int
    let crc: UInt32
  }
  let fits: [Case]
}

@Suite("Fitting pictures into a size")
struct PictureFitTests {
  @Test("is torchvision's crop, Pillow's resize and Pillow's pad, bit for bit")
  func agreesWithOthers() throws {
    let golden = try Golden.load(FitCases.self, from: "resampling")
    #expect(golden.fits.count == 40)
    for known in golden.fits {
      let mode = try #require(PictureFit.Mode(rawValue: known.mode))
      let filter = try #require(ResamplingFilter(rawValue: known.filter))
      let fit = PictureFit(
        height: known.toHeight, width: known.toWidth, mode: mode, cropRatio: known.ratio, filter: filter)
      let plan = fit.plan(width: known.width, height: known.height)
      let name: Comment = "\(mode) \(known.width) x \(known.height) to \(known.toWidth) x \(known.toHeight)"
      #expect(plan.resizedWidth == known.resizedWidth && plan.resizedHeight == known.resizedHeight, name)
      let picture = Picture.noise(
        width: known.width, height: known.height, channels: known.channels, strong: known.strong, seed: known.seed)
      #expect(CRC32.checksum(fit.apply(to: picture).samples) == known.crc, name)
    }
  }

  private static let sizes = [(1, 1), (1, 9), (2, 3), (16, 16), (17, 40), (64, 48), (90, 31), (133, 75), (300, 3)]

  @Test(
    "needs only its region: a part, with what follows removed, gives the whole picture's result",
    arguments: PictureFit.Mode.allCases, ResamplingFilter.allCases)
  func region(mode: PictureFit.Mode, filter: ResamplingFilter) {
    for (width, height) in PictureFitTests.sizes {
      for shrink in [1, 2, 8] {
        for (channels, wanted) in [(1, (16, 16)), (3, (16, 16)), (3, (20, 9)), (1, (9, 20))] {
          let fit = PictureFit(height: wanted.0, width: wanted.1, mode: mode, filter: filter)
          let plan = fit.plan(width: width, height: height, shrunkBy: shrink)
          let whole = Picture.noise(
            width: plan.sourceWidth, height: plan.sourceHeight, channels: channels, strong: true, seed: 7)
          var resampler = Resampler(fit)
          let expected = ResamplingReference(filter: filter).apply(plan, to: whole)
          #expect(resampler.apply(to: whole, plan: plan) == expected)
          let part = whole.part(columns: plan.columns, rows: plan.rows)
          let (column, row) = (plan.columns.lowerBound, plan.rows.lowerBound)
          #expect(resampler.apply(to: part, column: column, row: row, plan: plan) == expected)
          // A little more than needed, as decoders of blocks have it.
          let (left, top) = (max(column - 3, 0), max(row - 1, 0))
          let more = whole.part(
            columns: left..<min(plan.columns.upperBound + 2, whole.width),
            rows: top..<min(plan.rows.upperBound + 5, whole.height))
          #expect(resampler.apply(to: more, column: left, row: top, plan: plan) == expected)
        }
      }
    }
  }

  @Test("writes planes between what is there", arguments: PictureFit.Mode.allCases)
  func planes(mode: PictureFit.Mode) {
    for (width, height) in PictureFitTests.sizes {
      for channels in [1, 3] {
        let fit = PictureFit(height: 10, width: 21, mode: mode)
        let picture = Picture.noise(width: width, height: height, channels: channels, seed: 3)
        let count = 210 * channels
        var output = [UInt8](repeating: 77, count: count + 10)
        var resampler = Resampler(fit)
        var span = output.mutableSpan
        resampler.write(picture, planarInto: &span, at: 4)
        #expect(Array(output[4..<4 + count]) == fit.apply(to: picture).planes)
        #expect(output.prefix(4).allSatisfy { $0 == 77 } && output.suffix(6).allSatisfy { $0 == 77 })
      }
    }
  }

  @Test("plans name sizes and places")
  func plans() {
    let crop = PictureFit(height: 224, width: 224).plan(width: 500, height: 375)
    #expect(crop.resizedWidth == 341 && crop.resizedHeight == 256)
    // (341 - 224) / 2 = 58.5 is rounded to the even number.
    #expect(crop.windowColumns == 58..<282 && crop.windowRows == 16..<240)
    #expect(crop.left == 0 && crop.top == 0)
    #expect(crop.columns == 84..<414 && crop.rows == 23..<352)
    let same = PictureFit(height: 32, width: 32, cropRatio: 1).plan(width: 32, height: 32)
    #expect(same.columns == 0..<32 && same.rows == 0..<32 && same.resizedWidth == 32)
    let pad = PictureFit(height: 32, width: 32, mode: .pad).plan(width: 64, height: 24)
    #expect(pad.resizedWidth == 32 && pad.resizedHeight == 12 && pad.top == 10 && pad.left == 0)
    #expect(pad.columns == 0..<64 && pad.rows == 0..<24)
    let line = PictureFit(height: 32, width: 32, mode: .pad).plan(width: 5000, height: 3)
    #expect(line.resizedHeight == 1)
  }

  @Test("decoders may shrink as long as twice the resized size is left")
  func shrinks() {
    let fit = PictureFit(height: 224, width: 224)
    for (shorter, shrink) in [(200, 1), (1023, 1), (1024, 2), (2047, 2), (2048, 4), (4095, 4), (4096, 8), (9999, 8)] {
      #expect(fit.plan(width: shorter, height: 2 * shorter).shrink == shrink, "\(shorter)")
    }
    let shrunk = fit.plan(width: 4097, height: 5001).shrunk(by: 8)
    #expect(shrunk.sourceWidth == 513 && shrunk.sourceHeight == 626 && shrunk.shrunkBy == 8)
    #expect(shrunk.resizedWidth == 256 && shrunk.resizedHeight == 312 && shrunk.columns.upperBound <= 513)
    #expect(PictureFit(height: 32, width: 128, mode: .squash).plan(width: 1024, height: 1024).shrink == 4)
  }
}
