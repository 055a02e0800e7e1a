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

      var optionKeys: [KeyDescription] {
        [
          KeyDescription(
            "bridge", "name of a bridge of the site", absent: "none", "The bridge that the interface joins.")
        ]
      }

      func check(_ options: OptionNode, in context: OptionContext) -> [Diagnostic] {
        var reading = OptionReading(options, context)
        if let (bridge, mark) = reading.scalar("bridge"), !context.bridges.contains(bridge) {
          reading.error(mark, "bridge", "the site has no bridge '\\(bridge)'")
        }
        return reading.diagnostics
      }

      func attachmentCircuit(of options: OptionValue) -> AttachmentCircuit {
        bridge(in: options).map { .bridge($0) } ?? .none
      }

      func answer(_ question: PluginQuestion) -> PluginAnswer {
        let interface = question.declaration.interfaceName
        let isUp = question.phase == .established && question.isPeerCircuitActive
        var links: [LinkRequest] = [.session(.init(name: interface, mtu: .carry, isUp: isUp))]
        if let bridge = bridge(in: question.declaration.options) {
          links.append(.bridgePort(.init(link: interface, bridge: bridge)))
        }
        return .links(links)
      }

      private func bridge(in options: OptionValue) -> String? {
        guard case .scalar(let bridge)? = options["bridge"] else { return nil }
        return bridge
      }
    }

    """
  }
}
