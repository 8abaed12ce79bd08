extension SVGElement {
  /// A straight line between two points, in pixels.
  package static func line(from start: ChartPoint, to end: ChartPoint, stroke: Stroke) -> SVGElement {
    SVGElement(
      "line", ["x1": .number(start.x), "y1": .number(start.y), "x2": .number(end.x), "y2": .number(end.y)]
    ).stroked(stroke)
  }

  /// A filled rectangle, its corners rounded by `radius` pixels.
  package static func box(_ box: ChartBox, fill: Color, radius: Double = 0) -> SVGElement {
    SVGElement(
      "rect",
      ["x": .number(box.x), "y": .number(box.y), "width": .number(box.width), "height": .number(box.height)]
    ).with("rx", radius > 0 ? .number(radius) : nil).with("fill", .text(fill.hex))
  }

  /// A filled circle; a white `rim` makes it stand out from the line below it.
  package static func dot(at center: ChartPoint, radius: Double, fill: Color, rim: Double = 0) -> SVGElement {
    SVGElement(
      "circle",
      ["cx": .number(center.x), "cy": .number(center.y), "r": .number(radius), "fill": .text(fill.hex)]
    ).with("stroke", rim > 0 ? .text(Palette.background.hex) : nil).with("stroke-width", rim > 0 ? .number(rim) : nil)
  }

  /// Lines through points, in pixels; each inner list is drawn by itself.
  package static func polylines(_ lines: [[ChartPoint]], stroke: Stroke) -> SVGElement {
    SVGElement("path", ["d": .text(lines.map { pathData($0) }.joined()), "fill": "none"])
      .stroked(stroke).with("stroke-linejoin", "round").with("stroke-linecap", stroke.dashes.isEmpty ? "round" : "butt")
  }

  /// Filled polygons, in pixels.
  package static func polygons(_ polygons: [[ChartPoint]], fill: Color, opacity: Double) -> SVGElement {
    let data = polygons.map { pathData($0) + "Z" }.joined()
    return SVGElement("path", ["d": .text(data), "fill": .text(fill.hex), "fill-opacity": .number(opacity)])
  }

  /// A text on one line. `position` is the start, middle or end of its baseline, in pixels.
  package static func text(_ text: String, at position: ChartPoint, _ style: TextStyle) -> SVGElement {
    SVGElement("text", ["x": .number(position.x), "y": .number(position.y)], text: text).styled(style)
  }

  /// Text turned counter-clockwise by `angle` degrees about its position.
  package static func text(
    _ text: String, at position: ChartPoint, turned angle: Double, _ style: TextStyle
  ) -> SVGElement {
    let x = NumberText.coordinate(position.x)
    let y = NumberText.coordinate(position.y)
    let turn = "translate(\(x) \(y)) rotate(\(NumberText.coordinate(-angle)))"
    return SVGElement("text", ["transform": .text(turn)], text: text).styled(style)
  }

  /// A group of elements.
  package static func group(_ children: [SVGElement]) -> SVGElement { SVGElement("g", children: children) }

  private static func pathData(_ points: [ChartPoint]) -> String {
    var result = ""
    for (index, point) in points.enumerated() {
      result += index == 0 ? "M" : index == 1 ? "L" : " "
      result += "\(NumberText.coordinate(point.x)),\(NumberText.coordinate(point.y))"
    }
    return result
  }

  private func stroked(_ stroke: Stroke) -> SVGElement {
    with("stroke", .text(stroke.color.hex)).with("stroke-width", .number(stroke.width))
      .with("stroke-dasharray", stroke.dashValue)
  }

  private func styled(_ style: TextStyle) -> SVGElement {
    with("font-size", .number(style.size)).with("font-weight", style.bold ? "600" : nil)
      .with("text-anchor", style.anchor == .start ? nil : .text(style.anchor.rawValue))
      .with("fill", .text(style.color.hex))
  }
}
