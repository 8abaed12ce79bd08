// swift-tools-version: 6.2
import PackageDescription

// The fuzzers, one program for all targets. Scripts/fuzz builds it with libFuzzer and AddressSanitizer, with flags that reach the
// libraries of this checkout too.
let package = Package(
  name: "graft-fuzz",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "graft", path: "..")],
  targets: [
    .executableTarget(
      name: "fuzz", dependencies: [.product(name: "GraftFuzzing", package: "graft")],
      swiftSettings: [.treatAllWarnings(as: .error)])
  ],
  swiftLanguageModes: [.v6]
)
