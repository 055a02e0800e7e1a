import CLinux
import Glibc

/// What was changed of things that we found and cannot mark: written before the change, so that a run that was killed leaves a
/// true account for the next one.
struct JournalEntries: Equatable, Sendable {
  /// What was done to a bridge.
  struct BridgeEntry: Equatable, Sendable {
    /// Which link it was; 0 while it is being made.
    var index: Int32
    /// Whether we made it.
    var isCreated = false
    /// The MAC address that we gave it: tells it from somebody else's before it carries our mark.
    var address: [UInt8]?
    /// Whether it was down before us.
    var wasRaised = false
    /// The spanning tree as it was before we changed it.
    var formerSpanningTree: Bool?
  }

  /// By the member's name.
  var members: [String: MemberRecord] = [:]
  /// By the bridge's name.
  var bridges: [String: BridgeEntry] = [:]
}

// MARK: - As text

extension JournalEntries {
  /// One fact a line: readable, and a line that makes no sense is passed over.
  var text: String {
    var lines: [String] = []
    for (name, bridge) in bridges.sorted(by: { $0.key < $1.key }) {
      var words = ["bridge", name, "index=\(bridge.index)"]
      if bridge.isCreated { words.append("created") }
      if let address = bridge.address { words.append("address=\(Journal.text(of: address))") }
      if bridge.wasRaised { words.append("raised") }
      if let former = bridge.formerSpanningTree { words.append("former-stp=\(former ? 1 : 0)") }
      lines.append(words.joined(separator: " "))
    }
    for (name, member) in members.sorted(by: { $0.key < $1.key }) {
      var words = ["member", name, "index=\(member.index)"]
      if let bridge = member.bridge { words.append("bridge=\(bridge)") }
      if member.wasRaised { words.append("raised") }
      if member.isHeldDown { words.append("held-down") }
      if member.isPromiscuous { words.append("promiscuous") }
      if let target = member.redirect { words.append("redirect=\(target)") }
      if member.mayOwnHook { words.append("hook") }
      lines.append(words.joined(separator: " "))
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// Reads what ``text`` wrote; a last line without an end, or one that makes no sense, is passed over.
  init(text: String) {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    lines.removeLast()
    for line in lines {
      let words = line.split(separator: " ")
      guard words.count >= 3 else { continue }
      let name = String(words[1])
      let facts = Facts(words.dropFirst(2))
      guard let index = facts.number("index") else { continue }
      switch words[0] {
      case "bridge":
        bridges[name] = BridgeEntry(
          index: index, isCreated: facts.has("created"), address: facts.octets("address"),
          wasRaised: facts.has("raised"),
          formerSpanningTree: facts.number("former-stp").map { $0 != 0 })
      case "member":
        members[name] = MemberRecord(
          index: index, bridge: facts.number("bridge"), wasRaised: facts.has("raised"),
          isHeldDown: facts.has("held-down"), isPromiscuous: facts.has("promiscuous"),
          redirect: facts.number("redirect"), mayOwnHook: facts.has("hook"))
      case _: continue
      }
    }
  }

  /// The words of a line behind the name.
  private struct Facts {
    private var values: [Substring: Substring] = [:]

    init(_ words: ArraySlice<Substring>) {
      for word in words {
        let parts = word.split(separator: "=", maxSplits: 1)
        if let key = parts.first { values[key] = parts.count == 2 ? parts[1] : "" }
      }
    }

    func has(_ key: Substring) -> Bool { values[key] != nil }
    func octets(_ key: Substring) -> [UInt8]? {
      values[key].map { $0.split(separator: ":").compactMap { UInt8($0, radix: 16) } }
    }
    func number(_ key: Substring) -> Int32? { values[key].flatMap { Int32($0) } }
  }
}

// MARK: - As a file

/// The journal's file: replaced whole at each change, so that it is never half written, and locked while its owner lives.
final class Journal {
  private let path: String
  private let header: String
  private let lock: Descriptor
  private(set) var entries: JournalEntries

  /// Opens the journal and reads what an earlier run left.
  ///
  /// - Parameters:
  ///   - path: an absolute path on a file system that a reboot empties, as the links are.
  ///   - mark: whose it is.
  init(path: String, mark: LinkMark) throws(SystemError) {
    self.path = path
    header = "pwmgr-journal 1 netns=\(Journal.namespace) \(mark.prefix)"
    Journal.makeDirectories(above: path)
    lock = try Descriptor.checked(
      open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600), "open \(path).lock")
    guard flock(lock.rawValue, LOCK_EX | LOCK_NB) == 0 else {
      throw SystemError.last("lock \(path).lock: another pwmgr of this site and instance is running")
    }
    let text = Journal.read(path) ?? ""
    let end = text.firstIndex(of: "\n") ?? text.startIndex
    // Another namespace's links are out of reach, and other links have their indexes here.
    let isOurs = text[..<end] == header
    entries = JournalEntries(text: isOurs ? String(text[end...].dropFirst()) : "\n")
  }

  /// Replaces the entries, in the file first.
  func write(_ entries: JournalEntries) throws(SystemError) {
    guard entries != self.entries else { return }
    let temporary = path + ".new"
    do {
      let file = try Descriptor.checked(
        open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600), "open \(temporary)")
      let octets = Array((header + "\n" + entries.text).utf8)
      guard Glibc.write(file.rawValue, octets, octets.count) == octets.count else {
        throw SystemError.last("write \(temporary)")
      }
    }
    guard rename(temporary, path) == 0 else { throw SystemError.last("rename \(temporary) to \(path)") }
    self.entries = entries
  }

  /// Removes the file: nothing is left to undo.
  func remove() {
    unlink(path)
    unlink(path + ".lock")
    entries = JournalEntries()
  }

  /// A MAC address in its usual form.
  fileprivate static func text(of address: [UInt8]) -> String {
    address.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
  }

  private static var namespace: UInt64 {
    var status = stat()
    return stat("/proc/thread-self/ns/net", &status) == 0 ? UInt64(status.st_ino) : 0
  }

  private static func makeDirectories(above path: String) {
    let parts = path.split(separator: "/").dropLast()
    var directory = ""
    for part in parts {
      directory += "/" + part
      mkdir(directory, 0o755)
    }
  }

  private static func read(_ path: String) -> String? {
    let number = open(path, O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { return nil }
    let file = Descriptor(owning: number)
    var octets: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = Glibc.read(file.rawValue, &buffer, buffer.count)
      guard count > 0 else { return String(decoding: octets, as: UTF8.self) }
      octets += buffer[..<count]
    }
  }
}
