import Foundation
import GraftDocuments
import GraftFiles
import GraftStatistics
import GraftTraining
import GraftWorkbench
import Synchronization

/// A display of a running study on standard error: a live table of means so far on a terminal, a line now and then elsewhere.
package final class StudyBoard: Sendable {
  private struct Cell {
    /// The trials that ended with a model, and the sum of their accuracies.
    var count = 0
    var sum = 0.0
    var diverged = 0
  }

  private struct State {
    var phase: StudyPhase?
    /// The trials that were not in the store at the start of the phase.
    var trials: WorkProgress
    /// Their steps of training: the longest trials come first, so the time goes by steps.
    var steps: WorkProgress
    /// The rows in the order in which they first occur.
    var rows: [String] = []
    var columns: [String] = []
    var cells: [String: [String: Cell]] = [:]
    /// What each rank of a job has ended and is training; empty without a job.
    var ranks: (ended: [Int], running: [Int]) = ([], [])
    var lines = LiveLines()
  }

  private let style: ProgressBoard.Style
  private let seeds: Int
  private let clock = ContinuousClock()
  private let state: Mutex<State>
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
    let none = WorkProgress(total: 0, start: clock.now)
    state = Mutex(State(trials: none, steps: none, columns: columns))
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
        if style == .bars { write(state.lines.erasing()) }
        state.phase = phase
        state.trials = WorkProgress(total: trials - known, start: clock.now)
        state.steps = WorkProgress(total: steps, start: clock.now)
        if trials > 0 { write(phaseText(phase, trials, known)) }
      case .began, .answered: break
      case .ranks(let ended, let running): state.ranks = (ended, running)
      case .ended(let record, let steps):
        state.trials.done += 1
        state.steps.done += steps
        if record.trial.kind == .measurement { add(record, to: &state) }
        if style == .lines, state.trials.isTenth {
          // What mpirun starts has no terminal, and shows lines.
          let ranks = StudyBoard.rankText(ended: state.ranks.ended, running: state.ranks.running)
          write(line(state) + (ranks.isEmpty ? "\n" : "; \(ranks)"))
        }
      }
      if style == .bars { redraw(&state) }
    }
  }

  /// Erases the table; the result follows.
  package func end() {
    if style == .bars { state.withLock { write($0.lines.erasing()) } }
  }

  private func add(_ record: TrialRecord, to state: inout State) {
    let (row, column) = StudyBoard.place(record.trial)
    if !state.rows.contains(row) { state.rows.append(row) }
    var cell = state.cells[row]?[column] ?? Cell()
    if record.outcome.isDiverged {
      cell.diverged += 1
    } else {
      cell.count += 1
      cell.sum += record.outcome.accuracy.percent
    }
    state.cells[row, default: [:]][column] = cell
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

  private func line(_ state: State) -> String {
    "\(state.phase?.rawValue ?? ""): \(grouped(state.trials.done)) of \(grouped(state.trials.total)), \(left(state))"
  }

  /// `3 ranks ended 12, 13 and 11 trials`; of many ranks the fewest and the most. A rank that is idle is named.
  package static func rankText(ended: [Int], running: [Int]) -> String {
    guard ended.count > 1 else { return "" }
    let counts =
      ended.count <= 8
      ? ended.map(grouped).joined(separator: ", ")
      : "\(grouped(ended.min() ?? 0)) to \(grouped(ended.max() ?? 0))"
    let idle = running.indices.filter { running[$0] == 0 }
    let idleText =
      idle.isEmpty
      ? ""
      : idle.count <= 4
        ? "; idle: rank \(idle.map(String.init).joined(separator: ", "))" : "; \(idle.count) ranks are idle"
    return "\(ended.count) ranks ended \(counts) trials\(idleText)\n"
  }

  private func left(_ state: State) -> String { state.steps.timeLeft(at: clock.now) }

  private func redraw(_ state: inout State) {
    let current = state
    if let text = state.lines.drawing(table(current), at: clock.now) { write(text) }
  }

  private func table(_ state: State) -> String {
    var text = ""
    if state.phase == .measurements, !state.rows.isEmpty {
      let rows = state.rows.map { row in
        [row]
          + state.columns.map { column in
            guard let cell = state.cells[row]?[column] else { return "" }
            if cell.count == 0 { return "\(cell.diverged) diverged" }
            let mean = decimals(cell.sum / Double(cell.count), 1)
            if cell.diverged > 0 { return "\(mean) (\(cell.count), \(cell.diverged) diverged)" }
            return cell.count < seeds ? "\(mean) (\(cell.count))" : mean
          }
      }
      let columns = [TextTable.Column("accuracy / %", .leading)] + state.columns.map { TextTable.Column($0) }
      text += TextTable(columns, rows: rows).terminal() + "\n"
    }
    return text + StudyBoard.rankText(ended: state.ranks.ended, running: state.ranks.running)
      + "\(state.trials.bar(width: 30)) \(grouped(state.trials.done))/\(grouped(state.trials.total)) \(left(state))\n"
  }
}
