/// A plugin in Swift, to start from: a package of its own.
enum SwiftSkeleton {
  static func files(name: String, in folder: String, package: String) -> [SkeletonFile] {
    [
      SkeletonFile(path: "\(name)/Package.swift", text: manifest(name, package)),
      SkeletonFile(path: "\(name)/Sources/\(name)/main.swift", text: main(typeName(name))),
      SkeletonFile(
        path: "\(name)/Sources/\(name)/\(typeName(name)).swift", text: plugin(name, typeName(name)),
        next: """
          build it: swift build --package-path \(folder)\(name)
          try it:   pwmgr plugin test \(folder)\(name)/.build/debug/\(name) --option bridge=br-lan
          """),
    ]
  }

  /// `sealed-lan` is served by `SealedLanPlugin`.
  static func typeName(_ name: String) -> String {
    name.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined() + "Plugin"
  }

  private static func manifest(_ name: String, _ package: String) -> String {
    let isAddress = package.contains("://")
    let dependency =
      isAddress ? ".package(url: \"\(package)\", branch: \"main\")" : ".package(name: \"pwmgr\", path: \"\(package)\")"
    return """
      // swift-tools-version: 6.2

      import PackageDescription

      let package = Package(
        name: "\(name)",
        dependencies: [\(dependency)],
        targets: [
          .executableTarget(
            name: "\(name)", dependencies: [.product(name: "PWPluginKit", package: "pwmgr"), .product(name: "PWCore", package: "pwmgr")])
        ]
      )

      """
  }

  private static func main(_ type: String) -> String {
    """
    import PWPluginKit

    PluginExecutable.serve(\(type)())

    """
  }

  private static func plugin(_ name: String, _ type: String) -> String {
    """
    import PWCore
    import PWPluginKit

    /// The pseudowire type '\(name)'. As it is, it serves Ethernet pseudowires whose interface joins a bridge.
    struct \(type): \(type == "ServedPlugin" ? "PWPluginKit." : "")ServedPlugin {
      var name: String { "\(name)" }
      var version: String { "0.1" }
      var type: PseudowireType { .ethernet }
      var payload: PseudowirePayload { .ethernet }

      private let bridge = Key<String?>(
        "bridge", .text("name of a bridge of the site"), absent: "none", change: .session,
        "The bridge that the interface joins.")

      var optionKeys: [KeyDescription] { [bridge.description] }

      /// The options of a pseudowire, read and checked.
      struct Options {
        var bridge: String?
      }

      func read(_ reading: inout OptionReading) -> Options? {
        let name = reading.value(of: bridge)
        if let name, let mark = reading.mark(of: bridge), !reading.context.bridges.contains(name) {
          reading.error(mark, bridge.name, "the site has no bridge '\\(name)'")
        }
        return Options(bridge: name)
      }

      func outline(of options: Options) -> PseudowireOutline {
        PseudowireOutline(attachment: options.bridge.map { .bridge($0) } ?? .none)
      }

      func answer(_ question: PluginQuestion, _ options: Options) -> PluginAnswer {
        let interface = question.declaration.interfaceName
        let isUp = question.phase == .established && question.isPeerCircuitActive
        var links: [LinkRequest] = [.session(.init(name: interface, mtu: .carry, isUp: isUp))]
        if let bridge = options.bridge { links.append(.bridgePort(.init(link: interface, bridge: bridge))) }
        return .links(links)
      }
    }

    """
  }
}
