import Foundation
import Testing

@testable import GraftData

@Suite struct CatalogueTests {
  @Test(arguments: KnownDataset.all.map(\.name))
  func everyDatasetIsComplete(_ name: String) throws {
    let dataset = try #require(KnownDataset.named(name))
    #expect(dataset.files.map(\.part) == DatasetPart.allCases)
    #expect(dataset.classNames.count == 10)
    #expect(dataset.mirrors.count >= 2)
    for mirror in dataset.mirrors {
      #expect(mirror.hasPrefix("https://") && mirror.hasSuffix("/"))
      #expect(DownloadPolicy().allows(try #require(URL(string: mirror))))
    }
    for file in dataset.files {
      #expect(file.size > 0)
      let md5 = try #require(file.md5)
      for (digest, length) in [(file.sha256, 64), (file.unpackedSHA256 ?? file.sha256, 64), (md5, 32)] {
        #expect(digest.count == length && digest.allSatisfy { "0123456789abcdef".contains($0) })
      }
    }
    #expect(Set(dataset.files.map(\.sha256)).count == 4)
    #expect(!dataset.licence.isEmpty && !dataset.citation.contains("\n"))
  }

  @Test func namesAreForgiving() {
    #expect(KnownDataset.named("mnist") == .mnist)
    #expect(KnownDataset.named("Fashion_MNIST") == .fashionMNIST)
    #expect(KnownDataset.named("fashion") == nil)
    #expect(KnownDataset.named("") == nil)
  }

  @Test func partsHaveFourSpellings() {
    #expect(
      DatasetPart.testLabels.fileNames == [
        "t10k-labels-idx1-ubyte", "t10k-labels-idx1-ubyte.gz", "t10k-labels.idx1-ubyte", "t10k-labels.idx1-ubyte.gz",
      ])
    #expect(KnownDataset.mnist.file(.trainImages)?.name == "train-images-idx3-ubyte.gz")
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
