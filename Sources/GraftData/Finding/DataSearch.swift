import GraftFiles

/// A search for a data set, with the places in the order in which they are looked at.
///
/// If the person named a folder, in the request or else by `$GRAFT_DATA`, it is the only place: a study must not run on
/// other data because of a misspelt folder.
package struct DataSearch: Sendable {
  package var dataset: KnownDataset
  package var dataFolder: String?
  package var environment: [String: String]
  /// The folder in which other programs' `data/MNIST/raw` is looked for; "." is the current folder.
  package var currentFolder = "."

  package init(
    dataset: KnownDataset, dataFolder: String? = nil, environment: [String: String], currentFolder: String = "."
  ) {
    self.dataset = dataset
    self.dataFolder = dataFolder
    self.environment = environment
    self.currentFolder = currentFolder
  }

  /// Looks into every place in turn.
  /// - Returns: The location, or nil and the places looked at.
  /// - Throws: `GraftFailure` (input missing) if a folder was given and lacks the data, `FileFailure` if a given folder
  ///   or the cache may not be looked into.
  package func locate() throws -> (location: DataLocation?, places: [String]) {
    if let (folder, giver) = given { return try (locate(in: folder, giver: giver), []) }
    var finding = DataFinding()
    if let cacheFolder {
      finding.places.append(cacheFolder)
      if let cached = try cached(in: cacheFolder) { return (cached, finding.places) }
    }
    // Other people's folders that may not be read are no reason to stop.
    for place in dataset.usualPlaces {
      try? finding.look(
        at: join(currentFolder, "data/\(place)"), for: dataset.formats, origin: .neighbour)
    }
    if let kerasFolder {
      try? finding.look(at: join(kerasFolder, "\(dataset.name).npz"), for: dataset.formats, origin: .neighbour)
      try? finding.look(at: join(kerasFolder, dataset.name), for: dataset.formats, origin: .neighbour)
    }
    return (finding.location, finding.places)
  }

  /// The published files, if all of them are in the folder; Graft gives the files of its cache no other names.
  private func cached(in folder: String) throws -> DataLocation? {
    let paths = dataset.files.map { join(folder, $0.name) }
    for path in paths where try !isFile(path) { return nil }
    return DataLocation(dataset.formats[0], files: paths, origin: .cache, path: folder)
  }

  /// The folder in the cache that belongs to the data set; nil if the environment names no home.
  package var cacheFolder: String? { folders.graftCache(dataset.cacheName) }

  private var kerasFolder: String? {
    if let base = folders.variable("KERAS_HOME") { return join(base, "datasets") }
    return folders.variable("HOME").map { join($0, ".keras/datasets") }
  }

  /// The folder that the person named, and the variable that names it; nil if the request does.
  private var given: (folder: String, giver: String?)? {
    if let dataFolder { return (dataFolder, nil) }
    guard let folder = folders.variable("GRAFT_DATA") else { return nil }
    return (folder, "GRAFT_DATA")
  }

  private func locate(in folder: String, giver: String?) throws -> DataLocation {
    let given = giver.map { "given by \($0)" }
    guard try isFolder(folder) else {
      throw GraftFailure(.missingInput, "\(folder): no such folder" + (given.map { " (\($0))" } ?? ""))
    }
    var finding = DataFinding()
    try finding.look(at: folder, for: dataset.formats, origin: .given)
    try finding.look(at: join(folder, dataset.name), for: dataset.formats, origin: .given)
    for place in dataset.usualPlaces {
      try finding.look(at: join(folder, place), for: dataset.formats, origin: .given)
    }
    try finding.look(at: join(folder, "raw"), for: dataset.formats, origin: .given)
    try finding.look(at: join(folder, "\(dataset.name).npz"), for: dataset.formats, origin: .given)
    if let location = finding.location { return location }
    let names = dataset.files.map { $0.name.contains("-idx") ? $0.name.replacing(".gz", with: "[.gz]") : $0.name }
    throw finding.failure(
      name: dataset.name, expected: names.joined(separator: ", "), note: given ?? "no other place was looked at")
  }

  private var folders: UserFolders { UserFolders(environment) }
}

extension DataLocation {
  /// Finds a folder or file named in place of a data set.
  /// - Throws: `GraftFailure` (input missing) if nothing is there, or no data of a known format.
  static func named(_ path: String, catalogue: [KnownDataset]) throws -> DataLocation {
    let isFolder = try isFolder(path)
    guard try isFolder || isFile(path) else {
      let names = catalogue.map(\.name).joined(separator: ", ")
      throw GraftFailure(.missingInput, "\(path): neither a folder nor a known data set (\(names))")
    }
    var finding = DataFinding()
    try finding.look(at: path, origin: .given)
    // torchvision's layout.
    if isFolder { try finding.look(at: join(path, "raw"), origin: .given) }
    if let location = finding.location { return location }
    guard isFolder else {
      // The open file tells a FIFO or a device.
      _ = try RegularFile(opening: path)
      throw GraftFailure(.missingInput, "\(path): a data set is \(DatasetFormats.titles)")
    }
    throw finding.failure(name: "data", expected: DatasetFormats.titles)
  }
}

extension DataFinding {
  /// An error that names the folders looked at and the files expected there.
  ///
  /// - Parameters:
  ///   - expected: The data that was looked for.
  ///   - note: What else is to be known of the folders, for parentheses.
  func failure(name: String, expected: String, note: String? = nil) -> GraftFailure {
    var text = "\(name) not found in \(places.joined(separator: ", "))"
    if let note { text += " (\(note))" }
    text += incomplete.isEmpty ? ": expected \(expected)" : ": \(incomplete.joined(separator: "; "))"
    return GraftFailure(.missingInput, text)
  }
}
