import Foundation
import GraftFiles

/// The steps of `DatasetPair.load`, with the parts that tests replace.
struct DataLoader {
  var request: DataRequest
  var catalogue = KnownDataset.all
  var currentFolder = "."
  var policy = DownloadPolicy()

  init(_ request: DataRequest) {
    self.request = request
  }

  func load() throws -> LoadedData {
    guard let dataset = KnownDataset.named(request.name, in: catalogue) else {
      let location = try DataLocation.named(request.name, catalogue: catalogue)
      return try DataReader(location: location, dataset: nil, catalogue: catalogue, options: request.options).read()
    }
    let search = DataSearch(
      dataset: dataset, dataFolder: request.dataFolder, environment: request.environment,
      currentFolder: currentFolder)
    let (location, places) = try search.locate()
    if let location {
      return try DataReader(location: location, dataset: dataset, catalogue: catalogue, options: request.options).read()
    }
    let looked = "\(dataset.name) is not on this machine (looked in \(places.joined(separator: ", ")))"
    guard !request.isOffline else {
      throw GraftFailure(.unavailable, "\(looked), and downloading is switched off")
    }
    guard let folder = search.cacheFolder else {
      throw GraftFailure(
        .unavailable, "\(looked), and neither XDG_CACHE_HOME nor HOME says where to keep it"
      ).with(.namingDataFolder)
    }
    var download = Download(dataset, into: folder)
    download.policy = policy
    download.progress = request.progress
    let fetched = try download.run()
    let paths = dataset.files.map { join(folder, $0.name) }
    let cached = DataLocation(dataset.formats[0], files: paths, origin: .cache, path: folder)
    let loaded = try DataReader(location: cached, dataset: dataset, catalogue: catalogue, options: request.options)
      .read()
    guard let mirror = fetched.compactMap(\.mirror).first else { return loaded }
    return loaded.with(source: "\(folder) (downloaded from \(mirror), \(dataset.verification))")
  }
}
