import FoundationEssentials

/// Two hosts, two customer stations and the wires between them, as network namespaces:
///
/// ```
///  alice ---- eth1 amsterdam eth0 ==== eth0 berlin eth1 ---- bob
///  10.0.0.1        192.0.2.1             192.0.2.2           10.0.0.2
/// ```
struct DemoNetwork {
  /// The namespaces, by what they stand for.
  enum Host: String, CaseIterable {
    case amsterdam, berlin, alice, bob
  }

  private let suffix: String

  init(processID: Int32) {
    suffix = "\(processID)"
  }

  /// The namespace of a host.
  func namespace(of host: Host) -> String {
    "pwdemo-\(host.rawValue)-\(suffix)"
  }

  /// Words that run a command in a host.
  func inside(_ host: Host, _ words: [String]) -> [String] {
    ["ip", "netns", "exec", namespace(of: host)] + words
  }

  /// Runs a command line in a host, and throws what it said if it fails.
  func require(_ host: Host, _ line: String) throws {
    try Command.require("ip netns exec \(namespace(of: host)) \(line)")
  }

  /// Makes the namespaces, the links between them, and their addresses.
  func build() throws {
    for host in Host.allCases {
      try Command.require("ip netns add \(namespace(of: host))")
      try require(host, "ip link set lo up")
    }
    try wire(.amsterdam, "eth0", .berlin, "eth0")
    try wire(.alice, "eth0", .amsterdam, "eth1")
    try wire(.bob, "eth0", .berlin, "eth1")
    try require(.amsterdam, "ip address add 192.0.2.1/24 dev eth0")
    try require(.berlin, "ip address add 192.0.2.2/24 dev eth0")
    for (station, address) in [(Host.alice, 1), (.bob, 2)] {
      try require(station, "ip address add 10.0.0.\(address)/24 dev eth0")
      try require(station, "ip link add link eth0 name eth0.100 type vlan id 100", unless: !Self.machineHasVLAN)
      try require(station, "ip address add 10.0.100.\(address)/24 dev eth0.100", unless: !Self.machineHasVLAN)
      try require(station, "ip link set eth0.100 up", unless: !Self.machineHasVLAN)
    }
  }

  /// Removes everything, whatever is there of it.
  func remove() {
    for host in Host.allCases { Command.run(["ip", "netns", "delete", namespace(of: host)]) }
  }

  /// Links of a host that are neither its wires nor its loopback.
  func extraLinks(of host: Host) -> [String] {
    Command.run(inside(host, ["ip", "-o", "link", "show"])).output.split(separator: "\n").compactMap { line in
      // Each link begins with its number; whatever else `ip` complains of is not a link.
      guard line.first?.isNumber == true else { return nil }
      let name = line.split(separator: ":").dropFirst().first?.split(separator: "@").first
      return name.map { String($0.drop { $0 == " " }) }
    }.filter { !["lo", "eth0", "eth1"].contains($0) && !$0.hasPrefix("eth0.") }
  }

  /// Whether the machine's kernel has 802.1Q links: the demonstration says so where it has not.
  static let machineHasVLAN: Bool = {
    // On a link of its own, as the loopback takes no tags on any kernel.
    let probe = "pwdemovlan"
    guard Command.run(["ip", "link", "add", probe, "type", "bridge"]).isSuccess else { return false }
    defer { Command.run(["ip", "link", "delete", probe]) }
    return Command.run(["ip", "link", "add", "link", probe, "name", "\(probe).1", "type", "vlan", "id", "1"]).isSuccess
  }()

  private func wire(_ one: Host, _ oneName: String, _ other: Host, _ otherName: String) throws {
    try Command.require(
      "ip link add \(oneName) netns \(namespace(of: one)) type veth peer name \(otherName) netns \(namespace(of: other))"
    )
    try require(one, "ip link set \(oneName) up")
    try require(other, "ip link set \(otherName) up")
  }

  private func require(_ host: Host, _ line: String, unless isLeftOut: Bool) throws {
    guard !isLeftOut else { return }
    try require(host, line)
  }
}
