import Foundation
import GraftData
import GraftDocuments
import GraftFiles
import GraftImports
import GraftMatrices
import GraftNetworks
import GraftReporting
import GraftRunStorage
import GraftTraining
import GraftWorkbench

/// The checks of `graft doctor`.
struct Checkup {
  /// The result of one check.
  struct Finding {
    let subject: String
    let state: String
    /// What to do; nil if nothing is wrong.
    var remedy: String?
  }

  let store: String
  let dataFolder: String?
  let environment: [String: String]

  func findings() -> [Finding] {
    [program, processor, cores, memory, sqlite] + folders + [stored] + models + [pictures] + data + weights
  }

  // MARK: - The machine

  private var program: Finding {
    #if DEBUG
      let remedy: String? = "it was built without optimisation: build with swift build -c release"
    #else
      let remedy: String? = nil
    #endif
    return Finding(
      subject: "graft", state: "\(GraftVersion.current), built by \(Self.compiler), on \(Machine.system)",
      remedy: remedy)
  }

  private static var compiler: String {
    #if compiler(>=6.4)
      "Swift 6.4 or newer"
    #elseif compiler(>=6.3)
      "Swift 6.3"
    #elseif compiler(>=6.2)
      "Swift 6.2"
    #else
      "Swift 6.1 or older"
    #endif
  }

  private var processor: Finding {
    let asked = environment["GRAFT_KERNELS"].map { $0.isEmpty ? "" : ", because GRAFT_KERNELS asks for them" } ?? ""
    let possible = Processor.allCases.filter(\.isAvailable).map(\.instructions).joined(separator: ", ")
    return Finding(
      subject: "processor",
      state: "\(Machine.processor), can run \(possible); the \(Processor.current.instructions) kernels run\(asked)")
  }

  private var cores: Finding {
    let count = RankJob.cores
    var finding = Finding(subject: "cores", state: "\(count), all are used unless --threads says otherwise")
    if let quota = Self.containerCores, quota < Double(count) {
      finding = Finding(
        subject: "cores", state: "\(count), but the container may use \(decimals(quota, 1)) of them",
        remedy: "use --threads \(max(1, Int(quota))), or give the container more")
    }
    return finding
  }

  /// The cores that the process's control group allows; nil if it allows all.
  private static var containerCores: Double? {
    guard let text = try? String(contentsOfFile: "/sys/fs/cgroup/cpu.max", encoding: .utf8) else { return nil }
    let numbers = text.split(whereSeparator: \.isWhitespace).map { Double($0) }
    guard numbers.count == 2, let quota = numbers[0], let period = numbers[1], period > 0 else { return nil }
    return quota / period
  }

  private var memory: Finding {
    let bytes = MachineMemory.bytes
    return Finding(
      subject: "memory", state: "\(decimals(Double(bytes) / Double(1 << 30), 1)) GiB",
      remedy: bytes < 1 << 30
        ? "the study of MNIST takes about 1 GiB: raise the limit of the container or of ulimit" : nil)
  }

  private var sqlite: Finding {
    do {
      return Finding(subject: "SQLite", state: "\(try RunStore.sqliteVersion()); stores use its rollback journal")
    } catch {
      return Finding(subject: "SQLite", state: Self.words(error), remedy: "reinstall SQLite's library")
    }
  }

  // MARK: - Folders

  private var folders: [Finding] {
    let results = store.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    return [
      folder("temporary folder", FileManager.default.temporaryDirectory.path),
      folder("results", results.isEmpty ? (store.hasPrefix("/") ? "/" : ".") : results),
    ]
      + (UserFolders(environment).caches.map { [folder("cache", join($0, "graft"))] } ?? [
        Finding(
          subject: "cache", state: "neither XDG_CACHE_HOME nor HOME names a place",
          remedy: "set XDG_CACHE_HOME: without it nothing is kept from one start to the next")
      ])
  }

  /// Whether a folder, or the nearest one above it that is there, can be written, and has room.
  private func folder(_ subject: String, _ path: String) -> Finding {
    var place = absolutePath(path)
    while place != "/", access(place, F_OK) != 0 { place = (place as NSString).deletingLastPathComponent }
    let shown = singleLine(place == absolutePath(path) ? path : "\(path), which is not there yet")
    guard access(place, W_OK | X_OK) == 0 else {
      return Finding(
        subject: subject, state: "\(shown) cannot be written",
        remedy: "give yourself the right to write \(singleLine(place)), or name another folder")
    }
    guard let free = Folder.freeBytes(at: place) else {
      return Finding(subject: subject, state: "\(shown) can be written")
    }
    let room = decimals(Double(free) / Double(1 << 30), 1)
    return Finding(
      subject: subject, state: "\(shown) can be written, \(room) GiB are free",
      remedy: free < 1 << 30 ? "make room: less than 1 GiB is left" : nil)
  }

  // MARK: - Store

  private var stored: Finding {
    guard FileManager.default.fileExists(atPath: store) else {
      return Finding(subject: "store", state: "\(singleLine(store)) is not there yet")
    }
    do {
      let runs = try RunStore(path: store, access: .readOnly)
      let damage = try runs.integrityCheck()
      guard damage == "ok" else {
        return Finding(
          subject: "store", state: "\(singleLine(store)): \(damage)",
          remedy:
            "copy it, then save what is left with: sqlite3 \(ShellText.quoted(store)) .recover | sqlite3 new.sqlite")
      }
      // Reads each trial, whose id is computed anew from its settings.
      var count = 0
      for run in try runs.summaries() {
        _ = try runs.record(withIDPrefix: run.trial.id)
        count += 1
      }
      return Finding(
        subject: "store",
        state: "\(singleLine(store)): version \(runs.version), \(grouped(count)) runs, all readable")
    } catch {
      return Finding(
        subject: "store", state: Self.words(error),
        remedy: (error as? any Failure)?.kind == .resumable
          ? "ask again when the other program has ended" : "use another --store, or a copy of before the damage")
    }
  }

  private var models: [Finding] {
    guard FileManager.default.fileExists(atPath: store), let runs = try? RunStore(path: store, access: .readOnly) else {
      return []
    }
    let models = StoredModels(beside: store)
    do {
      let files = try models.files(in: runs)
      let (missing, changed) = try models.damaged(in: runs)
      let size = sizeText(files.reduce(0) { $0 + $1.size })
      var finding = Finding(
        subject: "models", state: "\(singleLine(models.folder)): \(grouped(files.count)) files, \(size)")
      if let first = changed.first {
        finding = Finding(
          subject: "models",
          state:
            "\(singleLine(models.folder)): \(changed.count) of \(files.count) differ from what was written (\(first.prefix(12)))",
          remedy: "remove them: a study that needs one trains it anew")
      }
      let orphans = files.count { $0.role == .orphan || $0.role == .leftover }
      var findings = [finding]
      if !missing.isEmpty {
        findings.append(
          Finding(
            subject: "models",
            state: "\(grouped(missing.count)) of the runs' models are gone; a study that needs one trains it anew"))
      }
      if orphans > 0 {
        findings.append(
          Finding(subject: "models", state: "\(grouped(orphans)) are named by no run; graft runs clean lists them"))
      }
      return findings
    } catch {
      return [Finding(subject: "models", state: Self.words(error), remedy: "look at the rights of \(models.folder)")]
    }
  }

  // MARK: - Caches and data

  private var pictures: Finding {
    guard let cache = DecodedCacheFolder(environment: environment) else {
      return Finding(subject: "pictures", state: "no cache of decoded pictures")
    }
    let files = cache.files
    return Finding(
      subject: "pictures",
      state:
        "\(grouped(files.count)) files of decoded pictures, \(sizeText(files.reduce(0) { $0 + $1.size })), checked whenever they "
        + "are read")
  }

  private var data: [Finding] {
    var known: Set<String> = []
    return KnownDataset.all.flatMap { dataset -> [Finding] in
      let search = DataSearch(dataset: dataset, dataFolder: dataFolder, environment: environment)
      do {
        // Several data sets share one archive.
        guard let place = try search.locate().location, known.insert(place.path).inserted else { return [] }
        var differing: [String] = []
        for path in place.files {
          let name = String(path.split(separator: "/").last ?? "")
          if dataset.compare(name, try SHA256Digest.hex(ofFileAt: path)) == .differs { differing.append(name) }
        }
        if differing.isEmpty {
          return [
            Finding(subject: dataset.name, state: "\(singleLine(place.path)): nothing differs from what is published")
          ]
        }
        return [
          Finding(
            subject: dataset.name,
            state: "\(singleLine(place.path)): \(differing.joined(separator: ", ")) differ from what is published",
            remedy: place.path == search.cacheFolder
              ? "graft data fetch \(dataset.name) replaces them"
              : "remove them and run graft data fetch \(dataset.name), unless other data is meant")
        ]
      } catch let failure as GraftFailure where failure.kind == .missingInput {
        return []
      } catch {
        return [Finding(subject: dataset.name, state: Self.words(error), remedy: "look at its files and their rights")]
      }
    }
  }

  private var weights: [Finding] {
    guard let folder = UserFolders(environment).graftCache("weights") else { return [] }
    return Architecture.familyNames.compactMap { try? PublishedNetwork(named: $0) }.flatMap(\.weights).compactMap {
      weights in
      let path = join(folder, weights.file.name)
      guard FileManager.default.fileExists(atPath: path), let published = weights.file.sha256 else { return nil }
      guard (try? SHA256Digest.hex(ofFileAt: path)) == published else {
        return Finding(
          subject: weights.file.name, state: "\(singleLine(path)) differs from what is published",
          remedy: "remove it: graft import fetches it again")
      }
      return Finding(subject: weights.file.name, state: "\(singleLine(path)): as published")
    }
  }

  // MARK: - Words

  private static func words(_ error: any Error) -> String { (error as? any Failure)?.description ?? "\(error)" }

  static func text(_ findings: [Finding]) -> String {
    findings.map { finding in
      let line = "\(finding.remedy == nil ? "ok   " : "WRONG")  \(finding.subject): \(finding.state)\n"
      return finding.remedy.map { line + "       \($0)\n" } ?? line
    }.joined()
  }

  static func json(_ findings: [Finding]) -> JSON {
    [
      "schema_version": 1, "ok": .bool(findings.allSatisfy { $0.remedy == nil }),
      "findings": .array(
        findings.map {
          [
            "subject": .string($0.subject), "state": .string($0.state), "ok": .bool($0.remedy == nil),
            "remedy": $0.remedy.map(JSON.string) ?? .null,
          ]
        }),
    ]
  }
}
