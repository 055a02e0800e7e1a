import EthernetPlugin
import Testing

@testable import PWConfig

/// The page on moving has a whole text of each program, which a scenario imports; here is what is odd.
@Suite("Tunnels in other programs' words") struct ForeignConfigurationTests {
  private func lines(_ text: String, _ source: ForeignConfiguration.Source, otherEnd: Bool = false) throws -> [String] {
    let found = try #require(ForeignConfiguration(text: text))
    #expect(found.source == source)
    let made = (otherEnd ? found.ofOtherEnd : found).siteFile(named: "a", routerID: nil)
    return made.split(separator: "\n").map { $0.trimmingPrefix { $0 == " " } }.map(String.init)
  }

  private func remarks(_ text: String) throws -> [String] {
    try #require(ForeignConfiguration(text: text)).remarks.map { "\($0.line.map(String.init) ?? "-"): \($0.text)" }
  }

  @Test("a script may have comments, sudo, paths, several commands in a line, quotation marks and CRLF")
  func script() throws {
    let text = """
      #!/bin/sh
      # ip l2tp add tunnel tunnel_id 9
      sudo /sbin/ip -6 l2tp add tunnel tunnel_id 1 peer_tunnel_id 2 encap ip local "2001:db8::1" remote 2001:db8::2 \r
      ip l2tp add session name 'l0' tunnel_id 1 session_id 3 peer_session_id 4 l2spec_type none && ip link set dev l0 up mtu 1400; brctl addif br0 l0
      brctl addif br0 eth1 # the LAN
      ip addr add 10.0.0.1/24 dev br0
      """
    let lines = try lines(text, .ipRoute)
    for line in [
      "local: \"2001:db8::1\"", "peer: \"2001:db8::2\"", "encapsulation: ip", "connection-ids: {local: 1, peer: 2}",
      "session-ids: {local: 3, peer: 4}", "sublayer: none", "interface: l0", "bridge: br0", "mtu: 1400",
      "members: [eth1]", "addresses: [10.0.0.1/24]", "router-id: 1 # TODO: any number that no other site has",
    ] { #expect(lines.contains(line), "\(line)") }
    #expect(try remarks(text) == [])
  }

  @Test("what a script says that cannot be imported is named by its line")
  func leftOut() throws {
    let text = """
      ip l2tp add tunnel tunnel_id 1 peer_tunnel_id 2 local 192.0.2.1 remote 192.0.2.2 udp_csum on
      ip l2tp add tunnel tunnel_id $ID peer_tunnel_id 2 local 192.0.2.1 remote 192.0.2.2
      ip l2tp add session tunnel_id 7 session_id 1 peer_session_id 1
      ip netns exec a ip l2tp add session tunnel_id 1 session_id 1 peer_session_id 1
      """
    #expect(
      try remarks(text) == [
        "1: 'udp_csum' is left out: pwmgr has nothing for it",
        "2: it has a variable of the shell: write its value there, and import again",
        "3: there is no tunnel 7 before this session", "4: 'ip netns' is not read: give the commands of one machine",
      ])
  }

  @Test("cookies and ports of the other end are the other way round, and its links are not known")
  func otherEnd() throws {
    let text = """
      ip l2tp add tunnel tunnel_id 1 peer_tunnel_id 2 local 192.0.2.1 remote 192.0.2.2 udp_sport 5 udp_dport 6
      ip l2tp add session name l0 tunnel_id 1 session_id 3 peer_session_id 4 cookie 00000001 peer_cookie 00000002
      ip link set l0 master br0
      """
    let lines = try lines(text, .ipRoute, otherEnd: true)
    for line in [
      "local: 192.0.2.2", "peer: 192.0.2.1", "connection-ids: {local: 2, peer: 1}", "local-port: 6", "peer-port: 5",
      "session-ids: {local: 4, peer: 3}", "cookies: {local: \"00000001\", peer: \"00000002\"}",
      "# TODO: say what it is joined to: 'bridge', 'member' or 'addresses'",
    ] { #expect(lines.contains(line), "\(line)") }
    #expect(!lines.contains { $0.hasPrefix("bridge") || $0.hasPrefix("interface") })
  }

  @Test("RouterOS: values in quotation marks, lines that are broken, interfaces that are not in unmanaged mode")
  func routerOS() throws {
    let text = """
      /interface l2tp-ether
      add connect-to=192.0.2.2 local-session-id=3 local-tunnel-id=1 name="my l2tp" comment="to \\"B\\"" remote-sessi\\
          on-id=4 remote-tunnel-id=2 unmanaged-mode=yes
      add connect-to=192.0.2.3 name=other circuit-id=77
      /interface l2tp-ether add connect-to=192.0.2.2 local-session-id=5 local-tunnel-id=1 name=second \
      remote-session-id=6 remote-tunnel-id=2 unmanaged-mode=yes use-l2-specific-sublayer=yes disabled=yes
      """
    let lines = try lines(text, .routerOS)
    for line in [
      "my-l2tp:", "interface: my-l2tp", "description: \"to \\\"B\\\"\"", "session-ids: {local: 3, peer: 4}",
      "sublayer: none # TODO: 'default', if 'use-l2-specific-sublayer' is on at the router",
      "session-ids: {local: 5, peer: 6}", "sublayer: default", "enabled: false",
    ] { #expect(lines.contains(line), "\(line)") }
    #expect(lines.filter { $0.hasPrefix("tunnel-") } == ["tunnel-1:"], "both are of one tunnel")
    #expect(try remarks(text).map { $0.prefix(34) } == ["4: other is not in unmanaged mode:"])
  }

  @Test("VyOS: older names of keys, the usual ports, and a key that pwmgr has nothing for")
  func vyOS() throws {
    let text = """
      set interfaces l2tpv3 l2tpeth0 local-ip '192.0.2.1'
      set interfaces l2tpv3 l2tpeth0 remote-ip '192.0.2.2'
      set interfaces l2tpv3 l2tpeth0 tunnel-id '1'
      set interfaces l2tpv3 l2tpeth0 vrf 'blue'
      set interfaces l2tpv3 l2tpeth0 address '10.0.0.1/30'
      """
    let lines = try lines(text, .vyOS)
    for line in [
      "local: 192.0.2.1", "peer: 192.0.2.2", "local-port: 5000", "peer-port: 5000", "addresses: [10.0.0.1/30]",
      "connection-ids: {local: 1, peer: \"\"}",
    ] { #expect(lines.contains(line), "\(line)") }
    #expect(try remarks(text) == ["4: 'vrf' of l2tpeth0 is left out: pwmgr has nothing for it"])
  }

  @Test("networkd: an address that it chooses, and names that are there twice")
  func networkd() throws {
    let text = """
      [L2TP]
      TunnelId = 1
      PeerTunnelId=2
      Local=dynamic@eth0
      Remote=192.0.2.2
      UDPSourcePort=4000
      [L2TPSession]
      Name=same
      SessionId=3
      PeerSessionId=4
      [L2TPSession]
      Name=same
      SessionId=5
      PeerSessionId=6
      """
    let lines = try lines(text, .networkd)
    #expect(
      lines.contains("# TODO: networkd chooses the local address ('dynamic@eth0'); here the route to the peer does"))
    #expect(lines.contains("local-port: 4000"))
    #expect(lines.contains("same:") && lines.contains("same-2:"))
    #expect(!lines.contains { $0.hasPrefix("local: ") })
  }

  @Test("whatever a text has, no line of the site file is its own", arguments: ["\u{85}", "\u{2028}", "\t", "\u{7}"])
  func lineBreaks(_ odd: String) throws {
    let text = """
      set interfaces l2tpv3 l2tpeth0 description 'one\(odd)site: two'
      set interfaces l2tpv3 l2tpeth0 remote '\(odd)192.0.2.2'
      """
    let found = try #require(ForeignConfiguration(text: text))
    let made = found.siteFile(named: "a", routerID: "1")
    #expect(made.contains("description: \"onesite: two\""))
    #expect(made.split(separator: "\n").filter { $0.hasPrefix("site:") }.count == 1)
  }

  @Test("a text of none of them is none", arguments: ["", "hello", "ip link set eth0 up", "[Match]\nName=eth0"])
  func none(_ text: String) {
    #expect(ForeignConfiguration(text: text) == nil)
  }
}
