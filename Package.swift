// swift-tools-version: 6.2

import PackageDescription

/// libFuzzer's runtime without its own `main`, when the package is built to be fuzzed (Tests/Fuzz/run).
let fuzzer = Context.environment["PWMGR_FUZZER"]

/// Every target of ours is compiled alike: Swift 6 concurrency, no warning left standing, Span without an availability check.
let settings: [SwiftSetting] =
  [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
  ] + (fuzzer == nil ? [] : [.unsafeFlags(["-sanitize=fuzzer"])])

/// The same for a target whose internals the fuzz targets use: a module that keeps them open takes a quarter longer to
/// optimize.
let open: [SwiftSetting] = settings + (fuzzer == nil ? [] : [.unsafeFlags(["-enable-testing"])])

/// The same for what is not fast: there less code is worth more than speed. Not for a product's targets: a package that
/// comes from elsewhere may not have flags of its own.
let small: [SwiftSetting] = settings + [.unsafeFlags(["-Osize"], .when(configuration: .release))]

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")

let package = Package(
  name: "pwmgr",
  products: [
    .executable(name: "pwmgr", targets: ["pwmgr"]),
    .library(name: "PWCore", targets: ["PWCore"]),
    .library(name: "PWPluginKit", targets: ["PWPluginKit"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
  ],
  targets: [
    // System libraries: a module map and a shim header, nothing else.
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto"),
    .systemLibrary(name: "CHTTP"),
    .systemLibrary(name: "CLinux"),
    .systemLibrary(name: "CNetlink", pkgConfig: "libnl-genl-3.0 libnl-route-3.0"),
    .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1"),

    // The engine: pure values in, pure values out.
    .target(
      name: "PWCore",
      dependencies: [
        .product(name: "DequeModule", package: "swift-collections"),
        .product(name: "HeapModule", package: "swift-collections"),
      ],
      swiftSettings: open),

    // Pseudowire plugins see only PWCore.
    .target(
      name: "EthernetPlugin", dependencies: ["PWCore"], path: "Sources/Plugins/Ethernet", swiftSettings: settings),
    .target(name: "PPPPlugin", dependencies: ["PWCore"], path: "Sources/Plugins/PPP", swiftSettings: small),

    .target(name: "VLANPlugin", dependencies: ["PWCore"], path: "Sources/Plugins/VLAN", swiftSettings: small),

    // PPPoE's discovery stage: packets and a concentrator, values like the engine.
    .target(name: "PPPoE", dependencies: ["PWCore"], swiftSettings: small),

    // What surrounds the engine.
    .target(name: "PWConfig", dependencies: ["PWCore", "CYAML"], swiftSettings: small),
    .target(name: "PWCrypto", dependencies: ["PWCore", "CCrypto"], swiftSettings: settings),
    .target(
      name: "PWLinux", dependencies: ["PWCore", "PPPoE", "CLinux", "CNetlink", logging], swiftSettings: open),

    // Plugins in other processes: what is said, who says it there, and who listens here.
    .target(name: "PWPluginWire", dependencies: ["PWCore"], swiftSettings: settings),
    .target(name: "PWPluginKit", dependencies: ["PWCore", "PWPluginWire"], swiftSettings: settings),
    .target(
      name: "PWPluginHost",
      dependencies: [
        "PWCore", "PWPluginWire", "PWLinux", "CLinux", .product(name: "DequeModule", package: "swift-collections"),
      ],
      swiftSettings: small),

    .executableTarget(
      name: "pwmgr",
      dependencies: [
        "PWCore", "PWConfig", "PWCrypto", "PWLinux", "PWPluginHost", "PWPluginWire", "EthernetPlugin", "PPPPlugin",
        "VLANPlugin", "CHTTP", argumentParser, logging,
      ],
      // The page of `pwmgr exporter`, whose parts are constants of the program.
      resources: ["page.html", "page.css", "model.js", "picture.js", "list.js", "live.js"].map {
        .embedInCode("Exporter/Page/\($0)")
      },
      swiftSettings: small,
      // Nothing looks a symbol up in the program while it runs: their names would be a megabyte of it. Functions of the
      // same code, most of them generics of the compiler's making, are there once: a quarter of a megabyte.
      linkerSettings: [
        .unsafeFlags(
          ["-Xlinker", "--no-export-dynamic", "-Xlinker", "--icf=safe"], .when(configuration: .release))
      ]),

    // Speed, measured: never a test.
    .executableTarget(
      name: "pwbench", dependencies: ["PWCore", "EthernetPlugin"], path: "Benchmarks/pwbench", swiftSettings: settings),

    .executableTarget(
      name: "planepair", dependencies: ["PWCore", "PWLinux", argumentParser], path: "Benchmarks/userspace/planepair",
      swiftSettings: settings),

    // The simulation, optimised: what it runs and how it is run are one module, and its tests look into it.
    .executableTarget(
      name: "pwsimulate", dependencies: ["PWCore", "EthernetPlugin", argumentParser], path: "Tests/Simulation",
      exclude: ["Tests"], swiftSettings: settings),

    // Tests: a folder per target.
    .testTarget(name: "PWCoreTests", dependencies: ["PWCore"], resources: [.copy("Vectors")], swiftSettings: settings),
    .testTarget(
      name: "PWConfigTests", dependencies: ["PWConfig", "EthernetPlugin", "PPPPlugin", "VLANPlugin"],
      exclude: ["Faults"],
      swiftSettings: settings),
    .testTarget(name: "PWLinuxTests", dependencies: ["PWLinux", "CLinux"], swiftSettings: settings),
    .testTarget(name: "PPPoETests", dependencies: ["PPPoE", "PWCore", "PWCrypto"], swiftSettings: settings),
    .testTarget(name: "PWCryptoTests", dependencies: ["PWCrypto"], swiftSettings: settings),
    .testTarget(
      name: "PWPluginKitTests",
      dependencies: ["PWPluginKit", "PWPluginWire", "EthernetPlugin", "PPPPlugin", "VLANPlugin"],
      swiftSettings: settings),
    .testTarget(
      name: "PWPluginHostTests", dependencies: ["PWPluginHost", "PWPluginWire", "PWLinux", "CLinux"],
      swiftSettings: settings),
    .testTarget(name: "EthernetPluginTests", dependencies: ["EthernetPlugin"], swiftSettings: settings),
    .testTarget(name: "VLANPluginTests", dependencies: ["VLANPlugin"], swiftSettings: settings),
    .testTarget(name: "PPPPluginTests", dependencies: ["PPPPlugin"], swiftSettings: settings),
    .testTarget(
      name: "CommandLineTests", dependencies: ["pwmgr"], exclude: ["Metrics/Golden", "Status/Golden"],
      swiftSettings: settings),
    .testTarget(
      name: "SimulationTests", dependencies: ["pwsimulate", "PWCore"], path: "Tests/Simulation/Tests",
      swiftSettings: settings),
    .testTarget(name: "PackageTests", dependencies: [], swiftSettings: settings),
  ]
)

// What takes octets from outside is tried with any octets: by libFuzzer, and as a test with those that it kept.
let fuzzed: [Target.Dependency] = [
  "PPPoE", "PWCore", "PWConfig", "PWCrypto", "PWLinux", "PWPluginKit", "PWPluginWire", "EthernetPlugin", "PPPPlugin",
  "VLANPlugin",
]
if let fuzzer {
  package.targets.append(
    .executableTarget(
      name: "pwfuzz", dependencies: fuzzed, path: "Tests/Fuzz", exclude: ["Corpus", "Replay", "run", "seeds"],
      sources: ["Targets", "Driver"], swiftSettings: settings,
      linkerSettings: [.unsafeFlags([fuzzer, "-lstdc++"])]))
} else {
  package.targets.append(
    .testTarget(
      name: "FuzzTests", dependencies: fuzzed, path: "Tests/Fuzz", exclude: ["Corpus", "Driver", "run", "seeds"],
      sources: ["Targets", "Replay"], swiftSettings: settings))
}
