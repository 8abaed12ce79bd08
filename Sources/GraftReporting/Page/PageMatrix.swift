import GraftCharts
import GraftDocuments
import GraftFiles
import GraftNetworks
import GraftTraining

/// A confusion matrix on a page: a table whose cells show their images when they are pressed.
struct PageMatrix {
  let title: String
  let subtitle: String
  /// The counts, square: rows are true classes, columns answers.
  let counts: [[Int]]
  let classNames: [String]

  /// The number of images shown for a diagonal cell.
  static let sampleSize = 12
  /// The most images shown for any other cell, as a model that knows nothing would fill a page.
  static let mostImages = 500

  /// The answers, and the output of each row and column; nil for a published matrix.
  private let filling: (answers: PageAnswers, outputs: [Int])?

  /// A matrix of counts alone, such as a published one.
  init(title: String, subtitle: String, counts: [[Int]], classNames: [String]) {
    (self.title, self.subtitle, self.counts, self.classNames) = (title, subtitle, counts, classNames)
    filling = nil
  }

  /// A matrix over the outputs that occur and the outputs of `classes`.
  init(title: String, _ answers: PageAnswers, also classes: [Int]) {
    let outputs = answers.occurring(also: classes)
    let confusion = answers.confusion.restricted(to: outputs)
    self.title = title
    subtitle = "\(percent(confusion.accuracy.percent)) %, \(grouped(confusion.count)) test images"
    (counts, classNames) = (confusion.counts, outputs.map { answers.outputs.names[$0] })
    filling = (answers, outputs)
  }

  /// The matrix without images.
  var html: HTML { figure(index: nil) }

  /// The matrix with the images of every cell if its answers are known; a diagonal cell has a sample.
  func html(showing test: PageTestImages, in assets: inout PageAssets) -> HTML {
    guard let (answers, shown) = filling else { return html }
    var members: [Cell: [Int]] = [:]
    for row in answers.numbers.indices {
      guard let truth = shown.firstIndex(of: answers.truths[row]),
        let answer = shown.firstIndex(of: answers.predictions[row])
      else { continue }
      members[Cell(truth: truth, answer: answer), default: []].append(row)
    }
    let rooms = PageMatrix.rooms(members.mapValues(\.count), total: test.pictureRoom)
    var cells = JSON.Object()
    for truth in shown.indices {
      for answer in shown.indices {
        guard var rows = members[Cell(truth: truth, answer: answer)],
          let room = rooms[Cell(truth: truth, answer: answer)]
        else { continue }
        if rows.count > room {
          // The sample is spread evenly from the first to the last: nobody chose it.
          rows = (0..<room).map { rows[$0 * rows.count / room] }
        }
        cells["\(truth),\(answer)"] = .array(
          rows.map { row in
            assets.add(image: answers.numbers[row], of: test)
            let probability = answers.sureness(row).map { JSON.number((Double($0) * 1e4).rounded() / 1e4) }
            return [.integer(answers.numbers[row]), probability ?? .null]
          })
      }
    }
    let index = assets.add(matrix: [
      "classes": .array(classNames.map(JSON.string)), "counts": .array(counts.map { .array($0.map(JSON.integer)) }),
      "cells": .object(cells),
    ])
    return figure(index: index, isSmooth: test.hasColors)
  }

  /// A cell by its row and column.
  struct Cell: Hashable {
    let truth: Int
    let answer: Int
  }

  /// The number of images that each cell shows.
  ///
  /// - Parameters:
  ///   - counts: The images of the cells.
  ///   - total: The most images of all cells; nil for no limit. No cell then shows more than a common number, and if there is not
  ///     one image for each, small cells show none.
  static func rooms(_ counts: [Cell: Int], total: Int?) -> [Cell: Int] {
    var rooms: [Cell: Int] = [:]
    for (cell, count) in counts { rooms[cell] = min(count, cell.truth == cell.answer ? sampleSize : mostImages) }
    guard let total, rooms.values.reduce(0, +) > total else { return rooms }
    let common = (1...mostImages).last { room in rooms.values.reduce(0) { $0 + min($1, room) } <= total } ?? 1
    var left = total
    let largestFirst = rooms.sorted {
      ($1.value, $0.key.truth, $0.key.answer) < ($0.value, $1.key.truth, $1.key.answer)
    }
    for (cell, room) in largestFirst {
      let own = min(room, common, left)
      rooms[cell] = own
      left -= own
    }
    return rooms
  }

  /// - Parameter isSmooth: Whether pictures are shown without the edges of their pixels.
  private func figure(index: Int?, isSmooth: Bool = false) -> HTML {
    let shares = ConfusionShares(counts)
    // A table with more columns than fit a phone is scrolled sideways.
    let isWide = counts.count > 6
    let head = HTML(
      "tr", [:],
      [HTML("td", ["class": "corner"], [.text("true ↓"), HTML("br"), .text("answer →")])]
        + classNames.map { HTML("th", ["scope": "col"], text: $0) })
    let rows = counts.indices.map { row in
      HTML(
        "tr", [:],
        [HTML("th", ["scope": "row"], text: classNames[row])]
          + counts[row].indices.map { cell(row, $0, shares, index: index) })
    }
    return HTML(
      "figure", ["class": "matrix"],
      [
        HTML("figcaption", [:], [.text(title), HTML("small", text: subtitle)]),
        HTML(
          "div", ["class": "scroll", "tabindex": isWide ? "0" : nil],
          [
            HTML(
              "table",
              [
                "aria-label": "Confusion matrix: \(title)",
                "style": isWide ? "min-width:\(3 * (counts.count + 1))rem" : nil,
              ], [HTML("thead", [:], [head]), HTML("tbody", [:], rows)])
          ]),
      ]
        + (index.map {
          [
            HTML(
              "div", ["class": isSmooth ? "matrix-images smooth" : "matrix-images", "id": "matrix-\($0)-images"],
              [HTML("p", ["role": "status"]), HTML("div")])
          ]
        } ?? []))
  }

  private func cell(_ row: Int, _ column: Int, _ shares: ConfusionShares, index: Int?) -> HTML {
    let count = counts[row][column]
    if count == 0 { return HTML("td", text: "0") }
    let share = shares.share(row, column)
    let last = Double(PageColors.levelCount - 1)
    let kind =
      row == column
      ? "right-\(Int((share * last).rounded()))"
      : "wrong-\(Int((share / max(shares.largestError, 1e-9) * last).rounded()))"
    guard let index else { return HTML("td", ["class": kind], text: grouped(count)) }
    let label =
      "\(classNames[row]) answered \(classNames[column]): \(grouped(count)) \(count == 1 ? "image" : "images"); show"
    return HTML(
      "td", ["class": kind],
      [
        HTML(
          "button",
          [
            "type": "button", "data-cell": "\(index),\(row),\(column)", "aria-expanded": "false",
            "aria-controls": "matrix-\(index)-images", "aria-label": label,
          ], text: grouped(count))
      ])
  }
}
