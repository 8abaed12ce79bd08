import Foundation
import GraftFiles

/// A chart of small pictures side by side: weights, images.
package struct ImageTiles: Sendable {
  /// A picture and its name.
  package struct Tile: Sendable {
    /// The name below the picture; empty for none.
    package var name: String
    package var image: PNGImage

    package init(_ name: String, _ image: PNGImage) { (self.name, self.image) = (name, image) }
  }

  package var title: String
  package var subtitle: String
  package var tiles: [Tile]
  /// The number of tiles in a row.
  package var columns: Int
  /// The edge of a tile, in pixels.
  package var edge: Double

  package init(title: String, subtitle: String = "", tiles: [Tile], columns: Int = 8, edge: Double = 56) {
    (self.title, self.subtitle, self.tiles, self.columns, self.edge) = (title, subtitle, tiles, max(columns, 1), edge)
  }

  /// The chart as a tree of elements.
  package func document() -> SVGDocument {
    let width = max(2 * TitleBlock.margin + Double(columns) * (edge + 6) - 6, 320)
    let titles = TitleBlock(title: title, subtitle: subtitle, width: width)
    let hasNames = tiles.contains { !$0.name.isEmpty }
    let pitch = edge + (hasNames ? 22 : 6)
    let top = titles.bottom + 10
    let elements = tiles.enumerated().flatMap { index, tile -> [SVGElement] in
      let x = TitleBlock.margin + Double(index % columns) * (edge + 6)
      let y = top + Double(index / columns) * pitch
      let picture = SVGElement(
        "image",
        [
          "x": .number(x), "y": .number(y), "width": .number(edge), "height": .number(edge),
          "href": .text("data:image/png;base64,\(Data(tile.image.encoded()).base64EncodedString())"),
        ])
      let frame = SVGElement.box(ChartBox(x: x, y: y, width: edge, height: edge), fill: Palette.field, radius: 3)
      let style = TextStyle(size: 11, color: Palette.muted, anchor: .middle)
      let name: [SVGElement] =
        tile.name.isEmpty
        ? []
        : [
          .text(
            TextMetrics.fitted(tile.name, size: 11, room: edge), at: ChartPoint(x: x + edge / 2, y: y + edge + 13),
            style)
        ]
      return [frame, picture] + name
    }
    let rows = (tiles.count + columns - 1) / columns
    return SVGDocument(
      width: width, height: top + Double(rows) * pitch + TitleBlock.margin - 6, title: title,
      summary: "\(tiles.count) pictures. \(subtitle)", elements: titles.elements + elements)
  }
}

extension PNGImage {
  /// A picture of numbers around zero: blue above, vermilion below, clear at zero, so that it suits any ground.
  ///
  /// - Parameters:
  ///   - values: [height × width].
  ///   - largest: The magnitude drawn with full opacity.
  package static func signed(_ values: [Float], width: Int, height: Int, largest: Float) -> PNGImage {
    // As `signedBytes` has them: bytes up to 127 are below zero, 128 is zero, 129 to 255 are above.
    let palette = (0..<256).map { place -> Entry in
      let color = Palette.series[place < 128 ? 1 : 0]
      let opacity = min(255, abs(place - 128) * 2)
      return Entry(red: color.red, green: color.green, blue: color.blue, alpha: UInt8(opacity))
    }
    return PNGImage(
      width: width, height: height, pixels: signedBytes(values, largest: largest), palette: palette)
  }

  /// Numbers around zero as bytes around the mid-grey: 128 is zero, 1 is `-largest` or less, and 255 is `largest` or more.
  package static func signedBytes(_ values: [Float], largest: Float) -> [UInt8] {
    values.map { value in
      let place = largest > 0 ? Double(value / largest) * 127 : 0
      return UInt8(min(max(128 + place.rounded(), 1), 255))
    }
  }
}
