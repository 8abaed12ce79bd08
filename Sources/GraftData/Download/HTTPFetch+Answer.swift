import Foundation
import GraftFiles
import Synchronization

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

extension HTTPFetch {
  func urlSession(
    _ session: URLSession, dataTask: URLSessionDataTask, didReceive response: URLResponse,
    completionHandler: @escaping @Sendable (URLSession.ResponseDisposition) -> Void
  ) {
    if let refusal = judge(response) { end(refusal) }
    completionHandler(hasEnded ? .cancel : .allow)
  }

  /// Decides by status and headers whether the body is wanted.
  /// - Returns: The outcome if it is not wanted.
  private func judge(_ response: URLResponse) -> Outcome? {
    guard let response = response as? HTTPURLResponse else {
      return .giveUp(DownloadRefusal(reason: "no HTTP answer"))
    }
    let status = response.statusCode
    let statusText = "HTTP \(status)"
    switch status {
    case 200:
      // The whole file, whether or not a part was asked for.
      do throws(FileFailure) {
        if part.count > 0 { try part.restart() }
      } catch {
        end(.giveUp(DownloadRefusal(reason: error.reason)), failure: error)
        return nil
      }
    case 206:
      guard continues(response.value(forHTTPHeaderField: "Content-Range")) else {
        return .retry("resumed at another place", after: nil, restart: true)
      }
    case 416:
      return .retry("\(statusText): the file cannot be resumed", after: nil, restart: true)
    case 408, 425, 429, 500...599:
      let seconds = response.value(forHTTPHeaderField: "Retry-After").flatMap { UInt32($0) }
      return .retry(statusText, after: seconds.map { .seconds($0) }, restart: false)
    default:
      return .giveUp(DownloadRefusal(reason: statusText))
    }
    state.withLock { state in
      state.hasAnswer = true
      state.start = part.count
      state.lastByte = .now
      state.window = .now
      state.encoding = response.value(forHTTPHeaderField: "Content-Encoding")
      let tag = response.value(forHTTPHeaderField: "ETag")
      // Weak tags may belong to other bytes (RFC 9110, section 13.1.5).
      state.entityTag = tag?.hasPrefix("\"") == true ? tag : nil
      state.promised = response.value(forHTTPHeaderField: "Content-Length").flatMap { Int($0) }
    }
    return nil
  }

  /// Whether `Content-Range: bytes 100-199/200` continues at the end of the file (RFC 9110, section 14.4).
  private func continues(_ range: String?) -> Bool {
    guard let range, range.lowercased().hasPrefix("bytes ") else { return false }
    let numbers = range.dropFirst("bytes ".count).split(separator: "/")
    guard numbers.count == 2, let first = numbers[0].split(separator: "-").first.flatMap({ Int($0) }) else {
      return false
    }
    let count = part.count
    return count > 0 && first == count && (numbers[1] == "*" || file.size == nil || Int(numbers[1]) == file.size)
  }

  func urlSession(
    _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
    newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
  ) {
    let redirects = state.withLock { state in
      state.redirects += 1
      return state.redirects
    }
    var refusal: String?
    if redirects > policy.redirectLimit {
      refusal = "more than \(policy.redirectLimit) redirections"
    } else if let scheme = forbiddenScheme(response, request) {
      refusal = "redirected away from https (to \(quoted(scheme)))"
    }
    // Foundation on Linux stops the program if this is called for a cancelled request. So it is called before the end
    // that leads to the cancelling, and not at all once that has begun.
    isCancelled.withLock { isCancelled in
      if !isCancelled { completionHandler(refusal == nil && !hasEnded ? request : nil) }
    }
    if let refusal { end(.giveUp(DownloadRefusal(reason: refusal))) }
  }

  /// The scheme of an address that may not be asked; nil if it may.
  ///
  /// Both the header and the request made of it are examined: Foundation on Linux turns `file:///etc/passwd` into a
  /// request for `/etc/passwd` to the same server.
  private func forbiddenScheme(_ response: HTTPURLResponse, _ request: URLRequest) -> String? {
    let header = response.value(forHTTPHeaderField: "Location")
    let target = header.flatMap { URL(string: $0, relativeTo: response.url)?.absoluteURL }
    for url in [target, request.url] {
      guard let url else { return "no address" }
      if !policy.allows(url) { return url.scheme ?? "no scheme" }
    }
    return nil
  }
}
