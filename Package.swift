// swift-tools-version: 6.2
import PackageDescription

// MARK: - Settings

/// Every x86-64 processor since Haswell (2013) and Excavator (2015) has AVX2 and fused multiply-add. Without the flag each
/// fused multiply-add becomes a call into the C library, a hundred times slower.
let instructions: [SwiftSetting] = {
  #if arch(x86_64)
    [.unsafeFlags(["-Xcc", "-march=x86-64-v3"])]
  #else
    []
  #endif
}()

/// A debug build without optimised kernels would make the tests a hundred times slower.
let kernels: [SwiftSetting] = instructions + [.unsafeFlags(["-O"], .when(configuration: .debug))]

let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .treatWarning("DeprecatedDeclaration", as: .warning),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// The tests are built for release, like everything else, so that one build serves `./graft` and `Scripts/check`. Targets
/// whose tests look inside say so here; the kernels are tested from outside and stay free for the optimizer.
let testable: [SwiftSetting] = [.unsafeFlags(["-enable-testing"])]

// MARK: - Package

let package = Package(
  name: "graft",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "graft", targets: ["graft"]),
    .library(name: "Graft", targets: ["Matrices", "Datasets", "Networks", "Training", "Studies", "Reporting"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-crypto", "3.12.3"..<"5.0.0"),
  ],
  targets: [
    // The way of the data, from the bottom up: no arrow points the other way.
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .target(
      name: "Files",
      dependencies: [
        "CZlib", .product(name: "Crypto", package: "swift-crypto", condition: .when(platforms: [.linux])),
      ],
      swiftSettings: strict + testable),
    .target(name: "Matrices", swiftSettings: strict + kernels),
    .target(name: "Datasets", dependencies: ["Files", "Matrices"], swiftSettings: strict + testable),
    .target(name: "Networks", dependencies: ["Files", "Matrices"], swiftSettings: strict),
    .target(name: "Training", dependencies: ["Datasets", "Files", "Matrices", "Networks"], swiftSettings: strict),
    .target(
      name: "Studies", dependencies: ["Datasets", "Files", "Matrices", "Networks", "Training"],
      resources: [.embedInCode("Resources/published.json"), .embedInCode("Resources/reference.json")],
      swiftSettings: strict),
    .target(
      name: "Reporting", dependencies: ["Datasets", "Files", "Matrices", "Networks", "Studies", "Training"],
      swiftSettings: strict + testable),
    .executableTarget(
      name: "graft",
      dependencies: [
        "Datasets", "Files", "Matrices", "Networks", "Training", "Studies", "Reporting",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),

    // MARK: Tests
    .target(
      name: "NumericChecks", dependencies: ["Files", "Matrices", "Networks"], path: "Tests/NumericChecks",
      swiftSettings: strict),
    .testTarget(name: "FilesTests", dependencies: ["Files"], swiftSettings: strict),
    .testTarget(
      name: "MatricesTests", dependencies: ["Files", "Matrices", "NumericChecks"], swiftSettings: strict + instructions),
    .testTarget(
      name: "DatasetsTests", dependencies: ["Datasets", "Files", "Matrices", "NumericChecks"],
      exclude: ["Support/fault_server.py"], swiftSettings: strict),
    .testTarget(
      name: "NetworksTests", dependencies: ["Files", "Matrices", "Networks", "NumericChecks"], swiftSettings: strict),
    .testTarget(
      name: "TrainingTests", dependencies: ["Datasets", "Files", "Matrices", "Networks", "NumericChecks", "Training"],
      swiftSettings: strict),
    .testTarget(
      name: "StudiesTests",
      dependencies: ["Datasets", "Files", "Matrices", "Networks", "NumericChecks", "Studies", "Training"],
      swiftSettings: strict),
    .testTarget(
      name: "ReportingTests", dependencies: ["Files", "Reporting", "Studies", "Training"],
      exclude: ["Charts/Snapshots"],
      swiftSettings: strict),
    .testTarget(
      name: "CommandTests", dependencies: ["Datasets", "Files", "graft"], exclude: ["Snapshots"], swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
