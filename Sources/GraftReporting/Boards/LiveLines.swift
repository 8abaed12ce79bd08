import Foundation

/// Lines at the foot of a terminal that are drawn over one another, at most ten times a second so that a slow terminal holds
/// nothing up.
struct LiveLines {
  /// The number of lines now on the screen.
  private var drawn = 0
  private var lastDrawn: ContinuousClock.Instant?

  /// The text that replaces the lines by `text`, whose lines end with a newline each; nil if the last drawing is too near.
  mutating func drawing(_ text: @autoclosure () -> String, at now: ContinuousClock.Instant, isForced: Bool = false)
    -> String?
  {
    if !isForced, let lastDrawn, now - lastDrawn < .milliseconds(100) { return nil }
    lastDrawn = now
    let text = text()
    let erasing = erasing()
    drawn = text.split(separator: "\n", omittingEmptySubsequences: false).count - 1
    return erasing + LiveLines.unwrapped(text)
  }

  /// The text that moves to the first drawn line and erases all below.
  mutating func erasing() -> String {
    defer { drawn = 0 }
    return drawn == 0 ? "" : "\u{1B}[\(drawn)A\u{1B}[J"
  }

  /// Text whose lines a narrow terminal cuts at its edge and does not break (DEC private mode 7): whoever moves the cursor back
  /// over them counts them as they were written.
  private static func unwrapped(_ text: String) -> String { "\u{1B}[?7l\(text)\u{1B}[?7h" }
}

/// The progress of work of known length: how much of it is done, and when it began.
struct WorkProgress {
  var done = 0
  var total: Int
  /// The part that was done before this program began.
  var doneBefore = 0
  var start: ContinuousClock.Instant

  /// `1:05 left`, judging by the pace so far; empty if nothing is done yet.
  func timeLeft(at now: ContinuousClock.Instant) -> String {
    let own = done - doneBefore
    guard own > 0 else { return "" }
    let spent = (now - start) / .seconds(1)
    let seconds = Int((spent / Double(own) * Double(total - done)).rounded())
    return "\(seconds / 60):\(seconds % 60 < 10 ? "0" : "")\(seconds % 60) left"
  }

  /// A bar of `width` characters.
  func bar(width: Int) -> String {
    let full = total == 0 ? width : width * done / total
    return String(repeating: "█", count: full) + String(repeating: "░", count: width - full)
  }

  /// Whether a log gets a line now: at each tenth, and always if there are ten parts or fewer.
  var isTenth: Bool { done == total || total <= 10 || done * 10 / total != (done - 1) * 10 / total }
}
