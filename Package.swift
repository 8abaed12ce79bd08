// swift-tools-version: 6.2
import PackageDescription

// MARK: - Settings

/// The kernels are built for every x86-64 processor since Haswell (2013) and Excavator (2015), which have AVX2 and fused
/// multiply-add, and once more for those with AVX-512; `Processor` chooses when the program starts. Without the flag each
/// fused multiply-add becomes a call into the C library, a hundred times slower. They are optimised in a debug build too:
/// otherwise tests would take a hundred times longer.
func kernels(_ architecture: String, defining name: String? = nil) -> [SwiftSetting] {
  let optimised = SwiftSetting.unsafeFlags(["-O"], .when(configuration: .debug))
  #if arch(x86_64)
    return [.unsafeFlags(["-Xcc", "-march=\(architecture)"]), optimised] + (name.map { [.define($0)] } ?? [])
  #else
    return [optimised]
  #endif
}

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
    .library(
      name: "Graft",
      targets: ["Matrices", "Datasets", "Networks", "Training", "Studies", "RunStorage", "Reporting"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
  ],
  targets: [
    // The way of the data, from the bottom up: no arrow points the other way.
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .target(
      name: "Files",
      dependencies: ["CZlib", .target(name: "CCrypto", condition: .when(platforms: [.linux]))],
      swiftSettings: strict + testable),
    // What the kernels are asked, and the kernels: one folder, built twice (the second is a symbolic link to the first).
    .target(name: "KernelCalls", swiftSettings: strict),
    .target(
      name: "Kernels", dependencies: ["CProcessor", "KernelCalls"], swiftSettings: strict + kernels("x86-64-v3")),
    .target(
      name: "KernelsAVX512", dependencies: ["CProcessor", "KernelCalls"],
      swiftSettings: strict + kernels("x86-64-v4", defining: "AVX512")),
    .target(name: "CProcessor"),
    .target(
      name: "Matrices", dependencies: ["CProcessor", "KernelCalls", "Kernels", "KernelsAVX512"], swiftSettings: strict),
    .target(name: "Datasets", dependencies: ["Files", "Matrices"], swiftSettings: strict + testable),
    .target(name: "Networks", dependencies: ["Files", "KernelCalls", "Matrices"], swiftSettings: strict),
    .target(name: "Training", dependencies: ["Datasets", "Files", "Matrices", "Networks"], swiftSettings: strict),
    .target(
      name: "Studies", dependencies: ["Datasets", "Files", "Matrices", "Networks", "Training"],
      resources: [.embedInCode("Resources/published.json"), .embedInCode("Resources/reference.json")],
      swiftSettings: strict),
    .target(
      name: "RunStorage",
      dependencies: ["Datasets", "Files", "Studies", .product(name: "GRDB", package: "GRDB.swift")],
      swiftSettings: strict),
    .target(
      name: "Reporting", dependencies: ["Datasets", "Files", "Matrices", "Networks", "Studies", "Training"],
      resources: ["page.css", "network.js", "raster.js", "theme.js", "charts.js", "matrices.js", "canvas.js"].map {
        .embedInCode("Page/Resources/\($0)")
      },
      swiftSettings: strict + testable),
    .target(
      name: "Benchmarking",
      dependencies: [
        "Datasets", "Files", "KernelCalls", "Matrices", "Networks", "Reporting", "Training",
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "graft",
      dependencies: [
        "Benchmarking", "Datasets", "Files", "Matrices", "Networks", "Training", "Studies", "RunStorage", "Reporting",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),

    // MARK: Tests
    .target(
      name: "NumericChecks", dependencies: ["Files", "KernelCalls", "Matrices", "Networks"],
      path: "Tests/NumericChecks",
      swiftSettings: strict),
    .testTarget(name: "FilesTests", dependencies: ["Files", "NumericChecks"], swiftSettings: strict),
    .testTarget(
      name: "MatricesTests", dependencies: ["Files", "KernelCalls", "Matrices", "NumericChecks"], swiftSettings: strict),
    .testTarget(
      name: "DatasetsTests", dependencies: ["Datasets", "Files", "Matrices", "NumericChecks"],
      exclude: ["Support/fault_server.py"], swiftSettings: strict),
    .testTarget(
      name: "NetworksTests", dependencies: ["Files", "KernelCalls", "Matrices", "Networks", "NumericChecks"],
      swiftSettings: strict),
    .testTarget(
      name: "TrainingTests", dependencies: ["Datasets", "Files", "Matrices", "Networks", "NumericChecks", "Training"],
      swiftSettings: strict),
    .testTarget(
      name: "StudiesTests",
      dependencies: ["Datasets", "Files", "Matrices", "Networks", "NumericChecks", "Studies", "Training"],
      swiftSettings: strict),
    .testTarget(
      name: "RunStorageTests",
      dependencies: [
        "Datasets", "Files", "NumericChecks", "RunStorage", "Studies", .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ReportingTests",
      dependencies: ["Datasets", "Files", "Matrices", "Networks", "NumericChecks", "Reporting", "Studies", "Training"],
      exclude: ["Charts/Snapshots"],
      swiftSettings: strict),
    .testTarget(
      name: "CommandTests", dependencies: ["Datasets", "Files", "Networks", "graft"], exclude: ["Snapshots"],
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
