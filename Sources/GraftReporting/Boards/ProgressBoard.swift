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
    var progress: WorkProgress
    /// The loss on held-out images if there are any, else in training.
    var loss = 0.0
    /// The accuracy on held-out images, in percent; nil if nothing is watched.
    var accuracy: Double?

    var accuracyText: String { accuracy.map { ", \(percent($0)) %" } ?? "" }
  }

  private struct State {
    var rows: [Row] = []
    var lines = LiveLines()
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
        state.rows.append(Row(label: label, progress: WorkProgress(total: epochs, start: clock.now)))
      case .advanced(let label, _, let record, _, _):
        guard let index = state.rows.firstIndex(where: { $0.label == label }) else { return }
        if state.rows[index].progress.done == 0 { state.rows[index].progress.doneBefore = record.epoch - 1 }
        state.rows[index].progress.done = record.epoch
        state.rows[index].loss = record.heldOut?.loss ?? record.trainLoss
        state.rows[index].accuracy = record.heldOut.map { Tally(correct: $0.correct, images: $0.images).percent }
        if style == .lines, state.rows[index].progress.isTenth {
          write(lineText(state.rows[index]) + "\n")
        }
      case .solvedHead, .kept, .planned, .keeping: return
      case .ended(let label):
        guard let index = state.rows.firstIndex(where: { $0.label == label }) else { return }
        let row = state.rows.remove(at: index)
        if style == .bars {
          write(state.lines.erasing() + doneText(row) + "\n")
          redraw(&state, isForced: true)
        }
      }
      if style == .bars { redraw(&state) }
    }
  }

  private func redraw(_ state: inout State, isForced: Bool = false) {
    let rows = state.rows
    let text = state.lines.drawing(rows.map { barText($0) + "\n" }.joined(), at: clock.now, isForced: isForced)
    if let text { write(text) }
  }

  private func padded(_ label: String) -> String {
    singleLine(label).padding(toLength: 28, withPad: " ", startingAt: 0)
  }

  private func barText(_ row: Row) -> String {
    let bar = "\(padded(row.label)) \(row.progress.bar(width: 20))"
    guard row.progress.done > 0 else { return bar }
    return "\(bar) \(row.progress.done)/\(row.progress.total)  \(figures(row))"
  }

  private func lineText(_ row: Row) -> String {
    "\(singleLine(row.label)): epoch \(row.progress.done)/\(row.progress.total), \(figures(row))"
  }

  private func figures(_ row: Row) -> String {
    "loss \(decimals(row.loss, 4))\(row.accuracyText), \(row.progress.timeLeft(at: clock.now))"
  }

  private func doneText(_ row: Row) -> String {
    let seconds = (clock.now - row.progress.start) / .seconds(1)
    return
      "\(padded(row.label)) done: loss \(decimals(row.loss, 4))\(row.accuracyText), \(decimals(seconds, 1)) s"
  }
}
