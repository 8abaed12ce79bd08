import Dispatch
import Foundation
import GraftFiles
import Synchronization

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// A request for one file, which streams the answer into a `PartFile` and watches size, silence and speed.
///
/// It uses a task of URLSession's that hands out data as it comes, since the completion-handler kind keeps the whole
/// answer in memory. The thread that calls `run` waits, and it notices when nothing comes.
final class HTTPFetch: NSObject, URLSessionDataDelegate, Sendable {
  /// The end of a request.
  enum Outcome: Sendable, Equatable {
    /// All bytes are there; whether they are right is not yet known.
    case complete
    /// The same mirror may succeed in a moment, after the pause that it asks for.
    case retry(String, after: Duration?, restart: Bool)
    case giveUp(DownloadRefusal)
  }

  struct State {
    var outcome: Outcome?
    var failure: FileFailure?
    /// Whether the answer's status line and headers have come.
    var hasAnswer = false
    /// The length that the answer's Content-Length promises; only used to name a cut connection.
    var promised: Int?
    var encoding: String?
    var entityTag: String?
    /// Number of bytes in the file when the answer began.
    var start = 0
    /// Number of bytes that came with the answer.
    var received = 0
    /// The first bytes of the file, to recognise its format.
    var head: [UInt8] = []
    var redirects = 0
    var lastByte = ContinuousClock.now
    var lastReport = ContinuousClock.now
    var window = ContinuousClock.now
    var windowBytes = 0
  }

  let file: KnownFile
  let part: PartFile
  let policy: DownloadPolicy
  let progress: (@Sendable (DownloadProgress) -> Void)?
  let state = Mutex(State())
  let began = ContinuousClock.now
  /// Locked while Foundation is told how a redirection goes on, so that no cancelling comes between.
  let isCancelled = Mutex(false)
  private let finished = DispatchSemaphore(value: 0)

  init(
    file: KnownFile, part: PartFile, policy: DownloadPolicy, progress: (@Sendable (DownloadProgress) -> Void)?
  ) {
    self.file = file
    self.part = part
    self.policy = policy
    self.progress = progress
  }

  /// Makes the request and waits for its end.
  /// - Parameter entityTag: The ETag of the answer that the file so far came with.
  /// - Returns: The outcome, and the answer's ETag if it is one that proves equality.
  /// - Throws: `FileFailure` if the bytes could not be written.
  func run(_ url: URL, entityTag: String?) throws(FileFailure) -> (outcome: Outcome, entityTag: String?) {
    let configuration = URLSessionConfiguration.ephemeral
    configuration.urlCache = nil
    configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
    configuration.httpShouldSetCookies = false
    // Only a second net: `watch` notices the silence sooner.
    configuration.timeoutIntervalForRequest = policy.stallTimeout.seconds + 5
    configuration.timeoutIntervalForResource = policy.deadline.seconds + 5
    let queue = OperationQueue()
    queue.maxConcurrentOperationCount = 1
    let session = URLSession(configuration: configuration, delegate: self, delegateQueue: queue)
    let task = session.dataTask(with: request(for: url, entityTag: entityTag))
    task.resume()
    while finished.wait(timeout: .now() + watchInterval) == .timedOut { watch() }
    isCancelled.withLock { $0 = true }
    // The session keeps its delegate alive until it is told to stop.
    session.invalidateAndCancel()
    // A piece that is just being written is written now, not into the next try; later pieces see that this try is over.
    queue.waitUntilAllOperationsAreFinished()
    let (outcome, failure, tag) = state.withLock { ($0.outcome, $0.failure, $0.entityTag) }
    if let failure { throw failure }
    return (outcome ?? .retry("the connection ended", after: nil, restart: false), tag)
  }

  private func request(for url: URL, entityTag: String?) -> URLRequest {
    var request = URLRequest(url: url)
    request.setValue("graft", forHTTPHeaderField: "User-Agent")
    // The files are packed already, and their digests are those of the packed bytes.
    request.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
    let count = part.count
    if count > 0 {
      request.setValue("bytes=\(count)-", forHTTPHeaderField: "Range")
      if let entityTag { request.setValue(entityTag, forHTTPHeaderField: "If-Range") }
    }
    return request
  }

  private var watchInterval: Double {
    min(0.1, min(policy.stallTimeout, policy.speedWindow, policy.deadline).seconds / 4)
  }

  /// Ends a transfer that is silent, too slow or too long.
  private func watch() {
    let now = ContinuousClock.now
    let text = sizeText
    let ending: Outcome? = state.withLock { state in
      guard state.outcome == nil else { return nil }
      if now - state.lastByte > policy.stallTimeout {
        // A host that never answered would not answer the second time either; a transfer that broke off can go on.
        return state.hasAnswer
          ? .retry("no data for \(policy.stallTimeout.text), \(text)", after: nil, restart: false)
          : .giveUp(DownloadRefusal(reason: "no answer within \(policy.stallTimeout.text)"))
      }
      if now - began > policy.deadline {
        return .giveUp(DownloadRefusal(reason: "not done within \(policy.deadline.text), \(text)"))
      }
      if now - state.window > policy.speedWindow {
        if state.hasAnswer, Double(state.windowBytes) < Double(policy.minimumSpeed) * policy.speedWindow.seconds {
          return .giveUp(
            DownloadRefusal(
              reason: "too slow: \(state.windowBytes) bytes in \(policy.speedWindow.text), \(text)"))
        }
        state.window = now
        state.windowBytes = 0
      }
      return nil
    }
    if let ending { end(ending) }
  }

  /// The size in words: "12 of 345 bytes", or "12 bytes" if the size is not published.
  var sizeText: String { file.size.map { "\(part.count) of \($0) bytes" } ?? "\(part.count) bytes" }

  /// Sets the outcome, unless one is set already, and wakes `run`.
  func end(_ outcome: Outcome, failure: FileFailure? = nil) {
    let isFirst = state.withLock { state in
      guard state.outcome == nil else { return false }
      state.outcome = outcome
      state.failure = failure
      return true
    }
    if isFirst { finished.signal() }
  }

  /// Whether the request has ended.
  var hasEnded: Bool { state.withLock { $0.outcome != nil } }
}
