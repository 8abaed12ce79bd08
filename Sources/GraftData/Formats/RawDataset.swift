import GraftFiles
import GraftMatrices
import GraftPictures

/// A data set as arrays or tables have it: numbers that are not yet pixels, labels that are not yet indices.
struct RawDataset {
  struct Part {
    let images: RawImages
    let labels: RawLabels
    /// The place of the images in errors: the file, and its array.
    let imagesPath: String
    let labelsPath: String
    /// The error about a number that stands out, if the range of all is none of pixels.
    var misfit: FormatError?
  }

  let train: Part
  /// Nil if a share of the training images is for testing.
  var test: Part?
  /// Sentences for the person whose data it is.
  var remarks: [String] = []
  /// Sentences about what looks wrong with it.
  var warnings: [String] = []

  /// Makes pixels of the numbers, indices of the labels, and two parts of one.
  ///
  /// - Throws: `FormatError` with the path of the array that is none of images or labels.
  func decoded(_ options: ReadingOptions) throws(FormatError) -> DecodedDataset {
    var remarks = remarks
    for part in [train, test].compactMap(\.self) {
      guard part.images.dimensions[0] == part.labels.count else {
        throw FormatError(
          path: part.labelsPath,
          problem: "\(part.images.dimensions[0]) images in \(part.imagesPath) but \(part.labels.count) labels")
      }
    }
    let scales = try scales(remarks: &remarks)
    var planes = PixelPlanes(options)
    var trainImages: ByteTensor
    do throws(FormatError) {
      trainImages = try planes.tensor(train.images, scales[0])
    } catch {
      throw error.at(path: train.imagesPath)
    }
    var testImages: ByteTensor?
    if let test {
      do throws(FormatError) {
        testImages = try planes.tensor(test.images, scales[1])
      } catch {
        throw error.at(path: test.imagesPath)
      }
    }
    let classes: ClassIndices
    do throws(FormatError) {
      classes = try ClassIndices(train: train.labels, test: test?.labels)
    } catch {
      throw error.at(path: train.labelsPath)
    }
    remarks += planes.remarks + classes.remarks
    var decoded: DecodedDataset
    if let test, let testImages, let testLabels = classes.test {
      decoded = DecodedDataset(
        train: .init(
          images: trainImages, labels: classes.train, imagesPath: train.imagesPath, labelsPath: train.labelsPath),
        test: .init(images: testImages, labels: testLabels, imagesPath: test.imagesPath, labelsPath: test.labelsPath))
    } else {
      let fraction = options.testFraction ?? ReadingOptions.usualTestFraction
      let split = StratifiedSplit(classes.train, fraction: fraction, seed: options.seed)
      guard !split.test.isEmpty else {
        throw FormatError(
          path: train.labelsPath, problem: "there is no test part, and no class has two images to set one aside")
      }
      remarks.append(
        "there is no test part: \(grouped(split.test.count)) of \(grouped(classes.train.count)) images were set aside "
          + "as one, the same share of each class (seed \(options.seed))")
      func part(_ indices: [Int]) -> DecodedDataset.Part {
        .init(
          images: trainImages.selecting(indices), labels: indices.map { classes.train[$0] },
          imagesPath: train.imagesPath, labelsPath: train.labelsPath)
      }
      decoded = DecodedDataset(train: part(split.train), test: part(split.test))
    }
    decoded.classNames = classes.names
    decoded.remarks = remarks
    decoded.warnings = warnings + (classes.gaps.map { ["\(singleLine(train.labelsPath)): \($0)"] } ?? [])
    return decoded
  }

  /// The scale of the training images and that of the test images: parts with numbers of one kind have the same.
  private func scales(remarks: inout [String]) throws(FormatError) -> [PixelScale] {
    let parts = [train, test].compactMap(\.self)
    var ranges: [ClosedRange<Double>?] = []
    for part in parts {
      do throws(FormatError) { ranges.append(try part.images.range()) } catch { throw error.at(path: part.imagesPath) }
    }
    var scales: [PixelScale] = []
    for (part, range) in zip(parts, ranges) {
      guard let range else {
        scales.append(.asTheyAre)
        continue
      }
      let kind = part.images.kind
      let alike = parts.indices.filter { parts[$0].images.kind == kind }
      let common = alike.compactMap { ranges[$0] }.reduce(range) {
        min($0.lowerBound, $1.lowerBound)...max($0.upperBound, $1.upperBound)
      }
      let scale: PixelScale
      do throws(FormatError) {
        scale = try PixelScale(kind, range: common) { alike.allSatisfy { parts[$0].images.isWhole } }
      } catch {
        let misfits = alike.compactMap { parts[$0].misfit?.at(path: parts[$0].imagesPath) }
        throw misfits.first ?? error.at(path: part.imagesPath)
      }
      if let remark = scale.remark(kind), !remarks.contains(remark) { remarks.append(remark) }
      scales.append(scale)
    }
    return scales
  }
}

/// A maker of planes of pixels in the wanted size and colours.
struct PixelPlanes {
  private let options: ReadingOptions
  private var resampler: Resampler?
  /// The order of the first images: rows of pixels that follow have it too.
  private var order: PixelOrder?
  /// Sentences about guesses.
  private(set) var remarks: [String] = []

  init(_ options: ReadingOptions) {
    self.options = options
  }

  /// The images as [count × rows × columns], or [count × channels × rows × columns] if they have colours.
  mutating func tensor(_ images: RawImages, _ scale: PixelScale) throws(FormatError) -> ByteTensor {
    let bytes = try images.bytes(scale)
    var notes: [String] = []
    var order = try PixelOrder.told(by: images.dimensions, size: options.size, of: bytes, remarks: &notes)
    if let known = self.order, images.dimensions.count == 2, known.count == order.count { order = known }
    if self.order == nil { remarks += notes }
    self.order = self.order ?? order
    if order.channels == 4 {
      let note = "colours with opacity were laid on white"
      if !remarks.contains(note) { remarks.append(note) }
    }
    return planes(of: bytes, count: images.dimensions[0], order)
  }

  private mutating func planes(of bytes: [UInt8], count: Int, _ order: PixelOrder) -> ByteTensor {
    let size = options.size ?? ImageSize(height: order.height, width: order.width)
    let isResized = size.height != order.height || size.width != order.width
    let channels = (options.colors ?? (order.channels == 1 ? .grey : .rgb)).channels
    let dimensions = channels == 1 ? [count, size.height, size.width] : [count, channels, size.height, size.width]
    // Greys, and planes of colours, are as they must be.
    if !isResized, channels == order.channels, channels == 1 || order.isPlanar {
      return ByteTensor(dimensions: dimensions, checked: bytes)
    }
    let mode: ColorMode = channels == 1 ? .grey : .rgb
    let length = size.height * size.width
    var planes = [UInt8](repeating: 0, count: count * channels * length)
    var resampler =
      resampler ?? Resampler(PictureFit(height: size.height, width: size.width, mode: options.fit ?? .squash))
    for index in 0..<count {
      let picture = order.picture(bytes[index * order.count..<(index + 1) * order.count]).converted(to: mode)
      let start = index * channels * length
      if isResized {
        var output = planes.mutableSpan
        resampler.write(picture, planarInto: &output, at: start)
      } else {
        for channel in 0..<channels {
          for pixel in 0..<length {
            planes[start + channel * length + pixel] = picture.samples[pixel * channels + channel]
          }
        }
      }
    }
    self.resampler = resampler
    return ByteTensor(dimensions: dimensions, checked: planes)
  }
}

extension PixelOrder {
  /// The picture of one image's numbers; colours with opacity are laid on white, as those of PNG files are.
  func picture(_ bytes: ArraySlice<UInt8>) -> Picture {
    let pixels = height * width
    let start = bytes.startIndex
    let colors = channels == 1 ? 1 : 3
    guard channels != 1 && (isPlanar || channels == 4) else {
      return Picture(width: width, height: height, channels: colors, samples: Array(bytes))
    }
    var samples = [UInt8](repeating: 0, count: pixels * colors)
    for pixel in 0..<pixels {
      for channel in 0..<colors {
        let byte = bytes[start + (isPlanar ? channel * pixels + pixel : pixel * channels + channel)]
        if channels == 4 {
          let opacity = Int(bytes[start + pixel * 4 + 3])
          samples[pixel * colors + channel] = UInt8((Int(byte) * opacity + 255 * (255 - opacity) + 127) / 255)
        } else {
          samples[pixel * colors + channel] = byte
        }
      }
    }
    return Picture(width: width, height: height, channels: colors, samples: samples)
  }
}
