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
  platforms: [.macOS(.v15), .iOS(.v18)],
  products: [
    .executable(name: "graft", targets: ["GraftCommand"]),
    // Data, networks, training and transfer with one import; needs no database.
    .library(name: "Graft", targets: ["Graft"]),
    // Studies over seeds with their statistics; needs no database either.
    .library(name: "GraftWorkbench", targets: ["GraftWorkbench"]),
    // The store of `graft study`, in SQLite.
    .library(name: "GraftRunStorage", targets: ["GraftRunStorage"]),
    // What Fuzz/ gives hostile bytes to.
    .library(name: "GraftFuzzing", targets: ["GraftFuzzing"]),
  ],
  traits: [.trait(name: "MPI", description: "Studies and trainings on several machines, with Open MPI.")],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
  ],
  targets: [
    // The way of the data, from the bottom up: no arrow points the other way.
    .systemLibrary(name: "CGraftZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .systemLibrary(name: "CGraftBzip2", providers: [.apt(["libbz2-dev"]), .brew(["bzip2"])]),
    .systemLibrary(
      name: "CGraftJPEG", pkgConfig: "libjpeg", providers: [.apt(["libjpeg-dev"]), .brew(["jpeg-turbo"])]),
    .systemLibrary(name: "CGraftPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
    .systemLibrary(name: "CGraftWebP", pkgConfig: "libwebp", providers: [.apt(["libwebp-dev"]), .brew(["webp"])]),
    .systemLibrary(name: "CGraftCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .target(
      name: "GraftFiles",
      dependencies: [
        "CGraftBzip2", "CGraftZlib", .target(name: "CGraftCrypto", condition: .when(platforms: [.linux])),
      ],
      swiftSettings: strict + testable),
    // One picture, from a file's bytes to pixels of the wanted size; knows no data set.
    .target(
      name: "CGraftPictures", dependencies: ["CGraftJPEG", "CGraftPNG", "CGraftWebP"],
      linkerSettings: ["jpeg", "png", "webp"].map { .linkedLibrary($0) }),
    .target(
      name: "GraftPictures", dependencies: ["CGraftPictures", "GraftFiles"], swiftSettings: strict + testable),
    // What the kernels are asked, and the kernels: one folder, built twice (the second is a symbolic link to the first).
    .target(name: "GraftKernelCalls", swiftSettings: strict),
    .target(
      name: "GraftKernels", dependencies: ["CGraftProcessor", "GraftKernelCalls"],
      swiftSettings: strict + kernels("x86-64-v3")),
    .target(
      name: "GraftKernelsAVX512", dependencies: ["CGraftProcessor", "GraftKernelCalls"],
      swiftSettings: strict + kernels("x86-64-v4", defining: "AVX512")),
    .target(name: "CGraftProcessor"),
    .target(
      name: "GraftMatrices",
      dependencies: ["CGraftProcessor", "GraftFiles", "GraftKernelCalls", "GraftKernels", "GraftKernelsAVX512"],
      swiftSettings: strict),
    .target(
      name: "GraftData", dependencies: ["GraftFiles", "GraftMatrices", "GraftPictures"],
      swiftSettings: strict + testable),
    .target(
      name: "GraftNetworks", dependencies: ["GraftFiles", "GraftKernelCalls", "GraftMatrices"], swiftSettings: strict),
    // The processes of one job: over MPI if the trait is on, over threads for tests.
    .systemLibrary(name: "CGraftMPI", pkgConfig: "ompi-c", providers: [.apt(["libopenmpi-dev"])]),
    .target(
      name: "GraftRanks",
      dependencies: ["GraftFiles", .target(name: "CGraftMPI", condition: .when(traits: ["MPI"]))],
      swiftSettings: strict),
    // Intervals, tests and corrections; knows no model.
    .target(name: "GraftStatistics", dependencies: ["GraftFiles", "GraftMatrices"], swiftSettings: strict),
    .target(
      name: "GraftTraining",
      dependencies: [
        "GraftData", "GraftFiles", "GraftKernelCalls", "GraftMatrices", "GraftNetworks", "GraftPictures", "GraftRanks",
        "GraftStatistics",
      ],
      swiftSettings: strict),
    .target(
      name: "Graft",
      dependencies: ["GraftData", "GraftFiles", "GraftMatrices", "GraftNetworks", "GraftStatistics", "GraftTraining"],
      swiftSettings: strict),
    // Models in the formats of other programs.
    .target(
      name: "GraftExports", dependencies: ["GraftFiles", "GraftMatrices", "GraftNetworks"],
      swiftSettings: strict + testable),
    // Weights that other programs trained.
    .target(
      name: "GraftImports", dependencies: ["GraftData", "GraftFiles", "GraftMatrices", "GraftNetworks"],
      resources: [.embedInCode("Resources/imagenet-classes.txt")], swiftSettings: strict + testable),
    // A user's studies.
    .target(
      name: "GraftWorkbench",
      dependencies: [
        "GraftData", "GraftFiles", "GraftMatrices", "GraftNetworks", "GraftRanks", "GraftStatistics", "GraftTraining",
      ],
      swiftSettings: strict),
    // The published study: its table, audit and claims.
    .target(
      name: "GraftReproduction",
      dependencies: [
        "GraftData", "GraftFiles", "GraftMatrices", "GraftNetworks", "GraftRanks", "GraftStatistics", "GraftTraining",
      ],
      resources: [.embedInCode("Resources/published.json"), .embedInCode("Resources/reference.json")],
      swiftSettings: strict),
    .target(
      name: "GraftRunStorage",
      dependencies: [
        "GraftStatistics",
        "GraftData", "GraftFiles", "GraftTraining", "GraftWorkbench", .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: strict),
    // Line, bar and dot charts, heat maps and confusion matrices as SVG; knows no study.
    .target(name: "GraftCharts", dependencies: ["GraftFiles"], swiftSettings: strict + testable),
    // Headings, paragraphs and tables for a terminal, Markdown and HTML; knows no study.
    .target(name: "GraftDocuments", dependencies: ["GraftCharts", "GraftFiles"], swiftSettings: strict),
    .target(
      name: "GraftReporting",
      dependencies: [
        "GraftCharts", "GraftData", "GraftDocuments", "GraftFiles", "GraftKernelCalls", "GraftMatrices",
        "GraftNetworks", "GraftPictures", "GraftReproduction", "GraftStatistics", "GraftTraining", "GraftWorkbench",
      ],
      resources: [
        "page.css", "network.js", "raster.js", "theme.js", "charts.js", "matrices.js", "canvas.js", "resize.js",
        "photograph.js",
      ].map { .embedInCode("Page/Resources/\($0)") },
      swiftSettings: strict + testable),
    .target(
      name: "GraftBenchmarking",
      dependencies: [
        "GraftCharts", "GraftData", "GraftDocuments", "GraftFiles", "GraftKernelCalls", "GraftMatrices",
        "GraftNetworks", "GraftReporting", "GraftTraining",
      ],
      swiftSettings: strict),
    // The settings of a file as flags of the command line; knows no parser of flags.
    .target(name: "GraftSettings", dependencies: ["GraftFiles"], swiftSettings: strict),
    .executableTarget(
      name: "GraftCommand",
      dependencies: [
        "GraftBenchmarking", "GraftCharts", "GraftExports", "GraftData", "GraftDocuments", "GraftFiles", "GraftImports",
        "GraftMatrices",
        "GraftNetworks", "GraftPictures", "GraftRanks", "GraftTraining", "GraftWorkbench", "GraftRunStorage",
        "GraftReporting", "GraftSettings",
        .product(name: "ArgumentParser", package: "swift-argument-parser"), "GraftStatistics", "GraftReproduction",
      ],
      swiftSettings: strict),

    // The parsers of bytes from outside with their properties, for the fuzzers in Fuzz/ and for the tests.
    .target(
      name: "GraftFuzzing",
      dependencies: [
        "CGraftBzip2", "GraftData", "GraftFiles", "GraftImports", "GraftMatrices", "GraftNetworks", "GraftPictures",
        "GraftReproduction", "GraftSettings", "GraftStatistics", "GraftTraining",
      ],
      path: "Fuzz/Entries", swiftSettings: strict),

    // MARK: Tests
    .target(
      name: "NumericChecks", dependencies: ["GraftFiles", "GraftKernelCalls", "GraftMatrices", "GraftNetworks"],
      path: "Tests/NumericChecks",
      swiftSettings: strict),
    .testTarget(
      name: "GraftPicturesTests", dependencies: ["GraftFiles", "GraftPictures", "NumericChecks"],
      swiftSettings: strict),
    .testTarget(name: "GraftFilesTests", dependencies: ["GraftFiles", "NumericChecks"], swiftSettings: strict),
    .testTarget(
      name: "GraftMatricesTests", dependencies: ["GraftFiles", "GraftKernelCalls", "GraftMatrices", "NumericChecks"],
      swiftSettings: strict),
    .testTarget(
      name: "GraftDataTests",
      dependencies: ["GraftData", "GraftFiles", "GraftMatrices", "GraftPictures", "NumericChecks"],
      exclude: ["Support/fault_server.py"], swiftSettings: strict),
    .testTarget(
      name: "GraftNetworksTests",
      dependencies: ["GraftFiles", "GraftKernelCalls", "GraftMatrices", "GraftNetworks", "NumericChecks"],
      swiftSettings: strict),
    .testTarget(
      name: "GraftExportsTests",
      dependencies: [
        "GraftData", "GraftExports", "GraftFiles", "GraftKernelCalls", "GraftMatrices", "GraftNetworks",
        "NumericChecks",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "GraftImportsTests",
      dependencies: ["GraftData", "GraftFiles", "GraftImports", "GraftKernelCalls", "GraftMatrices", "GraftNetworks"],
      swiftSettings: strict),
    .testTarget(
      name: "GraftTrainingTests",
      dependencies: [
        "GraftRanks", "GraftStatistics", "GraftData", "GraftFiles", "GraftMatrices", "GraftNetworks", "NumericChecks",
        "GraftTraining",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "GraftWorkbenchTests",
      dependencies: [
        "GraftReproduction", "GraftStatistics",
        "GraftData", "GraftFiles", "GraftMatrices", "GraftNetworks", "NumericChecks", "GraftRanks", "GraftWorkbench",
        "GraftTraining",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "GraftRunStorageTests",
      dependencies: [
        "GraftReproduction", "GraftStatistics",
        "GraftData", "GraftFiles", "NumericChecks", "GraftRunStorage", "GraftTraining", "GraftWorkbench",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "GraftChartsTests", dependencies: ["GraftCharts", "GraftFiles"], exclude: ["Snapshots"],
      swiftSettings: strict),
    .testTarget(
      name: "GraftDocumentsTests", dependencies: ["GraftCharts", "GraftDocuments", "GraftFiles"],
      swiftSettings: strict),
    .testTarget(
      name: "GraftReportingTests",
      dependencies: [
        "GraftCharts", "GraftDocuments", "GraftReproduction", "GraftStatistics",
        "GraftData", "GraftFiles", "GraftMatrices", "GraftNetworks", "GraftPictures", "NumericChecks",
        "GraftReporting", "GraftWorkbench", "GraftTraining",
      ],
      exclude: ["Study/Snapshots"],
      swiftSettings: strict),
    .testTarget(
      name: "GraftCommandTests", dependencies: ["GraftData", "GraftFiles", "GraftNetworks", "GraftCommand"],
      exclude: ["Snapshots"],
      swiftSettings: strict),
    .testTarget(name: "GraftFuzzingTests", dependencies: ["GraftFuzzing"], swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
