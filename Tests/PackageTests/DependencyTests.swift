import Foundation
import Testing

/// Targets may depend on each other one way only; the sources themselves are read to see that they do.
@Suite struct DependencyTests {
  /// The modules that each target may import. A target that is not named here has to be.
  private static let allowed: [String: Set<String>] = [
    "Sources/PWCore": ["DequeModule", "HeapModule"],
    "Sources/Plugins/Ethernet": ["PWCore"],
    "Sources/Plugins/PPP": ["PWCore"],
    "Sources/Plugins/VLAN": ["PWCore"],
    "Sources/PWConfig": ["PWCore", "CYAML"],
    "Sources/PWCrypto": ["PWCore", "CCrypto"],
    "Sources/PPPoE": ["PWCore"],
    "Sources/PWLinux": ["PWCore", "PPPoE", "CLinux", "CNetlink", "Glibc", "Synchronization", "DequeModule"],
    "Sources/PWPluginHost": [
      "PWCore", "PWLinux", "PWPluginWire", "CLinux", "Glibc", "Synchronization", "DequeModule",
    ],
    "Sources/PWPluginKit": ["PWCore", "PWPluginWire", "Glibc"],
    "Sources/PWPluginWire": ["PWCore", "FoundationEssentials"],
    "Sources/pwmgr": [
      "PWPluginHost", "PWPluginWire",
      "PWCore", "PWConfig", "PWCrypto", "PWLinux", "EthernetPlugin", "PPPPlugin", "VLANPlugin", "ArgumentParser",
      "Logging",
      "FoundationEssentials",
      "Glibc", "DequeModule", "Synchronization", "CHTTP",
    ],
    // The simulated world has no clock, no thread and no system; the program that runs it has.
    "Tests/Simulation/Harness": ["PWCore", "EthernetPlugin"],
    "Tests/Simulation/Invariants": ["PWCore"],
    "Tests/Simulation/Faults": ["PWCore"],
    // Here engines are written out as text.
    "Tests/Simulation/Twin": ["PWCore", "Foundation"],
    "Tests/Simulation/Program": ["PWCore", "ArgumentParser", "Foundation", "Glibc"],
  ]

  @Test(arguments: allowed.keys.sorted())
  func importsOnlyWhatItMay(target: String) throws {
    let allowed = try #require(Self.allowed[target])
    let files = try Checkout.swiftFiles(below: target)
    #expect(!files.isEmpty, "\(target) has no sources")
    for file in files {
      for module in Checkout.imports(in: try String(contentsOf: file, encoding: .utf8)) {
        #expect(allowed.contains(module), "\(file.path) imports \(module), which \(target) may not")
      }
    }
  }

  @Test func everyTargetIsNamedHere() throws {
    let sources = try FileManager.default.contentsOfDirectory(atPath: Checkout.root.appending(path: "Sources").path)
    let systemLibraries: Set<String> = ["CCrypto", "CHTTP", "CLinux", "CNetlink", "CYAML"]
    for entry in Set(sources).subtracting(systemLibraries) where entry != "Plugins" {
      #expect(Self.allowed["Sources/\(entry)"] != nil, "Sources/\(entry) has no line in this test")
    }
    for plugin in try FileManager.default.contentsOfDirectory(
      atPath: Checkout.root.appending(path: "Sources/Plugins").path)
    {
      #expect(Self.allowed["Sources/Plugins/\(plugin)"] != nil, "Sources/Plugins/\(plugin) has no line in this test")
    }
  }

  /// The folders of PWCore in layers, the lowest first: a folder names no type that a higher layer declares.
  @Test func foldersOfTheCoreAreInLayers() throws {
    let layers = [
      "Values", "Events", "Site", "Keys", "Wire", "Messages", "Pseudowire", "Effects", "Reliable", "Status",
      "ControlConnection",
      "Session",
      "Engine", "Recording",
    ]
    let folders = try FileManager.default.contentsOfDirectory(
      atPath: Checkout.root.appending(path: "Sources/PWCore").path)
    #expect(Set(folders) == Set(layers), "a folder of PWCore is in no layer of this test")
    var declaredIn: [String: Set<String>] = [:]
    for folder in layers {
      for file in try Checkout.swiftFiles(below: "Sources/PWCore/\(folder)") {
        for name in Checkout.declaredTypes(in: try String(contentsOf: file, encoding: .utf8)) {
          declaredIn[name, default: []].insert(folder)
        }
      }
    }
    let homes = declaredIn.compactMapValues { $0.count == 1 ? $0.first : nil }
    for (layer, folder) in layers.enumerated() {
      for file in try Checkout.swiftFiles(below: "Sources/PWCore/\(folder)") {
        for word in Checkout.words(in: try String(contentsOf: file, encoding: .utf8)) {
          guard let home = homes[word], let other = layers.firstIndex(of: home) else { continue }
          #expect(other <= layer, "\(file.lastPathComponent) in \(folder) names \(word) of \(home), a higher layer")
        }
      }
    }
  }
}
