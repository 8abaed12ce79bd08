import ArgumentParser
import Foundation
import GraftData
import GraftFiles
import GraftMatrices
import GraftPictures
import GraftTraining

/// Options for data that can be read in several ways: pictures of any size, arrays under any names.
struct ReadingFlags: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Side of the images in pixels, or height x width (default: the model's; else of pictures up to 64 x 64 their own, of others 64).",
      valueName: "32|24x32"),
    transform: { text in
      guard let size = ImageSize(parsing: text) else {
        throw ValidationError("expected 32 or 24x32, with sides from 1 to 1024")
      }
      return size
    })
  var size: ImageSize?

  @Option(
    help: ArgumentHelp(
      "The way of a picture to other proportions: crop its middle, squash it, or pad it with black (default: crop).",
      valueName: "crop|squash|pad"))
  var fit: PictureFit.Mode?

  @Option(
    help: ArgumentHelp(
      "Filter with which pictures are resampled (default: as the model's were, else bilinear).",
      valueName: "bilinear|bicubic"))
  var filter: ResamplingFilter?

  @Option(
    help: ArgumentHelp(
      "Read greys or colours (default: as the model reads, else colours if a picture has some).", valueName: "grey|rgb")
  )
  var colour: ColorMode?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Share of the pictures that is set aside for testing if the data has no test part, 0.01 to 0.9 (default: 0.2).",
      valueName: "share"), transform: number(from: 0.01, upTo: 0.9))
  var testFraction: Double?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Seed of the draw of these pictures (default: 0).", valueName: "seed"))
  var testSeed: UInt64?

  @Flag(help: "Leave out pictures that cannot be read, and list them.")
  var skipBad = false

  @Option(
    help: ArgumentHelp(
      "The arrays of an NPZ file with names of its own: images=NAME,labels=NAME, and test_images, test_labels.",
      valueName: "images=x,labels=y"), transform: ArrayKeys.init(parsing:))
  var keys: ArrayKeys?

  /// The flags that were given.
  var givenFlags: [String] {
    [
      ("--size", size != nil), ("--fit", fit != nil), ("--filter", filter != nil), ("--colour", colour != nil),
      ("--test-fraction", testFraction != nil), ("--test-seed", testSeed != nil), ("--skip-bad", skipBad),
      ("--keys", keys != nil),
    ].filter(\.1).map(\.0)
  }

  func options(threads: Int, shape: ImageShape?, style: PictureStyle? = nil) -> ReadingOptions {
    var options = ReadingOptions()
    options.size = size
    options.fit = fit
    options.colors = colour
    options.preferredShape = shape
    options.filter = filter
    options.preferredStyle = style
    options.testFraction = testFraction
    options.seed = testSeed ?? 0
    options.skipsBad = skipBad
    options.keys = keys
    options.threads = threads
    options.cacheFolder = DecodedCacheFolder(environment: ProcessInfo.processInfo.environment)?.path
    FeatureCache.shared.keep(in: options.cacheFolder, isWritten: RankJob.isFirst)
    return options
  }

  /// The shape that images of `shape` are to be brought to; nil if they have it.
  func shape(of shape: ImageShape) -> ImageShape? {
    let wanted = ImageShape(
      channels: colour?.channels ?? shape.channels, height: size?.height ?? shape.height,
      width: size?.width ?? shape.width)
    return wanted == shape ? nil : wanted
  }
}

extension PictureFit.Mode: ExpressibleByArgument {}
extension ColorMode: ExpressibleByArgument {}
extension ResamplingFilter: ExpressibleByArgument {}
