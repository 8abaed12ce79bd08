import Foundation
import GraftFiles
import Synchronization

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

extension HTTPFetch {
  func urlSession(_ session: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
    guard !hasEnded else { return }
    if let refusal = take(Array(data)) { end(.giveUp(refusal)) }
  }

  /// Writes a piece of the answer.
  /// - Returns: The reason to stop, or nil.
  private func take(_ bytes: [UInt8]) -> DownloadRefusal? {
    // A byte more than published is enough to know; a server without end must not fill the disk.
    let limit = file.size ?? KnownFile.largestUnpublished
    guard bytes.count <= limit - part.count else {
      let text = file.size == nil ? "the \(limit) bytes that are allowed" : "the published \(limit) bytes"
      return DownloadRefusal(reason: "more than \(text)\(encodingRemark)", isWrongData: true)
    }
    if let refusal = look(at: bytes) { return refusal }
    do throws(FileFailure) {
      try part.append(bytes)
    } catch {
      end(.giveUp(DownloadRefusal(reason: error.reason)), failure: error)
      return nil
    }
    report(bytes.count)
    return nil
  }

  /// Names a body that is plainly something else: the page of a captive portal, or a pointer in place of a large file.
  private func look(at bytes: [UInt8]) -> DownloadRefusal? {
    let head: [UInt8]? = state.withLock { state in
      guard state.start == 0, state.head.count < 512 else { return nil }
      state.head += bytes.prefix(512 - state.head.count)
      return state.head
    }
    guard let head, !head.isEmpty, let phrase = ContentGuess.phrase(for: head) else { return nil }
    guard !["gzip-compressed data", "a zip archive", "bzip2-compressed data"].contains(phrase) else { return nil }
    let portal = phrase == "an HTML page" ? " (captive portal?)" : ""
    return DownloadRefusal(reason: "this is \(phrase)\(portal), not the data")
  }

  private func report(_ count: Int) {
    let now = ContinuousClock.now
    let total = part.count
    let update: DownloadProgress? = state.withLock { state in
      state.lastByte = now
      state.received += count
      state.windowBytes += count
      guard now - state.lastReport > .milliseconds(100) || total == file.size else { return nil }
      state.lastReport = now
      let seconds = max((now - began).seconds, 1e-6)
      return DownloadProgress(
        file: file.name, receivedBytes: total, totalBytes: file.size,
        bytesPerSecond: Double(state.received) / seconds)
    }
    if let update { progress?(update) }
  }

  func urlSession(_ session: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
    guard !hasEnded else { return }
    let (hasAnswer, isWhole, promised) = state.withLock {
      ($0.hasAnswer, $0.promised == $0.received || $0.encoding != nil, $0.promised)
    }
    // Without a published size the end of the answer is the end of the file; its digest tells more.
    let hasAll =
      file.size.map { part.count == $0 } ?? (part.count > 0 && error == nil && (isWhole || promised == nil))
    if hasAnswer, hasAll {
      end(.complete)
    } else if !hasAnswer {
      end(HTTPFetch.outcome(of: error))
    } else if error == nil, isWhole, let size = file.size {
      // The answer is complete by its own count, or was unpacked on the way: asking again would bring the same.
      end(
        .giveUp(
          DownloadRefusal(
            reason: "\(part.count) bytes instead of the published \(size)\(encodingRemark)", isWrongData: true)))
    } else {
      end(.retry("the connection was closed after \(sizeText)", after: nil, restart: false))
    }
  }

  /// A remark on encoding: some servers unpack or pack twice on the way.
  private var encodingRemark: String {
    guard let encoding = state.withLock({ $0.encoding }) else { return "" }
    return " (sent with Content-Encoding \(quoted(encoding)))"
  }

  /// The outcome that a failed connection means.
  static func outcome(of error: (any Error)?) -> Outcome {
    guard let error else { return .retry("the connection was closed without an answer", after: nil, restart: false) }
    guard let error = error as? URLError else {
      return .giveUp(DownloadRefusal(reason: error.localizedDescription))
    }
    // A missing network will still be missing in four seconds: the next mirror, or the built-in digits, are tried at once.
    switch error.code {
    case .cannotFindHost, .dnsLookupFailed:
      return .giveUp(DownloadRefusal(reason: "host not found"))
    case .cannotConnectToHost, .notConnectedToInternet:
      return .giveUp(DownloadRefusal(reason: "cannot connect"))
    case .timedOut:
      return .giveUp(DownloadRefusal(reason: "no answer in time"))
    case .secureConnectionFailed, .serverCertificateUntrusted, .serverCertificateHasBadDate,
      .serverCertificateNotYetValid, .serverCertificateHasUnknownRoot, .clientCertificateRejected,
      .clientCertificateRequired:
      return .giveUp(DownloadRefusal(reason: distrust(error)))
    default:
      // Foundation on Linux has no code for curl's "SSL certificate problem".
      let text = error.localizedDescription.lowercased()
      let isTrust = ["certificate", "ssl", "tls"].contains { text.contains($0) }
      return isTrust
        ? .giveUp(DownloadRefusal(reason: distrust(error)))
        : .retry(error.localizedDescription, after: nil, restart: false)
    }
  }

  /// An explanation of a rejected certificate: a wrong clock makes every one "not yet valid" or "expired".
  private static func distrust(_ error: URLError) -> String {
    let text = error.localizedDescription
    let isClock = text.contains("not yet valid") || text.contains("expired")
    return "no trusted connection: \(text)\(isClock ? " (is the clock of this machine right?)" : "")"
  }
}
