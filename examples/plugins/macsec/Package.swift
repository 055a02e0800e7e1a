// swift-tools-version: 6.2

import PackageDescription

// A plugin as anybody would write it: of pwmgr it uses PWPluginKit alone. Outside of pwmgr's sources the dependency is
// .package(url: "ADDRESS OF PWMGR", from: "VERSION").
let package = Package(
  name: "macsec",
  dependencies: [.package(name: "pwmgr", path: "../../..")],
  targets: [
    .executableTarget(
      name: "macsec",
      dependencies: [
        .product(name: "PWPluginKit", package: "pwmgr"), .product(name: "PWCore", package: "pwmgr"),
      ])
  ]
)
