import GraftFiles

/// A rule that makes pixels from 0 to 255 of the numbers in a file, which their type and range tell.
enum PixelScale: Hashable {
  /// Whole numbers that are pixels already.
  case asTheyAre
  /// Floats from 0 to 255.
  case rounded
  /// Floats from 0 to 1.
  case unit
  /// Floats from -1 to 1.
  case signedUnit
  /// Whole numbers from 0 to 16, as scikit-learn's digits have them.
  case sixteenths
  /// False and true.
  case truth

  /// A kind of numbers.
  enum Kind: String, Hashable {
    case whole = "whole numbers"
    case float = "floats"
    case decimal = "decimals"
    case truth = "truth values"
  }

  /// Resized images miss 0 and 1 by the rounding of their floats.
  private static let tolerance = 1e-4

  /// - Parameters:
  ///   - range: The smallest and the largest number of all images.
  ///   - isWhole: Whether all numbers are whole; it is asked only if it matters.
  /// - Throws: `FormatError` with the range if it is not one of pixels.
  init(_ kind: Kind, range: ClosedRange<Double>, isWhole: () -> Bool) throws(FormatError) {
    let (smallest, largest) = (range.lowerBound, range.upperBound)
    let tolerance = PixelScale.tolerance
    switch kind {
    case .whole: self = .asTheyAre
    case .truth: self = .truth
    case .float, .decimal:
      if smallest >= -tolerance, largest <= 1 + tolerance {
        self = .unit
      } else if smallest >= -1 - tolerance, largest <= 1 + tolerance {
        self = .signedUnit
      } else if smallest == 0, largest == 16, isWhole() {
        self = .sixteenths
      } else if smallest > -0.5, largest < 255.5, largest > Double(PixelRange.darkest) || isWhole() {
        // Fractions that end below are neither: as bytes they would be black.
        self = .rounded
      } else {
        throw .expected(
          "pixels from 0 to 255, from 0 to 1 or from -1 to 1",
          found: "\(kind.rawValue) from \(numberText(smallest)) to \(numberText(largest))")
      }
    }
  }

  /// The pixel of a number, a half upwards.
  @inline(__always)
  func byte(_ value: Double) -> UInt8 {
    let scaled: Double
    switch self {
    case .asTheyAre, .rounded: scaled = value
    case .unit, .truth: scaled = value * 255
    case .signedUnit: scaled = (value + 1) / 2 * 255
    case .sixteenths: scaled = value * 255 / 16
    }
    return UInt8(min(max(scaled + 0.5, 0), 255))
  }

  /// A sentence about what was done; nil if nothing was.
  func remark(_ kind: Kind) -> String? {
    switch self {
    case .asTheyAre: nil
    case .rounded: "\(kind.rawValue) from 0 to 255 were rounded to bytes"
    case .unit: "\(kind.rawValue) from 0 to 1 were scaled to 0 to 255"
    case .signedUnit: "\(kind.rawValue) from -1 to 1 were scaled to 0 to 255"
    case .sixteenths: "whole numbers from 0 to 16, as scikit-learn's digits have them, were scaled to 0 to 255"
    case .truth: "false became 0 and true 255"
    }
  }
}
