// swift-tools-version: 6.2
import PackageDescription

// Programs that use Graft as anybody's would. Scripts/check builds them against this checkout.
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

let package = Package(
  name: "graft-examples",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(name: "graft", path: ".."),
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
  ],
  targets: [
    // The README's snippet.
    .executableTarget(
      name: "Snippet", dependencies: [.product(name: "Graft", package: "graft")], swiftSettings: strict),
    // A training step by hand.
    .executableTarget(
      name: "TrainingLoop", dependencies: [.product(name: "Graft", package: "graft")], swiftSettings: strict),
    // A classifier in a command-line program, with errors caught by their type.
    .executableTarget(
      name: "Classify",
      dependencies: [
        .product(name: "Graft", package: "graft"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: strict),
    // A thousand trainings in one process, whose memory must not grow.
    .executableTarget(
      name: "ManyTrainings", dependencies: [.product(name: "Graft", package: "graft")], swiftSettings: strict),
    // A study over seeds with its verdicts.
    .executableTarget(
      name: "Study",
      dependencies: [
        .product(name: "Graft", package: "graft"), .product(name: "GraftWorkbench", package: "graft"),
      ], swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
