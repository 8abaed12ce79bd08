import Foundation

/// The patience of a download. Tests shorten every time.
package struct DownloadPolicy: Sendable {
  /// Pauses before the second, third, … try at one mirror.
  package var backOff: [Duration] = [.seconds(1), .seconds(2), .seconds(4)]
  /// The longest pause that a mirror may ask for (Retry-After); one that asks for more is skipped.
  package var longestPause: Duration = .seconds(60)
  /// The longest silence of a connection.
  package var stallTimeout: Duration = .seconds(30)
  /// The least speed, in bytes per second over `speedWindow`: a slow drip is never silent and never done.
  package var minimumSpeed = 1024
  /// The time over which the speed is measured.
  package var speedWindow: Duration = .seconds(60)
  /// The longest time for one file at one mirror in one try.
  package var deadline: Duration = .seconds(3600)
  /// The most redirections followed.
  package var redirectLimit = 5
  /// The longest wait for another process that downloads the same data set.
  package var lockTimeout: Duration = .seconds(3600)
  /// Whether `http` is accepted from this machine itself (127.0.0.1, localhost), for tests: anything else must be `https`.
  package var allowsLoopbackHTTP = false
  /// The function that pauses.
  package var sleep: @Sendable (Duration) -> Void = { Thread.sleep(forTimeInterval: $0.seconds) }

  /// The usual policy.
  package init() {}

  /// Whether an address may be asked at all: https, or http on this machine if that is allowed.
  func allows(_ url: URL) -> Bool {
    switch url.scheme?.lowercased() {
    case "https": url.host?.isEmpty == false
    case "http": allowsLoopbackHTTP && (url.host == "127.0.0.1" || url.host == "localhost")
    default: false
    }
  }
}

/// The state of a download.
public struct DownloadProgress: Sendable, Hashable {
  /// Name of the file.
  package let file: String
  /// Number of bytes received so far.
  public let receivedBytes: Int
  /// The published size in bytes, never a size that a server reports; nil if none is published.
  public let totalBytes: Int?
  /// Speed since this try began.
  package let bytesPerSecond: Double

  /// The state of one file's download.
  package init(file: String, receivedBytes: Int, totalBytes: Int?, bytesPerSecond: Double) {
    self.file = file
    self.receivedBytes = receivedBytes
    self.totalBytes = totalBytes
    self.bytesPerSecond = bytesPerSecond
  }
}

extension Duration {
  /// The duration as a number of seconds.
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }

  /// The duration in words: "30 s", "0.5 s".
  var text: String {
    let seconds = (seconds * 10).rounded() / 10
    return seconds == seconds.rounded() && seconds < 1e9 ? "\(Int(seconds)) s" : "\(seconds) s"
  }
}
