import Foundation
import GraftFiles

extension Download {
  /// Fetches one file from one mirror, and tries again if that may help.
  /// - Returns: nil once the file is whole and has the published SHA-256, else the reason to give up the mirror.
  /// - Throws: `FileFailure` if the file cannot be written: no other mirror would help.
  func fetch(_ file: KnownFile, from mirror: String, into part: PartFile) throws -> DownloadRefusal? {
    guard let url = URL(string: mirror + file.name), policy.allows(url) else {
      return DownloadRefusal(reason: "not an https address")
    }
    var entityTag: String?
    var pauses = policy.backOff[...]
    while true {
      let resumed = part.count > 0
      let transfer = HTTPFetch(file: file, part: part, policy: policy, progress: progress)
      var (outcome, tag) = try transfer.run(url, entityTag: entityTag)
      entityTag = tag ?? entityTag
      if outcome == .complete {
        guard let difference = try difference(of: part, from: file) else { return nil }
        // Two halves may come from different files: the whole file may be right.
        outcome =
          resumed
          ? .retry("wrong \(difference.name) after resuming", after: nil, restart: true)
          : .giveUp(DownloadRefusal(reason: difference.text, isWrongData: true))
      }
      switch outcome {
      case .complete: return nil
      case .giveUp(let refusal): return refusal
      case .retry(let reason, let wanted, let restart):
        guard let next = pauses.popFirst() else {
          let tries = policy.backOff.count + 1
          return DownloadRefusal(reason: tries == 1 ? reason : "\(reason) (\(tries) tries)")
        }
        if let wanted, wanted > policy.longestPause {
          return DownloadRefusal(reason: "\(reason), and asks to wait for \(wanted.text)")
        }
        if restart { try part.restart() }
        policy.sleep(max(next, wanted ?? .zero))
      }
    }
  }

  /// Compares a file that has come with its published SHA-256, or with what is published of one, or with its MD5.
  private func difference(of part: PartFile, from file: KnownFile) throws -> DigestDifference? {
    if let expected = file.sha256 { return DigestDifference("SHA-256", expected: expected, found: part.digest) }
    if let expected = file.sha256Prefix { return DigestDifference(prefix: expected, of: part.digest) }
    guard let expected = file.md5 else { return nil }
    return DigestDifference("MD5", expected: expected, found: try MD5Digest.hex(of: try part.bytes()))
  }
}
