import Foundation
import GraftFiles
import Synchronization
import Testing

@testable import GraftData

@Suite(.enabled(if: FaultServer.isAvailable, "python3 is needed for the server with the faults"))
struct DownloadTests {
  let server: FaultServer
  let home = TemporaryFolder()
  /// Keeps the counts of one test apart from those of another.
  let key = UUID().uuidString
  let data: SmallData

  init() throws {
    server = try #require(FaultServer.shared)
    data = Self.served
  }

  /// What the server has: about 19 kB of images that do not compress.
  static let served: SmallData = {
    let data = SmallData(train: 24)
    if let folder = FaultServer.shared?.folder { data.write(to: folder) }
    return data
  }()

  var cache: String { home.path + "/cache" }

  /// The data set with only its largest file, at the mirrors with these faults.
  func known(_ faults: [String]) -> KnownDataset {
    let all = data.known(mirrors: faults.map { $0.contains("://") ? $0 : server.mirror($0, key: key) })
    return KnownDataset(
      name: all.name, title: all.title, classNames: all.classNames, files: [all.files[0]], mirrors: all.mirrors,
      usualPlaces: all.usualPlaces, licence: all.licence, citation: all.citation)
  }

  func download(_ faults: String...) -> Download {
    var download = Download(known(faults), into: cache)
    download.policy = quick
    return download
  }

  var quick: DownloadPolicy {
    var policy = DownloadPolicy()
    policy.backOff = [.milliseconds(1), .milliseconds(2)]
    // Long, since a busy machine may be silent for a second too.
    policy.stallTimeout = .seconds(20)
    policy.allowsLoopbackHTTP = true
    return policy
  }

  var file: KnownFile { data.known().files[0] }
  var size: Int { file.size ?? 0 }
  var path: String { "\(cache)/\(file.name)" }

  /// What a mirror's refusal reads like.
  func line(_ fault: String, _ reason: String) -> String {
    "\(file.name): no mirror delivered it: \(server.mirror(fault, key: key)): \(reason)"
  }

  /// Whether the folder holds the good file, the lock and nothing else.
  func isGood() throws -> Bool {
    try TemporaryFolder.names(in: cache).filter { $0 != "SHA256SUMS" } == [".lock", file.name]
      && SHA256Digest.hex(ofFileAt: path) == file.sha256
  }

  /// Whether nothing but the lock is left.
  func isEmpty() -> Bool { TemporaryFolder.names(in: cache) == [".lock"] }

  // MARK: Faults that end well

  @Test(arguments: [
    ("good", ["-"]),
    ("no-length", ["-"]),
    ("long-claim", ["-"]),
    ("redirected", ["-"]),
    ("error-once", ["-", "-"]),
    ("cut-once", ["-", "bytes=HALF-"]),
    ("range-ignored", ["-", "bytes=HALF-"]),
    ("range-wrong", ["-", "bytes=HALF-", "-"]),
    ("not-resumable", ["-", "bytes=HALF-", "-"]),
    ("changed", ["-", "bytes=HALF-", "-"]),
  ])
  func isDelivered(despite fault: String, requests: [String]) throws {
    let fetched = try download(fault).run()
    #expect(fetched.map(\.mirror) == [server.mirror(fault, key: key)])
    #expect(try isGood())
    #expect(server.requests(fault, key: key) == requests.map { $0.replacing("HALF", with: "\(size / 2)") })
  }

  @Test func pauseIsTheMirrorsWhereItAsks() throws {
    let pauses = Mutex<[Duration]>([])
    var download = download("busy-once")
    download.policy.sleep = { pause in pauses.withLock { $0.append(pause) } }
    _ = try download.run()
    #expect(try isGood())
    #expect(pauses.withLock { $0 } == [.seconds(7)])
  }

  @Test func pausesGrow() {
    let pauses = Mutex<[Duration]>([])
    var download = download("error")
    download.policy.backOff = DownloadPolicy().backOff
    download.policy.sleep = { pause in pauses.withLock { $0.append(pause) } }
    #expect(message { _ = try download.run() } == line("error", "HTTP 503 (4 tries)"))
    #expect(pauses.withLock { $0 } == [.seconds(1), .seconds(2), .seconds(4)])
  }

  // MARK: Faults that end badly

  @Test(arguments: [
    ("cut", "the connection was closed after HALF of SIZE bytes (3 tries)", FailureKind.unavailable),
    ("short", "HALF bytes instead of the published SIZE", .badData),
    ("oversize", "more than the published SIZE bytes", .badData),
    (
      "packed-twice", "RAW bytes instead of the published SIZE (sent with Content-Encoding \"gzip\")", .badData
    ),
    ("html", "this is an HTML page (captive portal?), not the data", .unavailable),
    ("not-found", "HTTP 404", .unavailable),
    ("forbidden", "HTTP 403", .unavailable),
    ("error", "HTTP 503 (3 tries)", .unavailable),
    ("busy", "HTTP 429, and asks to wait for 3600 s", .unavailable),
    ("redirect-loop", "more than 5 redirections", .unavailable),
    ("redirect-http", "redirected away from https (to \"http\")", .unavailable),
    ("redirect-file", "redirected away from https (to \"file\")", .unavailable),
    ("stall", "no data for 0.7 s, HALF of SIZE bytes (3 tries)", .unavailable),
    ("silent", "no answer within 0.7 s", .unavailable),
  ])
  func isRefused(fault: String, reason: String, kind expected: FailureKind) {
    var download = download(fault)
    if ["stall", "silent"].contains(fault) { download.policy.stallTimeout = .milliseconds(700) }
    let reason = reason.replacing("HALF", with: "\(size / 2)").replacing("SIZE", with: "\(size)")
      .replacing("RAW", with: "\(data.files[0].bytes.count)")
    let failure = #expect(throws: GraftFailure.self) { try download.run() }
    #expect(failure?.description == line(fault, reason))
    #expect(failure?.kind == expected)
    #expect(isEmpty())
  }

  /// URLSession's own words come after ours, and differ between systems.
  @Test(arguments: ["closed", "banana"]) func brokenServerIsRefused(_ fault: String) {
    let text = message { _ = try download(fault).run() }
    #expect(text.hasPrefix(line(fault, "")) && text.hasSuffix("(3 tries)"), "\(text)")
    #expect(kind { _ = try download(fault).run() } == .unavailable)
    #expect(isEmpty())
  }

  @Test func wrongHashShowsBoth() throws {
    var bytes = try readFile(at: server.folder + "/" + file.name)
    bytes[bytes.count - 1] ^= 1
    let digest = SHA256Digest.hex(of: bytes)
    let reason = "expected SHA-256 \(file.sha256 ?? ""), found \(digest)"
    #expect(message { _ = try download("wrong-hash").run() } == line("wrong-hash", reason))
    #expect(kind { _ = try download("wrong-hash", "short").run() } == .badData)
    // One mirror that could not answer may have had the right file.
    #expect(kind { _ = try download("wrong-hash", "not-found").run() } == .unavailable)
    #expect(isEmpty())
  }

  @Test func slowDripIsRefused() {
    var download = download("drip")
    download.policy.speedWindow = .milliseconds(400)
    let text = message { _ = try download.run() }
    #expect(text.hasPrefix(line("drip", "too slow: ")), "\(text)")
    #expect(text.contains(" bytes in 0.4 s, ") && text.hasSuffix(" of \(size) bytes"), "\(text)")
    #expect(server.requests("drip", key: key) == ["-"])
    download.policy.speedWindow = .seconds(60)
    download.policy.deadline = .milliseconds(300)
    #expect(message { _ = try download.run() }.contains("not done within 0.3 s, "))
    #expect(isEmpty())
  }

  @Test func unknownCertificateIsRefused() {
    guard let mirror = server.selfSigned(key: key) else { return }
    let text = message { _ = try download(mirror).run() }
    #expect(text.hasPrefix("\(file.name): no mirror delivered it: \(mirror): no trusted connection: "), "\(text)")
    #expect(kind { _ = try download(mirror).run() } == .unavailable)
    #expect(isEmpty())
  }

  @Test func absentServerIsRefused() {
    // Port 1 is reserved and nobody's.
    let text = message { _ = try download("http://127.0.0.1:1/", "http://localhost:1/").run() }
    #expect(
      text == "\(file.name): no mirror delivered it: http://127.0.0.1:1/: cannot connect; "
        + "http://localhost:1/: cannot connect")
    #expect(isEmpty())
  }

  @Test(arguments: ["http://example.com/", "ftp://127.0.0.1/", "file:///etc/", "", "https:///x", "ht tp://x/"])
  func onlyHTTPSIsAsked(_ mirror: String) {
    var download = Download(
      KnownDataset(
        name: "mnist", title: "", classNames: [], files: [file], mirrors: [mirror], usualPlaces: [], licence: "",
        citation: ""), into: cache)
    download.policy = quick
    #expect(message { _ = try download.run() }.hasSuffix(": not an https address"))
    download.policy.allowsLoopbackHTTP = false
    #expect(message { _ = try download.run() }.hasSuffix(": not an https address"))
  }

  // MARK: Mirrors, cache, progress

  @Test func nextMirrorIsAsked() throws {
    let fetched = try download("not-found", "html", "wrong-hash", "cut", "good").run()
    #expect(fetched.map(\.mirror) == [server.mirror("good", key: key)])
    #expect(try isGood())
  }

  @Test func goodFileIsNotFetchedAgainAndADamagedOneOnlyOnRequest() throws {
    _ = try download("good").run()
    #expect(try download("good").run().map(\.mirror) == [nil])
    try Data([1]).write(to: URL(fileURLWithPath: path))
    #expect(kind { _ = try download("good").run() } == .badData)
    #expect(try readFile(at: path) == [1])
    #expect(server.requests("good", key: key).count == 1)
    var repair = download("good")
    repair.replacesDamaged = true
    // A mirror that fails leaves even a damaged file alone.
    var failing = download("not-found")
    failing.replacesDamaged = true
    #expect(kind { _ = try failing.run() } == .unavailable)
    #expect(try readFile(at: path) == [1])
    #expect(try repair.run().map(\.mirror) == [server.mirror("good", key: key)])
    #expect(try isGood())
  }

  @Test func progressCountsToThePublishedSize() throws {
    let reports = Mutex<[DownloadProgress]>([])
    var download = download("cut-once")
    download.progress = { report in reports.withLock { $0.append(report) } }
    _ = try download.run()
    let last = try #require(reports.withLock { $0.last })
    #expect(last.file == file.name && last.receivedBytes == size && last.totalBytes == size)
    #expect(last.bytesPerSecond > 0)
  }

  @Test func leftoversOfDeadProcessesGo() throws {
    let child = Process()
    child.executableURL = URL(fileURLWithPath: try #require(FaultServer.find("true")))
    try child.run()
    child.waitUntilExit()
    _ = home.folder("cache")
    home.write([1], to: "cache/.\(file.name).part-\(child.processIdentifier)")
    home.write([1], to: "cache/.\(file.name).part-1")
    home.write([1], to: "cache/.\(file.name).part-x")
    home.write([1], to: "cache/other.part-\(child.processIdentifier)")
    _ = try download("good").run()
    let left = TemporaryFolder.names(in: cache).filter { $0.contains(".part-") }
    #expect(left == [".\(file.name).part-1", ".\(file.name).part-x", "other.part-\(child.processIdentifier)"])
  }

  @Test func folderThatCannotBeMadeIsNamed() {
    home.write([1], to: "cache")
    #expect(kind { _ = try download("good").run() } == .cannotCreate)
    #expect(server.requests("good", key: key).isEmpty)
  }

  // MARK: Two at once

  @Test func twoAtOnceTransferOnce() async throws {
    _ = home.folder("cache")
    let waits = Counter()
    // Both find the lock taken, so both wait for the file that the first of them then fetches.
    let lock = try DownloadLock(folder: cache, timeout: .zero, onWaiting: nil)
    async let first = inBackground("good", waits)
    async let second = inBackground("good", waits)
    for _ in 0..<1000 where waits.value < 2 { try await Task.sleep(for: .milliseconds(20)) }
    #expect(waits.value == 2)
    lock.release()
    let mirrors = try await [first, second].flatMap { $0.map(\.mirror) }
    #expect(mirrors.compactMap(\.self).count == 1)
    #expect(server.requests("good", key: key).count == 1)
    #expect(try isGood())
  }

  /// Downloads on a thread of its own, since it blocks.
  private func inBackground(_ fault: String, _ waits: Counter) async throws -> [Download.Fetched] {
    var download = download(fault)
    download.onWaiting = { text in
      if text.hasPrefix("waiting for process \(getpid()), which is downloading") { waits.increase() }
    }
    return try await withCheckedThrowingContinuation { [download] continuation in
      Thread.detachNewThread { continuation.resume(with: Result { try download.run() }) }
    }
  }

  private final class Counter: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
    func increase() { count.withLock { $0 += 1 } }
  }

  @Test func lockOfAKilledProcessIsFree() throws {
    _ = home.folder("cache")
    let holder = Process()
    let output = Pipe()
    holder.executableURL = URL(fileURLWithPath: try #require(FaultServer.find("python3")))
    holder.arguments = [
      "-c",
      """
      import fcntl, os, sys, time
      lock = open(sys.argv[1], "w")
      fcntl.flock(lock, fcntl.LOCK_EX)
      lock.write("%d\\n" % os.getpid())
      lock.flush()
      print("locked", flush=True)
      time.sleep(60)
      """, cache + "/.lock",
    ]
    holder.standardOutput = output
    try holder.run()
    _ = try output.fileHandleForReading.read(upToCount: 1)
    var impatient = download("good")
    impatient.policy.lockTimeout = .milliseconds(100)
    let reason = "process \(holder.processIdentifier) is downloading into this folder"
    #expect(message { _ = try impatient.run() } == "\(cache)/.lock: cannot lock: \(reason)")
    #expect(kind { _ = try impatient.run() } == .resumable)
    kill(holder.processIdentifier, SIGKILL)
    holder.waitUntilExit()
    _ = try impatient.run()
    #expect(try isGood())
  }

  @Test func killedDownloadLeavesNoFileAtTheFinalName() async throws {
    let (mirror, folder) = (server.mirror("drip", key: key), cache)
    await #expect(processExitsWith: .signal(SIGKILL)) { [mirror = mirror as String, folder = folder as String] in
      let all = SmallData(train: 24).known(mirrors: [mirror])
      var download = Download(all, into: folder)
      download.policy.allowsLoopbackHTTP = true
      // The server sends a few bytes at a time: at the first of them the file is on its way.
      download.progress = { if $0.receivedBytes > 0 { kill(getpid(), SIGKILL) } }
      _ = try download.run()
    }
    let left = TemporaryFolder.names(in: cache)
    #expect(!left.contains(file.name), "\(left)")
    #expect(left.contains { $0.contains(".part-") }, "it was killed on the way: \(left)")
    _ = try download("good").run()
    #expect(try isGood())
    #expect(!TemporaryFolder.names(in: cache).contains { $0.contains(".part-") })
  }

  // MARK: As a whole

  @Test func loadFetchesIntoTheCacheOnce() throws {
    func loader(offline: Bool) -> DataLoader {
      var loader = DataLoader(
        DataRequest(name: "mnist", environment: ["HOME": home.path], isOffline: offline))
      loader.catalogue = [data.known(mirrors: [server.mirror("good", key: key)])]
      loader.currentFolder = home.path
      loader.policy = quick
      return loader
    }
    #expect(kind { _ = try loader(offline: true).load() } == .unavailable)
    #expect(server.requests("good", key: key).isEmpty)
    let folder = home.path + "/.cache/graft/mnist"
    let loaded = try loader(offline: false).load()
    #expect(loaded.pair.train.pixels == data.trainImages.bytes)
    #expect(loaded.source == "\(folder) (downloaded from \(server.mirror("good", key: key)), verified)")
    #expect(loaded.fileDigests.map(\.sha256) == data.known().files.map(\.sha256))
    #expect(try loader(offline: true).load().source == "\(folder) (verified)")
    #expect(server.requests("good", key: key).count == 4)
    // One file lost: only that one is fetched.
    try FileManager.default.removeItem(atPath: folder + "/t10k-labels-idx1-ubyte.gz")
    _ = try loader(offline: false).load()
    #expect(server.requests("good", key: key).count == 5)
    var homeless = loader(offline: false)
    homeless.request.environment = [:]
    #expect(kind { _ = try homeless.load() } == .unavailable)
  }
}
