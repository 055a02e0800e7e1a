import Foundation

/// A MACsec device above a session's interface, through iproute2.
struct MACsecDevice {
  /// Its name.
  let name: String
  private let below: String

  /// The device of a session's interface.
  init(below interface: String) {
    below = interface
    name = "ms-" + interface.suffix(12)
  }

  /// Whether the kernel can make one.
  static var isSupported: Bool {
    FileManager.default.fileExists(atPath: "/sys/module/macsec") || (try? Command.run("modprobe", "macsec")) != nil
  }

  func exists() throws -> Bool { FileManager.default.fileExists(atPath: "/sys/class/net/\(name)") }

  /// Makes it with the keys of both ends; what a failure leaves is removed.
  func make(_ options: MACsecOptions) throws {
    let (key, peerKey) = (try Self.key(options.keyFile), try Self.key(options.peerKeyFile))
    try Command.run("ip", "link", "add", "link", below, name, "type", "macsec", "sci", options.channel, "encrypt", "on")
    do {
      // Keys go through standard input: everybody can read a command line.
      try Command.run(
        "ip", "-batch", "-",
        input: """
          macsec add \(name) tx sa 0 pn 1 on key 01 \(key)
          macsec add \(name) rx sci \(options.peerChannel)
          macsec add \(name) rx sci \(options.peerChannel) sa 0 pn 1 on key 02 \(peerKey)
          link set \(name) up

          """)
    } catch {
      try? remove()
      throw error
    }
  }

  func join(_ bridge: String) throws { try Command.run("ip", "link", "set", name, "master", bridge) }

  /// Sets its MTU. pwmgr gives the interface below it the room that this needs, but may not have come to that yet.
  func setMTU(octets: Int, overheadOctets: Int) throws {
    try Command.run("ip", "link", "set", below, "mtu", String(octets + overheadOctets))
    try Command.run("ip", "link", "set", name, "mtu", String(octets))
  }

  func remove() throws { try Command.run("ip", "link", "del", name) }

  private static func key(_ path: String) throws -> String {
    let text = try String(contentsOfFile: path, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
    guard text.count == 32, text.allSatisfy({ $0.isHexDigit }) else {
      throw Failure("\(path) does not hold a key: 32 hexadecimal digits")
    }
    return text
  }
}

/// Why something could not be done, in words.
struct Failure: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// A program that is run and waited for.
enum Command {
  /// Runs it with what it reads on its standard input.
  ///
  /// - Throws: when it fails, with what it has written.
  static func run(_ arguments: String..., input: String = "") throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = arguments
    let (standardInput, output) = (Pipe(), Pipe())
    process.standardInput = standardInput
    process.standardOutput = output
    process.standardError = output
    try process.run()
    try standardInput.fileHandleForWriting.write(contentsOf: Data(input.utf8))
    try standardInput.fileHandleForWriting.close()
    let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(
        "'\(arguments.prefix(3).joined(separator: " "))' failed: \(said.trimmingCharacters(in: .whitespacesAndNewlines))"
      )
    }
  }
}
