import GraftCharts
import GraftDocuments
import GraftFiles

/// A line chart on a page, drawn for wide and for narrow screens, with a linear axis and, if it helps, a logarithmic one, and with
/// boxes to switch lines off. Without scripts it is a picture like any other.
struct PageChart {
  let chart: LineChart
  /// Whether a box exchanges the y axis for a logarithmic one.
  var offersLogarithm = false
  /// The names of the boxes, one for each line; empty for no boxes.
  var switches: [String] = []

  var html: HTML {
    var tools = switches.enumerated().map { index, name in
      HTML(
        "label", [:],
        [HTML("input", ["type": "checkbox", "checked": "", "data-toggle": "\(index)"]), .text(name)])
    }
    if offersLogarithm {
      tools.append(HTML("label", [:], [HTML("input", ["type": "checkbox", "data-log": ""]), .text("log scale")]))
    }
    let legend = HTML("legend", ["class": "sr"], text: "Shown in \(chart.title)")
    let scales: [Axis.Scale] = offersLogarithm ? [.linear, .logarithmic] : [chart.yAxis.scale]
    let plots = scales.flatMap { scale in
      [false, true].map { isNarrow in plot(scale, isNarrow: isNarrow, name: scale == scales[0] ? "linear" : "log") }
    }
    return HTML(
      "figure", ["class": "chart"],
      (tools.isEmpty ? [] : [HTML("fieldset", ["class": "tools"], [legend] + tools)]) + plots)
  }

  private func plot(_ scale: Axis.Scale, isNarrow: Bool, name: String) -> HTML {
    var chart = chart
    if offersLogarithm { chart.yAxis.scale = scale }
    chart.size = isNarrow ? (400, 320) : (580, 380)
    if isNarrow { chart.labels = .legend }
    return HTML(
      "div",
      [
        "class": "plot \(name) \(isNarrow ? "narrow" : "wide")", "data-hover": chart.reading.text(), "tabindex": "0",
        "role": "group", "aria-label": "\(chart.title): left and right arrow read values off",
      ], [.picture(chart.document())])
  }
}
