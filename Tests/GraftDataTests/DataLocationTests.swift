import Foundation
import GraftFiles
import Testing

@testable import GraftData

/// The error's line, "" where nothing is thrown.
func message(_ body: () throws -> Void) -> String {
  do {
    try body()
    return ""
  } catch {
    return String(describing: error)
  }
}

/// The kind of the failure, nil where nothing or something else is thrown.
func kind(_ body: () throws -> Void) -> FailureKind? {
  do {
    try body()
    return nil
  } catch {
    return (error as? any Failure)?.kind
  }
}

@Suite struct DataLocationTests {
  let home = TemporaryFolder()
  let data = SmallData()

  /// A loader that sees nothing but the temporary folder.
  func loader(
    _ name: String = "mnist", dataFolder: String? = nil, environment: [String: String] = [:],
    catalogue: [KnownDataset]? = nil
  ) -> DataLoader {
    var all = ["HOME": home.path + "/home"]
    all.merge(environment) { $1 }
    var loader = DataLoader(
      DataRequest(name: name, dataFolder: dataFolder, environment: all, isOffline: true))
    loader.catalogue = catalogue ?? [data.known()]
    loader.currentFolder = home.folder("current")
    return loader
  }

  // MARK: A folder that was given

  @Test(arguments: ["", "/mnist", "/MNIST/raw", "/raw"])
  func givenFolderIsSearchedInOrder(_ place: String) throws {
    let folder = home.folder("given")
    data.write(to: folder + place)
    for loader in [loader(dataFolder: folder), loader(environment: ["GRAFT_DATA": folder])] {
      let loaded = try loader.load()
      #expect(loaded.pair.train.count == 12)
      #expect(loaded.pair.test.pixels == data.testImages.bytes)
      #expect(loaded.pair.train.classNames[3] == "class 3")
      #expect(loaded.source == "\(folder)\(place) (the published files)")
      #expect(loaded.fileDigests.map(\.name) == DatasetPart.allCases.map { $0.rawValue + ".gz" })
      #expect(loaded.fileDigests.map(\.sha256) == data.known().files.map(\.sha256))
    }
  }

  @Test(arguments: [(true, false), (true, true), (false, false), (false, true)])
  func everySpellingIsRead(packed: Bool, dotted: Bool) throws {
    let folder = home.folder("given")
    data.write(to: folder, packed: packed, dotted: dotted)
    let loaded = try loader(dataFolder: folder).load()
    #expect(loaded.pair.train.labels == data.trainLabels.bytes.map(Int.init))
    #expect(loaded.source == "\(folder) (the published files)")
  }

  @Test func dataDirWinsOverVariableAndCache() throws {
    let other = SmallData(seed: 2)
    let mine = home.folder("mine")
    data.write(to: mine)
    other.write(to: home.folder("theirs"))
    data.write(to: home.folder("home/.cache/graft/mnist"))
    let environment = ["GRAFT_DATA": home.path + "/theirs"]
    #expect(try loader(dataFolder: mine, environment: environment).load().source.hasPrefix(mine))
    #expect(try loader(environment: environment).load().source.hasPrefix(home.path + "/theirs"))
    #expect(try loader(environment: ["GRAFT_DATA": ""]).load().source.hasSuffix("graft/mnist (verified)"))
  }

  @Test func givenFolderWithoutDataEndsTheSearch() {
    let folder = home.folder("empty")
    data.write(to: home.folder("home/.cache/graft/mnist"))
    let expected =
      "mnist not found in \(folder), \(folder)/mnist, \(folder)/MNIST/raw, \(folder)/raw, \(folder)/mnist.npz "
      + "(no other place was looked at): expected train-images-idx3-ubyte[.gz], train-labels-idx1-ubyte[.gz], "
      + "t10k-images-idx3-ubyte[.gz], t10k-labels-idx1-ubyte[.gz]"
    #expect(message { _ = try loader(dataFolder: folder).load() } == expected)
    #expect(kind { _ = try loader(dataFolder: folder).load() } == .missingInput)
    let variable = ["GRAFT_DATA": folder]
    #expect(kind { _ = try loader(environment: variable).load() } == .missingInput)
    #expect(message { _ = try loader(environment: variable).load() }.contains("(given by GRAFT_DATA): expected "))
  }

  @Test func absentFolderIsNamed() {
    let folder = home.path + "/nowhere"
    #expect(message { _ = try loader(dataFolder: folder).load() } == "\(folder): no such folder")
    #expect(
      message { _ = try loader(environment: ["GRAFT_DATA": folder]).load() }
        == "\(folder): no such folder (given by GRAFT_DATA)")
    #expect(kind { _ = try loader(dataFolder: folder).load() } == .missingInput)
    #expect(kind { _ = try loader(dataFolder: "a\0b").load() } == .missingInput)
    #expect(kind { _ = try loader(dataFolder: "").load() } == .missingInput)
  }

  @Test func incompleteFolderSaysWhatIsMissing() throws {
    let folder = home.folder("given")
    data.write(to: folder)
    try FileManager.default.removeItem(atPath: "\(folder)/t10k-labels-idx1-ubyte.gz")
    #expect(
      message { _ = try loader(dataFolder: folder).load() }.hasSuffix(
        "(no other place was looked at): \(folder) lacks t10k-labels-idx1-ubyte.gz"))
  }

  @Test func filesOfAnotherDatasetAreRefused() {
    let folder = home.folder("given")
    let other = SmallData(seed: 2)
    other.write(to: folder)
    let catalogue = [data.known(), other.known(name: "fashion-mnist", torchvisionFolder: "FashionMNIST")]
    let loader = loader(dataFolder: folder, catalogue: catalogue)
    #expect(
      message { _ = try loader.load() }
        == "\(folder)/train-images-idx3-ubyte.gz: this is a file of fashion-mnist, not of mnist")
    #expect(kind { _ = try loader.load() } == .badData)
  }

  @Test func otherFilesOfAGivenFolderAreReadAndMarked() throws {
    let folder = home.folder("given")
    SmallData(seed: 2).write(to: folder)
    let names = "train-images-idx3-ubyte.gz, t10k-images-idx3-ubyte.gz"
    #expect(try loader(dataFolder: folder).load().source == "\(folder) (\(names) differ from the published)")
    // Nothing is known of unpacked files, so nothing is said of them.
    let unpacked = home.folder("unpacked")
    SmallData(seed: 2).write(to: unpacked, packed: false)
    let loader = loader(dataFolder: unpacked, catalogue: [data.known(pinsUnpacked: false)])
    #expect(try loader.load().source == unpacked)
  }

  // MARK: Places known of old

  @Test func neighboursAreFoundInOrder() throws {
    #expect(kind { _ = try loader().load() } == .unavailable)
    data.write(to: home.folder("home/.keras/datasets") + "/mnist")
    #expect(try loader().load().source == "\(home.path)/home/.keras/datasets/mnist (the published files)")
    data.write(to: home.folder("current") + "/data/MNIST/raw", packed: false)
    #expect(try loader().load().source == "\(home.path)/current/data/MNIST/raw (the published files)")
    // By itself the folder would be called raw, as would that of every other data set beside it.
    let named = try DatasetPair.load(DataRequest(name: "\(home.path)/current/data/MNIST/raw"))
    #expect(named.pair.train.name == "own-MNIST")
    // A folder that is called like a known data set is not taken for it, unless its files are the published ones.
    data.write(to: home.folder("current") + "/mnist", packed: false)
    let alike = try DatasetPair.load(DataRequest(name: "\(home.path)/current/mnist"))
    #expect(alike.pair.train.name == "own-mnist")
    data.write(to: home.folder("home/.cache/graft") + "/mnist")
    #expect(try loader().load().source == "\(home.path)/home/.cache/graft/mnist (verified)")
    data.write(to: home.folder("xdg") + "/graft/mnist")
    let environment = ["XDG_CACHE_HOME": home.path + "/xdg"]
    #expect(try loader(environment: environment).load().source == "\(home.path)/xdg/graft/mnist (verified)")
    // A relative path is to be ignored (XDG base directory specification).
    let relative = ["XDG_CACHE_HOME": "xdg"]
    #expect(try loader(environment: relative).load().source.contains("home/.cache"))
  }

  @Test func offlineWithoutDataSaysWhereItLooked() {
    let home = home.path
    #expect(
      message { _ = try loader().load() }
        == "mnist is not on this machine (looked in \(home)/home/.cache/graft/mnist, \(home)/current/data/MNIST/raw, "
        + "\(home)/home/.keras/datasets/mnist.npz, \(home)/home/.keras/datasets/mnist), "
        + "and downloading is switched off")
  }

  @Test func noPlaceToKeepDataIsARemediedFailure() throws {
    var loader = loader(environment: ["HOME": ""])
    loader.request.isOffline = false
    let failure = #expect(throws: GraftFailure.self) { _ = try loader.load() }
    #expect(failure?.kind == .unavailable && failure?.remedy == .namingDataFolder)
    #expect(failure?.description.hasSuffix(", and neither XDG_CACHE_HOME nor HOME says where to keep it") == true)
  }

  @Test func damagedCacheIsReportedAndKept() throws {
    let cache = home.folder("home/.cache/graft/mnist")
    data.write(to: cache)
    let path = "\(cache)/t10k-labels-idx1-ubyte.gz"
    let other = Gzip.compress(try IDXFile(dimensions: [5], bytes: [0, 1, 2, 3, 9]).encoded())
    try Data(other).write(to: URL(fileURLWithPath: path))
    let text = message { _ = try loader().load() }
    #expect(text.hasPrefix("\(path): the cached file is damaged: expected SHA-256 "))
    #expect(text.hasSuffix("found \(SHA256Digest.hex(of: other)); `graft data fetch mnist` replaces it"))
    #expect(kind { _ = try loader().load() } == .badData)
    #expect(try SHA256Digest.hex(ofFileAt: path) == SHA256Digest.hex(of: other))
  }

  // MARK: A folder in place of a name

  @Test func folderIsADataSetOfItsName() throws {
    let folder = home.folder("birds")
    SmallData(train: 8, test: 4, classes: 4).write(to: folder)
    let loaded = try loader(folder + "/").load()
    #expect(loaded.pair.train.name == "birds")
    #expect(loaded.pair.test.classNames == ["0", "1", "2", "3"])
    #expect(loaded.source == folder + "/")
    #expect(message { _ = try loader(home.path).load() }.hasPrefix("data not found in \(home.path), "))
    #expect(kind { _ = try loader(home.path).load() } == .missingInput)
  }

  @Test func unknownNameIsNeitherFolderNorDataSet() {
    #expect(message { _ = try loader("mnits").load() } == "mnits: neither a folder nor a known data set (mnist)")
    #expect(kind { _ = try loader("mnits").load() } == .missingInput)
    home.write([1], to: "a.xyz")
    #expect(kind { _ = try loader(home.path + "/a.xyz").load() } == .missingInput)
  }

  // MARK: Files that do not agree

  @Test func imagesAndLabelsMustAgree() throws {
    let folder = home.folder("given")
    data.write(to: folder)
    let labels = "\(folder)/train-labels-idx1-ubyte.gz"
    func put(_ dimensions: [Int], _ bytes: [UInt8], at path: String) throws {
      let file = Gzip.compress(try IDXFile(dimensions: dimensions, bytes: bytes).encoded())
      try Data(file).write(to: URL(fileURLWithPath: path))
    }
    let loader = loader(dataFolder: folder)
    try put([11], Array(repeating: 1, count: 11), at: labels)
    #expect(
      message { _ = try loader.load() }
        == "\(labels): 12 images in \(folder)/train-images-idx3-ubyte.gz but 11 labels")
    try put([12], Array(repeating: 10, count: 12), at: labels)
    #expect(message { _ = try loader.load() } == "\(labels): byte 8: expected a label from 0 to 9, found 10")
    try put([12, 1, 1], Array(repeating: 1, count: 12), at: labels)
    #expect(message { _ = try loader.load() }.contains("are images and labels swapped?"))
    data.write(to: folder)
    let images = "\(folder)/t10k-images-idx3-ubyte.gz"
    try put([5, 2, 2], Array(repeating: 1, count: 20), at: images)
    #expect(
      message { _ = try loader.load() } == "\(images): expected images of 28 x 28 as for training, found 2 x 2")
    try Data("<!DOCTYPE html>".utf8).write(to: URL(fileURLWithPath: images))
    #expect(message { _ = try loader.load() } == "\(images): byte 0: this is an HTML page, not IDX")
    #expect(kind { _ = try loader.load() } == .badData)
  }
}
