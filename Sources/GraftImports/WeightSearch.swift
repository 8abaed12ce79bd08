import GraftData
import GraftFiles

/// A search for the published weights of a family: in the current folder, among PyTorch's, in Graft's cache, then on their mirror.
package struct WeightSearch {
  /// The network.
  package let network: PublishedNetwork
  /// The variables HOME, TORCH_HOME and XDG_CACHE_HOME.
  package let environment: [String: String]
  /// The current folder.
  package var currentFolder = "."
  /// Whether nothing is downloaded.
  package var isOffline = false
  /// Timeouts and limits of the download.
  package var policy = DownloadPolicy()
  /// A callback, called about ten times a second while a file is on its way.
  package var progress: (@Sendable (DownloadProgress) -> Void)?

  /// A search for the weights of a network.
  package init(_ network: PublishedNetwork, environment: [String: String]) {
    self.network = network
    self.environment = environment
  }

  /// The path of a file with the weights.
  ///
  /// - Throws: `GraftFailure` of kind `missingInput` if the network has no published weights. `GraftFailure` of kind `unavailable`,
  ///   with the way to get the file, if it cannot be fetched. Errors of `Download.run` about the file itself.
  package func locate() throws -> String {
    guard let first = network.weights.first else {
      throw GraftFailure(
        .missingInput, "\(network.name): no weights are published; only a file of your own can be imported")
    }
    for folder in folders {
      for weights in network.weights {
        for name in [weights.innerName, weights.file.name] {
          let path = join(folder, name)
          if let isThere = try? isFile(path), isThere { return path }
        }
      }
    }
    guard !isOffline else { throw missing(first, reason: "and downloading is switched off") }
    guard let cacheFolder else {
      throw missing(first, reason: "and neither XDG_CACHE_HOME nor HOME says where to keep it")
    }
    var download = Download([first.file], from: [first.mirror], into: cacheFolder)
    download.policy = policy
    download.progress = progress
    do {
      _ = try download.run()
    } catch let failure as GraftFailure where failure.kind == .unavailable {
      throw missing(first, reason: "and \(failure.message)")
    }
    return join(cacheFolder, first.file.name)
  }

  private func missing(_ weights: PublishedWeights, reason: String) -> GraftFailure {
    GraftFailure(
      .unavailable,
      "weights of \(network.name) are not on this machine (looked in \(folders.joined(separator: ", "))), \(reason); "
        + "on a machine with a network: \(weights.instructions), then import that file")
  }

  /// The folders that are looked in.
  private var folders: [String] { [currentFolder] + [torchFolder, cacheFolder].compactMap { $0 } }

  /// The folder of the weights that PyTorch downloaded (`torch.hub.get_dir()`).
  private var torchFolder: String? {
    let home = users.variable("TORCH_HOME") ?? users.caches.map { join($0, "torch") }
    return home.map { join($0, "hub/checkpoints") }
  }

  private var cacheFolder: String? { users.graftCache("weights") }

  private var users: UserFolders { UserFolders(environment) }
}
