import GraftDocuments
import GraftFiles
import GraftMatrices
import GraftTraining

/// The drawings of an explanation side by side: the image as the model read it, gradient × input, occlusion, and of models with a
/// global average the class activations. Pixels that matter glow, from black over red and yellow to white.
struct ExplanationPanels: Sendable {
  private let explanation: Explanation
  private let pixels: [UInt8]
  private let shape: ImageShape
  private let className: String

  /// - Parameters:
  ///   - pixels: The image, in the model's shape.
  ///   - className: The name of the class that is explained.
  init(_ explanation: Explanation, of pixels: [UInt8], _ shape: ImageShape, className: String) {
    (self.explanation, self.pixels, self.shape, self.className) = (explanation, pixels, shape, className)
  }

  // MARK: Heat

  /// The share of pixels that do not glow white: the slopes of single pixels would leave all others dark.
  private static let saliencyShare = 0.99

  /// The glow of each pixel, 0 to 255, for each method.
  private var glows: [[UInt8]] {
    let saliency = explanation.saliency
    let sorted = saliency.sorted()
    let high = sorted.isEmpty ? 0 : sorted[Int(Self.saliencyShare * Double(sorted.count - 1))]
    let occlusion = explanation.occlusionOfPixels
    let activations = explanation.activations?.enlarged(rows: shape.height, columns: shape.width)
    return [
      PixelGlow.glow(saliency, largest: high > 0 ? high : sorted.last ?? 0),
      PixelGlow.glow(occlusion, largest: occlusion.max() ?? 0),
    ] + (activations.map { [PixelGlow.glow($0, largest: $0.max() ?? 0)] } ?? [])
  }

  /// The panels in another size: planes of greys or colours.
  private func panels(height: Int, width: Int, inColor: Bool) -> [[UInt8]] {
    var picture = ImageScaler(from: shape, height: height, width: width)
    var heat = ImageScaler(
      from: ImageShape(height: shape.height, width: shape.width), height: height, width: width)
    let glows = glows.map { heat.planes(of: $0) }
    return [picture.planes(of: pixels)] + (inColor ? glows.map(PixelGlow.colors) : glows)
  }

  // MARK: Text

  private var captions: [String] {
    ["as the model saw it", "gradient x input", "occlusion"]
      + (explanation.activations == nil ? [] : ["class activation"])
  }

  /// The panels in characters, and a sentence about the patch that matters most.
  func text(for terminal: Terminal) -> String {
    let columns = terminal.columns ?? PredictionReport.usualColumns
    let width = min(shape.width, max((columns - 2 * (captions.count - 1)) / captions.count, 1))
    let height = max((shape.height * width + shape.width / 2) / shape.width, 1)
    let panels = panels(height: height, width: width, inColor: terminal.hasColors)
    let drawn = CharacterImage.row(
      Array(zip(captions, panels)), width: width, height: height, inColor: terminal.hasColors)
    return "\(drawn)\n\(sentence)"
  }

  private var sentence: String {
    let (patches, name) = (explanation.patches, singleLine(className))
    let size = "\(patches.side) x \(patches.side) pixels"
    guard let place = explanation.mostImportantPatch else {
      return "occlusion: no patch of \(size) lowers the probability of \(name) when it is hidden"
    }
    func text(_ range: Range<Int>) -> String {
      range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound - 1)"
    }
    let before = 100 * Double(explanation.probability)
    let after = before - 100 * Double(explanation.occlusion[place])
    return "occlusion: hiding \(size) at rows \(text(patches.rows(place))) and columns \(text(patches.columns(place))) "
      + "lowers \(name) from \(percent(before)) % to \(percent(after)) %"
  }

  // MARK: JSON

  var json: JSON {
    func rows(_ values: [Float], _ width: Int) -> JSON {
      .array(
        stride(from: 0, to: values.count, by: width).map { start in
          .array(values[start..<start + width].map { .number(Double($0)) })
        })
    }
    let patches = explanation.patches
    var json = JSON.Object()
    json["class"] = .string(className)
    json["probability"] = .number(Double(explanation.probability))
    json["gradient_x_input"] = rows(explanation.saliency, shape.width)
    json["occlusion"] = [
      "side": .integer(patches.side), "step": .integer(patches.step),
      "falls": rows(explanation.occlusion, patches.across),
    ]
    json["class_activation"] = explanation.activations.map { rows($0.values, $0.width) }
    return .object(json)
  }

  // MARK: As a picture

  /// White paper around each panel, in pixels.
  private static let margin = 8
  /// The longest side of a panel, and the side up to which small ones are enlarged by a whole number.
  private static let (longestSide, readableSide) = (384, 224)

  /// A row of panels for each explanation.
  static func sheet(_ rows: [ExplanationPanels]) -> PNGImage? {
    guard let shape = rows.first?.shape else { return nil }
    let longest = max(shape.height, shape.width)
    func side(_ side: Int) -> Int {
      longest <= longestSide ? side : max((side * longestSide + longest / 2) / longest, 1)
    }
    let size = (height: side(shape.height), width: side(shape.width))
    let factor = max(readableSide / longest, 1)
    let (down, across) = (factor * size.height + margin, factor * size.width + margin)
    var paper = ImagePaper(
      height: margin + rows.count * down, width: margin + (rows.map(\.captions.count).max() ?? 0) * across, channels: 3)
    for (index, row) in rows.enumerated() {
      for (column, planes) in row.panels(height: size.height, width: size.width, inColor: true).enumerated() {
        let colors = planes.count == 3 * size.height * size.width ? planes : planes + planes + planes
        paper.put(
          colors, of: size, enlargedBy: factor, row: margin + index * down, column: margin + column * across)
      }
    }
    return paper.png
  }
}

extension PredictionReport {
  /// The panels of all explanations below each other; nil if there are none.
  package var explanationSheet: PNGImage? { ExplanationPanels.sheet(answers.compactMap(\.panels)) }
}
