import Foundation
import Testing

@testable import GraftData

@Suite struct CatalogueTests {
  private static func isDigest(_ text: String, _ length: Int) -> Bool {
    text.count == length && text.allSatisfy { "0123456789abcdef".contains($0) }
  }

  @Test(arguments: KnownDataset.all.map(\.name))
  func everyDatasetIsComplete(_ name: String) throws {
    let dataset = try #require(KnownDataset.named(name))
    #expect(dataset.classNames.count >= 2)
    #expect(Set(dataset.classNames).count == dataset.classNames.count)
    #expect(!dataset.mirrors.isEmpty)
    for mirror in dataset.mirrors {
      #expect(mirror.hasPrefix("https://") && mirror.hasSuffix("/"))
      #expect(DownloadPolicy().allows(try #require(URL(string: mirror))))
    }
    for file in dataset.files {
      #expect(file.size ?? 1 > 0)
      #expect(Self.isDigest(file.sha256 ?? file.md5 ?? "", file.sha256 == nil ? 32 : 64), "\(file.name) can be checked")
      if let digest = file.unpackedSHA256 { #expect(Self.isDigest(digest, 64)) }
      if let digest = file.md5 { #expect(Self.isDigest(digest, 32)) }
      #expect(dataset.file(named: file.name) == file)
    }
    #expect(Set(dataset.files.map { $0.sha256 ?? $0.md5 ?? "" }).count == dataset.files.count)
    #expect(!dataset.licence.isEmpty && !dataset.citation.isEmpty && !dataset.citation.contains("\n"))
  }

  @Test func classesAreCounted() {
    let counts = Dictionary(uniqueKeysWithValues: KnownDataset.all.map { ($0.name, $0.classNames.count) })
    #expect(
      counts == [
        "mnist": 10, "fashion-mnist": 10, "kmnist": 10, "k49": 49, "emnist-byclass": 62, "emnist-bymerge": 47,
        "emnist-balanced": 47, "emnist-letters": 26, "emnist-digits": 10, "emnist-mnist": 10, "qmnist": 10,
        "qmnist-50k": 10, "usps": 10, "cifar-10": 10, "cifar-100": 100, "hymenoptera": 2,
      ])
  }

  @Test func namesAreForgiving() {
    #expect(KnownDataset.named("mnist")?.title == "MNIST")
    #expect(KnownDataset.named("Fashion_MNIST")?.title == "Fashion-MNIST")
    #expect(KnownDataset.named("EMNIST-Letters")?.classNames.first == "A")
    #expect(KnownDataset.named("fashion") == nil)
    #expect(KnownDataset.named("") == nil)
  }

  /// Two data sets may have one archive in common; then they are kept in one folder, and none is "of the other".
  @Test func sharedFilesShareAFolder() {
    for one in KnownDataset.all {
      for other in KnownDataset.all where one.cacheName != other.cacheName {
        #expect(Set(one.files.compactMap(\.sha256)).isDisjoint(with: other.files.compactMap(\.sha256)))
      }
    }
    #expect(Set(KnownDataset.emnist.map(\.cacheName)) == ["emnist"])
  }

  @Test func partsHaveFourSpellings() {
    #expect(
      IDXDataset.spellings(of: "t10k-labels-idx1-ubyte") == [
        "t10k-labels-idx1-ubyte", "t10k-labels-idx1-ubyte.gz", "t10k-labels.idx1-ubyte", "t10k-labels.idx1-ubyte.gz",
      ])
    let file = KnownDataset.mnist.files[3]
    for name in IDXDataset.spellings(of: "t10k-labels-idx1-ubyte") { #expect(file.isNamed(name)) }
    #expect(!file.isNamed("train-labels-idx1-ubyte") && !file.isNamed("emnist-t10k-labels-idx1-ubyte"))
  }

  /// Only where the machine has the published files (GRAFT_DATA or the cache): what is pinned is what they are.
  @Test func publishedFilesHaveThePinnedDigests() throws {
    let search = DataSearch(dataset: .mnist, environment: ProcessInfo.processInfo.environment)
    guard let location = try? search.locate().location, location.format is IDXDataset else { return }
    let loaded = try DatasetPair.load(DataRequest(name: "mnist", isOffline: true))
    #expect(loaded.fileDigests.count == 4)
    for file in loaded.fileDigests { #expect(KnownDataset.mnist.compare(file.name, file.sha256) == .published) }
    #expect(loaded.pair.train.count == 60_000)
    #expect(loaded.pair.test.count == 10_000)
    #expect(loaded.pair.test.countsPerClass == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009])
  }
}
