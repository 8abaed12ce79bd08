import GraftDocuments
import GraftFiles

/// A self-contained HTML file: text, pictures, data, styles and scripts. It asks the network for nothing, and says so itself in
/// a policy that browsers enforce.
package struct Page: Sendable {
  /// A part of the page with a place in its list of contents.
  package struct Section: Sendable {
    /// The name in addresses: letters, digits and hyphens.
    package let id: String
    package let title: String
    package let body: [HTML]

    package init(_ id: String, _ title: String, _ body: [HTML]) {
      (self.id, self.title, self.body) = (id, title, body)
    }
  }

  /// The title, which may come from a user.
  package var title: String
  /// The data, the seeds and the program in one line.
  package var subtitle: String
  /// A warning shown above everything else.
  package var banner: String?
  /// The findings in a few sentences, shown before the first section.
  package var lead: [HTML] = []
  package var sections: [Section] = []
  package var assets = PageAssets()

  package init(title: String, subtitle: String, banner: String? = nil) {
    (self.title, self.subtitle, self.banner) = (title, subtitle, banner)
  }

  /// The source of the file; the same page always gives the same bytes.
  package var source: String {
    let head = HTML(
      "head", [:],
      [
        HTML("meta", ["charset": "utf-8"]),
        HTML("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
        HTML("meta", ["name": "color-scheme", "content": "light dark"]),
        HTML(
          "meta",
          [
            "http-equiv": "Content-Security-Policy",
            "content":
              "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'",
          ]),
        HTML("title", text: "\(title) · Graft"),
        .resource("style", Array(PageColors.styleSheet.utf8) + PackageResources.page_css),
      ])
    let body = HTML(
      "body", [:],
      [
        HTML("a", ["class": "skip", "href": "#content"], text: "Skip to the content"), header, contents,
        HTML(
          "main", ["id": "content"],
          (lead.isEmpty ? [] : [HTML("section", ["class": "lead", "aria-label": "In short"], lead)])
            + sections.map(Page.section)), footer,
        .data(id: "data", assets.json.text(escapingHTML: true)),
      ] + Page.scripts.map { .resource("script", $0) })
    return "<!doctype html>\n" + HTML("html", ["lang": "en"], [head, body]).source
  }

  /// The scripts, in the order in which they need each other.
  private static let scripts = [
    PackageResources.network_js, PackageResources.raster_js, PackageResources.theme_js, PackageResources.charts_js,
    PackageResources.matrices_js, PackageResources.canvas_js, PackageResources.resize_js,
    PackageResources.photograph_js,
  ]

  private var header: HTML {
    HTML(
      "header", ["class": "top"],
      [
        HTML("p", ["class": "brand"], text: "Graft report"),
        HTML("h1", text: title), HTML("p", ["class": "subtitle"], text: subtitle),
        HTML(
          "button", ["type": "button", "id": "theme", "class": "tool", "hidden": ""], text: "Dark colours"),
      ] + (banner.map { [HTML("p", ["class": "banner", "role": "note"], text: $0)] } ?? []))
  }

  private var contents: HTML {
    HTML(
      "nav", ["class": "contents", "aria-label": "Contents"],
      [
        HTML("ol", [:], sections.map { HTML("li", [:], [HTML("a", ["href": "#\($0.id)"], text: $0.title)]) })
      ])
  }

  private static func section(_ section: Section) -> HTML {
    HTML(
      "section", ["id": section.id, "aria-labelledby": "\(section.id)-title"],
      [HTML("h2", ["id": "\(section.id)-title"], text: section.title)] + section.body)
  }

  private var footer: HTML {
    HTML("footer", ["class": "bottom"], [HTML("p", text: "Made by Graft. One file; it asks the network for nothing.")])
  }
}
