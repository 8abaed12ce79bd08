import Foundation
import GraftFiles
import GraftStatistics
import GraftTraining
import GraftWorkbench
import Synchronization

/// A display of running trainings on standard error: one live bar each on a terminal, a line now and then elsewhere.
package final class ProgressBoard: Sendable {
  package enum Style: Sendable {
    case silent
    /// A line per tenth of a training, for logs.
    case lines
    /// Bars that are drawn over one another.
    case bars
  }

  /// The style for standard error: bars on a terminal that can move its cursor.
  package static func suitableStyle(isQuiet: Bool, environment: [String: String]) -> Style {
    if isQuiet { return .silent }
    return isatty(STDERR_FILENO) == 1 && environment["TERM"] != "dumb" ? .bars : .lines
  }

  private struct Row {
    let label: String
    let epochs: Int
    let start: ContinuousClock.Instant
    var epoch = 0
    /// The number of epochs done before this call.
    var doneBefore: Int?
    /// The loss on held-out images if there are any, else in training.
    var loss = 0.0
    /// The accuracy on held-out images, in percent; nil if nothing is watched.
    var accuracy: Double?

    var accuracyText: String { accuracy.map { ", \(percent($0)) %" } ?? "" }
  }

  private struct State {
    var rows: [Row] = []
    /// The number of lines now on the screen.
    var drawn = 0
    var lastDrawn: ContinuousClock.Instant?
  }

  private let style: Style
  private let clock = ContinuousClock()
  private let state = Mutex(State())
  private let write: @Sendable (String) -> Void

  package init(_ style: Style, write: @escaping @Sendable (String) -> Void = ProgressBoard.writeToStandardError) {
    self.style = style
    self.write = write
  }

  package static let writeToStandardError: @Sendable (String) -> Void = {
    StandardError.write($0)
  }

  package func show(_ event: TrainingEvent) {
    if style == .silent { return }
    state.withLock { state in
      switch event {
      case .began(let label, let epochs):
        state.rows.append(Row(label: label, epochs: epochs, start: clock.now))
      case .advanced(let label, _, let record):
        guard let index = state.rows.firstIndex(where: { $0.label == label }) else { return }
        state.rows[index].epoch = record.epoch
        if state.rows[index].doneBefore == nil { state.rows[index].doneBefore = record.epoch - 1 }
        state.rows[index].loss = record.heldOut?.loss ?? record.trainLoss
        state.rows[index].accuracy = record.heldOut.map { 100 * Double($0.correct) / Double(max($0.images, 1)) }
        if style == .lines, isTenth(record.epoch, of: state.rows[index].epochs) {
          write(lineText(state.rows[index]) + "\n")
        }
      case .solvedHead, .kept, .planned: return
      case .ended(let label):
        guard let index = state.rows.firstIndex(where: { $0.label == label }) else { return }
        let row = state.rows.remove(at: index)
        if style == .bars {
          write(cleared(&state) + doneText(row) + "\n")
          redraw(&state, force: true)
        }
      }
      if style == .bars { redraw(&state, force: false) }
    }
  }

  private func isTenth(_ epoch: Int, of epochs: Int) -> Bool {
    epoch == epochs || epochs <= 10 || epoch * 10 / epochs != (epoch - 1) * 10 / epochs
  }

  /// Redraws the bars at most ten times a second, so that a slow terminal holds nothing up.
  private func redraw(_ state: inout State, force: Bool) {
    let now = clock.now
    if !force, let last = state.lastDrawn, now - last < .milliseconds(100) { return }
    state.lastDrawn = now
    var text = cleared(&state)
    for row in state.rows { text += barText(row) + "\n" }
    state.drawn = state.rows.count
    write(TerminalText.unwrapped(text))
  }

  /// Moves to the first drawn line and erases all below.
  private func cleared(_ state: inout State) -> String {
    defer { state.drawn = 0 }
    return state.drawn == 0 ? "" : "\u{1B}[\(state.drawn)A\u{1B}[J"
  }

  private func secondsLeft(_ row: Row) -> String {
    let done = row.epoch - (row.doneBefore ?? 0)
    guard done > 0 else { return "" }
    let spent = (clock.now - row.start) / .seconds(1)
    let left = Int((spent / Double(done) * Double(row.epochs - row.epoch)).rounded())
    return "\(left / 60):\(left % 60 < 10 ? "0" : "")\(left % 60) left"
  }

  private func padded(_ label: String) -> String {
    singleLine(label).padding(toLength: 28, withPad: " ", startingAt: 0)
  }

  private func barText(_ row: Row) -> String {
    let width = 20
    let full = row.epochs == 0 ? width : width * row.epoch / row.epochs
    let bar = String(repeating: "█", count: full) + String(repeating: "░", count: width - full)
    guard row.epoch > 0 else { return "\(padded(row.label)) \(bar)" }
    return "\(padded(row.label)) \(bar) \(row.epoch)/\(row.epochs)  loss \(decimals(row.loss, 4))"
      + "\(row.accuracyText), \(secondsLeft(row))"
  }

  private func lineText(_ row: Row) -> String {
    "\(singleLine(row.label)): epoch \(row.epoch)/\(row.epochs), loss \(decimals(row.loss, 4))"
      + "\(row.accuracyText), \(secondsLeft(row))"
  }

  private func doneText(_ row: Row) -> String {
    let seconds = (clock.now - row.start) / .seconds(1)
    return
      "\(padded(row.label)) done: loss \(decimals(row.loss, 4))\(row.accuracyText), \(decimals(seconds, 1)) s"
  }
}

/// Control text for a terminal.
enum TerminalText {
  /// Text whose lines a narrow terminal cuts at its edge and does not break (DEC private mode 7): whoever moves the cursor back
  /// over them counts them as they were written.
  static func unwrapped(_ text: String) -> String { "\u{1B}[?7l\(text)\u{1B}[?7h" }
}
