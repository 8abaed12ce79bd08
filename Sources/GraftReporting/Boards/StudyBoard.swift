import Foundation
import GraftDocuments
import GraftFiles
import GraftStatistics
import GraftWorkbench
import Synchronization

/// A display of a running study on standard error: a live table of means so far on a terminal, a line now and then elsewhere.
package final class StudyBoard: Sendable {
  private struct Cell {
    var count = 0
    var sum = 0.0
  }

  private struct State {
    var phase: StudyPhase?
    var total = 0
    var known = 0
    var done = 0
    /// The steps of the trainings left at the start; `stepsDone` counts those that have ended.
    var steps = 0
    var stepsDone = 0
    var start: ContinuousClock.Instant?
    /// The rows in the order in which they first occur.
    var rows: [String] = []
    var columns: [String] = []
    var cells: [String: [String: Cell]] = [:]
    var drawn = 0
    var lastDrawn: ContinuousClock.Instant?
  }

  private let style: ProgressBoard.Style
  private let seeds: Int
  private let clock = ContinuousClock()
  private let state = Mutex(State())
  private let write: @Sendable (String) -> Void

  /// A board without rows.
  ///
  /// - Parameter columns: The names of the table's columns, in their order.
  package init(
    _ style: ProgressBoard.Style, columns: [String], seeds: Int,
    write: @escaping @Sendable (String) -> Void = ProgressBoard.writeToStandardError
  ) {
    self.style = style
    self.seeds = seeds
    self.write = write
    state.withLock { $0.columns = columns }
  }

  /// The row and the column in which a trial counts.
  private static func place(_ trial: Trial) -> (row: String, column: String) {
    let from = trial.source.map { "\($0) -> " } ?? ""
    return (singleLine("\(from)\(trial.target) \(trial.method)"), StudyWords.labels(trial.share))
  }

  package func show(_ event: StudyEvent) {
    if style == .silent { return }
    state.withLock { state in
      switch event {
      case .phase(let phase, let trials, let known, let steps):
        if style == .bars { write(cleared(&state)) }
        state.phase = phase
        (state.total, state.known, state.done) = (trials, known, 0)
        (state.steps, state.stepsDone) = (steps, 0)
        state.start = clock.now
        if trials > 0 { write(phaseText(phase, trials, known)) }
      case .began: break
      case .ended(let record, let steps):
        state.done += 1
        state.stepsDone += steps
        if record.trial.kind == .measurement { add(record, to: &state) }
        if style == .lines, isTenth(state) { write(line(state) + "\n") }
      }
      if style == .bars { redraw(&state) }
    }
  }

  /// Erases the table; the result follows.
  package func end() {
    if style == .bars { state.withLock { write(cleared(&$0)) } }
  }

  private func add(_ record: TrialRecord, to state: inout State) {
    let (row, column) = StudyBoard.place(record.trial)
    if !state.rows.contains(row) { state.rows.append(row) }
    state.cells[row, default: [:]][column, default: Cell()].count += 1
    state.cells[row, default: [:]][column, default: Cell()].sum += record.outcome.accuracy
  }

  private func phaseText(_ phase: StudyPhase, _ trials: Int, _ known: Int) -> String {
    let what =
      switch phase {
      case .sources: "source models"
      case .rehearsals: "rehearsals on synthetic digits, where labels are too few to choose settings by"
      case .scores: "scores of sources before training"
      case .measurements: "trials"
      case .similarities: "comparisons of layers"
      }
    let stored = known == 0 ? "" : known == trials ? ", all in the store" : ", \(grouped(known)) of them in the store"
    return "\(grouped(trials)) \(what)\(stored)\n"
  }

  private func isTenth(_ state: State) -> Bool {
    let open = state.total - state.known
    return open <= 10 || state.done == open || state.done * 10 / open != (state.done - 1) * 10 / open
  }

  private func line(_ state: State) -> String {
    let open = state.total - state.known
    return "\(state.phase?.rawValue ?? ""): \(grouped(state.done)) of \(grouped(open)), \(left(state))"
  }

  private func left(_ state: State) -> String {
    // The estimate goes by steps, because the longest trainings come first.
    guard let start = state.start, state.stepsDone > 0 else { return "" }
    let spent = (clock.now - start) / .seconds(1)
    let seconds = Int((spent / Double(state.stepsDone) * Double(state.steps - state.stepsDone)).rounded())
    return "\(seconds / 60):\(seconds % 60 < 10 ? "0" : "")\(seconds % 60) left"
  }

  /// Redraws the table at most ten times a second, so that a slow terminal holds nothing up.
  private func redraw(_ state: inout State) {
    let now = clock.now
    if let last = state.lastDrawn, now - last < .milliseconds(100) { return }
    state.lastDrawn = now
    let text = table(state)
    write(cleared(&state) + TerminalText.unwrapped(text))
    state.drawn = text.split(separator: "\n", omittingEmptySubsequences: false).count - 1
  }

  private func table(_ state: State) -> String {
    let open = state.total - state.known
    let width = 30
    let full = open == 0 ? width : width * state.done / open
    let bar = String(repeating: "█", count: full) + String(repeating: "░", count: width - full)
    var text = ""
    if state.phase == .measurements, !state.rows.isEmpty {
      let rows = state.rows.map { row in
        [row]
          + state.columns.map { column in
            guard let cell = state.cells[row]?[column] else { return "" }
            let mean = decimals(cell.sum / Double(cell.count), 1)
            return cell.count < seeds ? "\(mean) (\(cell.count))" : mean
          }
      }
      let columns = [TextTable.Column("accuracy / %", .leading)] + state.columns.map { TextTable.Column($0) }
      text += TextTable(columns, rows: rows).terminal() + "\n"
    }
    return text + "\(bar) \(grouped(state.done))/\(grouped(open)) \(left(state))\n"
  }

  /// Moves to the first drawn line and erases all below.
  private func cleared(_ state: inout State) -> String {
    defer { state.drawn = 0 }
    return state.drawn == 0 ? "" : "\u{1B}[\(state.drawn)A\u{1B}[J"
  }
}
