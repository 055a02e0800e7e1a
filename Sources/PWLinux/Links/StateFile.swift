import CLinux
import Glibc

/// The changes to things that we found and cannot mark: written before the change, so that a run that was killed leaves
/// a true account for the next one.
struct StateEntries: Equatable, Sendable {
  /// The changes that we made to a bridge.
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
  /// The changes for each VLAN of a port, by the VLAN's place.
  var vlans: [VLANPlace: VLANRecord] = [:]

  /// How many there are.
  var count: Int { members.count + bridges.count + vlans.count }
}

// MARK: - As text

extension StateEntries {
  /// One fact a line: readable, and a line that makes no sense is passed over. Of two lines about one thing the later
  /// counts.
  var text: String {
    let bridges = bridges.sorted { $0.key < $1.key }.map { StateEntries.line(.bridge($0.key, $0.value)) }
    let members = members.sorted { $0.key < $1.key }.map { StateEntries.line(.member($0.key, $0.value)) }
    let vlans = vlans.map { StateEntries.line(.vlan($0.key, $0.value)) }.sorted()
    return (bridges + members + vlans).joined()
  }

  /// A change as a line, its end included.
  static func line(_ change: StateChange) -> String {
    var words: [String]
    switch change {
    case .bridge(let name, nil): words = ["bridge", name, "gone"]
    case .member(let name, nil): words = ["member", name, "gone"]
    case .vlan(let place, let record): words = StateEntries.words(place, record)
    case .bridge(let name, let bridge?):
      words = ["bridge", name, "index=\(bridge.index)"]
      if bridge.isCreated { words.append("created") }
      if let address = bridge.address { words.append("address=\(StateFile.text(of: address))") }
      if bridge.wasRaised { words.append("raised") }
      if let former = bridge.formerSpanningTree { words.append("former-stp=\(former ? 1 : 0)") }
    case .member(let name, let member?):
      words = ["member", name, "index=\(member.index)"]
      if let bridge = member.bridge { words.append("bridge=\(bridge)") }
      if member.wasRaised { words.append("raised") }
      if member.isHeldDown { words.append("held-down") }
      if member.isPromiscuous { words.append("promiscuous") }
      if let target = member.redirect { words.append("redirect=\(target)") }
      if member.carriesVLANs { words.append("vlans") }
      if member.mayOwnHook { words.append("hook") }
    }
    return words.joined(separator: " ") + "\n"
  }

  /// Reads what ``text`` and ``line(_:)`` wrote; a last line without an end, or one that makes no sense, is passed
  /// over.
  init(text: String) {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    lines.removeLast()
    for line in lines {
      let words = line.split(separator: " ")
      guard words.count >= 3 else { continue }
      if words[0] == "vlan" {
        takeVLAN(words)
        continue
      }
      let name = String(words[1])
      let facts = Facts(words.dropFirst(2))
      guard let index = facts.number("index") else {
        guard words.count == 3, facts.has("gone") else { continue }
        if words[0] == "bridge" { bridges[name] = nil }
        if words[0] == "member" { members[name] = nil }
        continue
      }
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
          redirect: facts.number("redirect"), carriesVLANs: facts.has("vlans"), mayOwnHook: facts.has("hook"))
      case _: continue
      }
    }
  }

  /// The words of a line behind the name.
  struct Facts {
    private var values: [Substring: Substring] = [:]

    init(_ words: ArraySlice<Substring>) {
      for word in words {
        let parts = word.split(separator: "=", maxSplits: 1)
        if let key = parts.first { values[key] = parts.count == 2 ? parts[1] : "" }
      }
    }

    func has(_ key: Substring) -> Bool { values[key] != nil }
    func text(_ key: Substring) -> Substring? { values[key] }
    func octets(_ key: Substring) -> [UInt8]? {
      values[key].map { $0.split(separator: ":").compactMap { UInt8($0, radix: 16) } }
    }
    func number(_ key: Substring) -> Int32? { values[key].flatMap { Int32($0) } }
  }
}

/// A change of one entry; without a value the entry goes.
enum StateChange: Equatable, Sendable {
  case bridge(String, StateEntries.BridgeEntry?)
  case member(String, MemberRecord?)
  case vlan(VLANPlace, VLANRecord?)
}

extension StateEntries {
  /// The entries with a change.
  mutating func apply(_ change: StateChange) {
    switch change {
    case .bridge(let name, let entry): bridges[name] = entry
    case .member(let name, let record): members[name] = record
    case .vlan(let place, let record): vlans[place] = record
    }
  }

  /// Whether a change changes nothing.
  func has(_ change: StateChange) -> Bool {
    switch change {
    case .bridge(let name, let entry): bridges[name] == entry
    case .member(let name, let record): members[name] == record
    case .vlan(let place, let record): vlans[place] == record
    }
  }
}

// MARK: - As a file

/// The state file, locked while its owner lives. A change is a line at its end, which counts for more than those before
/// it; at the start, and when most of its lines are out of date, it is replaced whole.
final class StateFile {
  /// Lines out of date before the file is replaced, besides as many as there are entries.
  private static let spareLines = 256

  private let folder: OwnFolder
  private let name: String
  private let header: String
  private let lock: Descriptor
  private var file: Descriptor?
  private var lines = 0
  private(set) var entries: StateEntries
  /// Whether the run before this one did not come to the end where it removes the file.
  let followsCrash: Bool

  /// Opens the state file and reads what an earlier run left.
  ///
  /// - Parameters:
  ///   - path: an absolute path on a file system that a reboot empties, as the links are.
  ///   - mark: whose it is.
  init(path: String, mark: LinkMark) throws(SystemError) {
    let parts = path.split(separator: "/")
    name = parts.last.map { String($0) } ?? ""
    folder = try OwnFolder(path: "/" + parts.dropLast().joined(separator: "/"))
    header = "pwmgr-journal 1 netns=\(StateFile.namespace) \(mark.prefix)"
    // The lock alone is also what a start leaves behind that has failed.
    followsCrash = folder.has(name)
    lock = try folder.open(name + ".lock", O_RDWR | O_CREAT)
    guard flock(lock.rawValue, LOCK_EX | LOCK_NB) == 0 else {
      throw SystemError.last("lock \(path).lock: another pwmgr of this site and instance is running")
    }
    let text = try StateFile.read(name, in: folder) ?? ""
    let end = text.firstIndex(of: "\n") ?? text.startIndex
    // Another namespace's links are out of reach, and other links have their indexes here.
    let isOurs = text[..<end] == header
    entries = StateEntries(text: isOurs ? String(text[end...].dropFirst()) : "\n")
  }

  /// The folder of its file.
  var folderPath: String { folder.path }
  /// Where its file is.
  var path: String { folder.path + "/" + name }

  /// Changes an entry, in the file first.
  ///
  /// - Returns: whether there was anything to change.
  @discardableResult
  func write(_ change: StateChange) throws(SystemError) -> Bool {
    guard !entries.has(change) else { return false }
    if let file, lines < 2 * entries.count + StateFile.spareLines {
      do throws(SystemError) {
        try append(StateEntries.line(change), to: file)
      } catch {
        // A line that is half there must not become the beginning of the next one.
        self.file = nil
        throw error
      }
      entries.apply(change)
    } else {
      var changed = entries
      changed.apply(change)
      try replace(changed)
    }
    return true
  }

  private func append(_ line: String, to file: Descriptor) throws(SystemError) {
    try file.write(line.utf8, "write \(folder.path)/\(name)")
    lines += 1
  }

  /// Replaces the file, so that it is never half written, and appends to the new one from now on.
  private func replace(_ entries: StateEntries) throws(SystemError) {
    let temporary = name + ".new"
    folder.remove(temporary)
    let file = try folder.open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_APPEND)
    try file.write((header + "\n" + entries.text).utf8, "write \(folder.path)/\(temporary)")
    try folder.rename(temporary, to: name)
    lines = entries.count
    self.file = file
    self.entries = entries
  }

  /// Removes the file: nothing is left to undo.
  func remove() {
    file = nil
    folder.remove(name)
    folder.remove(name + ".lock")
    entries = StateEntries()
  }

  /// A MAC address in its usual form.
  static func text(of address: [UInt8]) -> String {
    address.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: ":")
  }

  /// Which network namespace this is.
  static var namespace: UInt64 {
    var status = stat()
    return stat("/proc/thread-self/ns/net", &status) == 0 ? UInt64(status.st_ino) : 0
  }

  private static func read(_ name: String, in folder: OwnFolder) throws(SystemError) -> String? {
    let file: Descriptor
    do throws(SystemError) {
      file = try folder.open(name, O_RDONLY)
    } catch {
      guard error.code == ENOENT else { throw error }
      return nil
    }
    var octets: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = Glibc.read(file.rawValue, &buffer, buffer.count)
      guard count > 0 else { return String(decoding: octets, as: UTF8.self) }
      octets += buffer[..<count]
    }
  }
}
