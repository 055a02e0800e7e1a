import PWCore

extension MachineReader {
  /// More processes than are looked through for the owner of a socket.
  private static let maximumProcesses = 65_536
  /// More descriptors than are looked through of a process.
  private static let maximumDescriptors = 1 << 20

  /// Finds the sockets that have a port of the site, and whose they are.
  func readSockets(_ facts: inout MachineFacts) {
    guard !question.ports.isEmpty else { return }
    for path in ["/proc/net/udp", "/proc/net/udp6"] {
      let lines = (files.text(path) ?? "").split(separator: "\n").dropFirst()
      facts.sockets += lines.compactMap(Self.boundSocket).filter { question.ports.contains($0.port) }
    }
    guard !facts.sockets.isEmpty else { return }
    let owners = owners(of: Set(facts.sockets.map(\.inode)))
    for index in facts.sockets.indices {
      guard let process = owners[facts.sockets[index].inode] else { continue }
      facts.sockets[index].process = process
      facts.sockets[index].program = files.text("/proc/\(process)/comm").map { String($0.prefix { $0 != "\n" }) }
    }
  }

  /// A line of /proc/net/udp: the local address is its second word, the user the eighth, the inode the tenth.
  static func boundSocket(_ line: Substring) -> BoundSocket? {
    let words = line.split(separator: " ")
    guard words.count >= 10, let user = UInt32(words[7]), let inode = UInt64(words[9]) else { return nil }
    let parts = words[1].split(separator: ":")
    guard parts.count == 2, let port = UInt16(parts[1], radix: 16) else { return nil }
    return BoundSocket(address: address(parts[0]), port: port, inode: inode, user: user)
  }

  /// An address as the kernel prints it: words of 32 bits in the order of the processor; nil stands for any.
  private static func address(_ digits: Substring) -> IPAddress? {
    var words: [UInt32] = []
    var rest = digits
    while rest.count >= 8, let word = UInt32(rest.prefix(8), radix: 16) {
      words.append(word.byteSwapped)
      rest = rest.dropFirst(8)
    }
    guard words.contains(where: { $0 != 0 }) else { return nil }
    guard words.count == 4 else { return words.first.map(IPAddress.v4) }
    return .v6(
      high: UInt64(words[0]) << 32 | UInt64(words[1]), low: UInt64(words[2]) << 32 | UInt64(words[3]), zone: nil)
  }

  private func owners(of inodes: Set<UInt64>) -> [UInt64: Int32] {
    var owners: [UInt64: Int32] = [:]
    let targets = Dictionary(uniqueKeysWithValues: inodes.map { ("socket:[\($0)]", $0) })
    // The daemon first: with it all of them are found as a rule.
    let others = files.names(in: "/proc").compactMap { Int32($0) }.prefix(Self.maximumProcesses)
    for process in (question.daemon.map { [$0] } ?? []) + others {
      let folder = "/proc/\(process)/fd"
      for name in files.names(in: folder).prefix(Self.maximumDescriptors) {
        guard let inode = files.target(of: "\(folder)/\(name)").flatMap({ targets[$0] }) else { continue }
        owners[inode] = owners[inode] ?? process
      }
      if owners.count == inodes.count { break }
    }
    return owners
  }
}
