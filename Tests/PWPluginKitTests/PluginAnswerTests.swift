import PWCore
import PWPluginWire
import Testing

@Suite("A plugin's answers are checked before anything is done with them")
struct PluginAnswerTests {
  private static let question = PluginQuestion(
    owner: LinkOwner(tunnel: "berlin", pseudowire: "lan"),
    declaration: PseudowireDeclaration(
      name: "lan", type: .ethernet, remoteEndID: RemoteEndID(number: 1), interfaceName: "berlin-lan"),
    phase: .established, isPeerCircuitActive: true, pathMTUOctets: 1500, overheadOctets: 40)

  private func faultOf(_ line: String, payload: PseudowirePayload = .ethernet) -> String? {
    do throws(PluginFault) {
      _ = try PluginLine.response(line.utf8).answer(to: Self.question, payload: payload, bridges: ["br-lan"])
      return nil
    } catch {
      return error.description
    }
  }

  @Test(
    "links that no session may have",
    arguments: [
      (#"{"id":1}"#, "neither 'links' nor 'refuse'"),
      (#"{"id":1,"links":[]}"#, "exactly one"),
      (#"{"id":1,"links":[{"kind":"session"},{"kind":"session"}]}"#, "exactly one"),
      (#"{"id":1,"links":[{"kind":"session"},{"kind":"bridge-port","bridge":"br-other"}]}"#, "no bridge 'br-other'"),
      (#"{"id":1,"links":[{"kind":"session"},{"kind":"bridge-port"}]}"#, "'bridge' is missing"),
      (#"{"id":1,"links":[{"kind":"session"},{"kind":"point-to-point","member":"a b"}]}"#, "not an interface name"),
      (#"{"id":1,"links":[{"kind":"session"},{"kind":"vlan","port":"eth1","vlan":4095}]}"#, "1 to 4094"),
      (#"{"id":1,"links":[{"kind":"session"},{"kind":"vlan","port":"eth1","vlan":1,"tag":"isl"}]}"#, "802.1q"),
      (#"{"id":1,"links":[{"kind":"session"},{"kind":"trunk","port":"eth1","vlans":"7-3"}]}"#, "'vlans' is not a list"),
      (
        #"{"id":1,"links":[{"kind":"session"},{"kind":"vlan","port":"eth1","vlan":1,"priorities":{"8":1}}]}"#, "0 to 7"
      ),
      (#"{"id":1,"links":[{"kind":"session","addresses":["10.8.0.1"]}]}"#, "'10.8.0.1' is not an address with its"),
      (
        #"{"id":1,"links":[{"kind":"session","addresses":["10.8.0.1/8"]},{"kind":"bridge-port","bridge":"br-lan"}]}"#,
        "nobody would reach them"
      ),
      (
        #"{"id":1,"links":[{"kind":"session"},{"kind":"bridge-port","bridge":"br-lan","vlans":"0"}]}"#,
        "neither 'none' nor a list"
      ),
      (
        #"{"id":1,"links":[{"kind":"session"},{"kind":"bridge-port","bridge":"br-lan","untagged_vlan":"x"}]}"#,
        "neither \"none\" nor a number"
      ),
      (#"{"id":1,"links":[{"kind":"session","mtu":12}]}"#, "an MTU of 12"),
      (#"{"id":1,"links":[{"kind":"session","mtu":"wide"}]}"#, "neither \"carry\" nor a number"),
      (#"{"id":1,"links":[{"kind":"session"},{"kind":"wormhole"}]}"#, "kind 'wormhole'"),
      (
        #"{"id":1,"links":[{"kind":"session"},{"kind":"bridge-port","bridge":"br-lan"},{"kind":"point-to-point","member":"x"}]}"#,
        "can join one"
      ),
      (#"{"id":1,"links":{}}"#, "'links'"),
      (#"{"id":1,"links":"#, "not JSON"),
      (#"[]"#, "an object"),
    ])
  func nonsense(line: String, words: String) throws {
    let fault = try #require(faultOf(line))
    #expect(fault.contains(words), "\(fault)")
  }

  @Test(
    "a port of a bridge comes back with its VLANs",
    arguments: [
      nil, PortVLANs(tagged: VLANSet([10...10, 20...30])), PortVLANs(untagged: .none),
      PortVLANs(tagged: VLANSet([10...10]), untagged: .vlan(7)),
    ] as [PortVLANs?])
  func portVLANs(vlans: PortVLANs?) throws {
    let session = LinkRequest.session(.init(name: "berlin-lan", mtu: .carry, isUp: true))
    let port = LinkRequest.bridgePort(.init(link: "berlin-lan", bridge: "br-lan", vlans: vlans))
    var response = PluginResponse(id: 1)
    response.links = [session, port].map { PluginResponse.Link($0) }
    #expect(
      try response.answer(to: Self.question, payload: .ethernet, bridges: ["br-lan"]) == .links([session, port]))
  }

  @Test("an interface that stands alone comes back with its addresses")
  func addresses() throws {
    let addresses = ["10.8.0.1/30", "2001:db8::1/64"].compactMap { InterfaceAddress($0) }
    let request = LinkRequest.session(.init(name: "berlin-lan", mtu: .carry, isUp: true, addresses: addresses))
    var response = PluginResponse(id: 1)
    response.links = [PluginResponse.Link(request)]
    #expect(
      try response.answer(to: Self.question, payload: .ethernet, bridges: []) == .links([request]))
  }

  @Test("a PPP session has one link that ends here, and no interface of its own")
  func ppp() {
    let link = #"{"kind":"ppp","ppp":{"mtu":1400}}"#
    #expect(faultOf(#"{"id":1,"links":[\#(link)]}"#, payload: .ppp) == nil)
    for line in [
      #"{"id":1,"links":[]}"#, #"{"id":1,"links":[{"kind":"session"}]}"#, #"{"id":1,"links":[\#(link),\#(link)]}"#,
      #"{"id":1,"links":[\#(link),{"kind":"bridge-port","bridge":"br-lan"}]}"#, #"{"id":1,"links":[{"kind":"ppp"}]}"#,
      #"{"id":1,"links":[{"kind":"ppp","ppp":{"mtu":1}}]}"#,
      #"{"id":1,"links":[{"kind":"ppp","ppp":{"mtu":1400,"ipv4":{"local":"::1"}}}]}"#,
      #"{"id":1,"links":[{"kind":"ppp","ppp":{"mtu":1400,"credentials":{"name":"a b","secret_file":"/s"}}}]}"#,
      #"{"id":1,"links":[{"kind":"ppp","ppp":{"mtu":1400,"demand":{"method":"pap","secret_file":"/s"}}}]}"#,
      #"{"id":1,"links":[{"kind":"ppp","ppp":{"mtu":1400,"hooks":{"up":"run"}}}]}"#,
      #"{"id":1,"links":[{"kind":"ppp","ppp":{"mtu":1400,"echo":{"interval":0,"failures":1}}}]}"#,
    ] { #expect(faultOf(line, payload: .ppp) != nil, "\(line)") }
    #expect(faultOf(#"{"id":1,"links":[{"kind":"session"},\#(link)]}"#) != nil)
  }

  @Test("too many links")
  func many() {
    let link = #"{"kind":"session"}"#
    let line = #"{"id":1,"links":["# + Array(repeating: link, count: 17).joined(separator: ",") + "]}"
    #expect(faultOf(line)?.contains("at most 16") == true)
  }

  @Test(
    "identities that no plugin may have",
    arguments: [
      (#"{"id":1,"type":5,"payload":"ethernet"}"#, "no 'protocol'"),
      (#"{"id":1,"protocol":7,"type":5,"payload":"ethernet"}"#, "version 7 of the protocol, and this pwmgr speaks 1"),
      (#"{"id":1,"protocol":1,"payload":"ethernet"}"#, "no 'type'"),
      (#"{"id":1,"protocol":1,"type":0,"payload":"ethernet"}"#, "no 'type'"),
      (#"{"id":1,"protocol":1,"type":70000,"payload":"ethernet"}"#, "no 'type'"),
      (#"{"id":1,"protocol":1,"type":5}"#, "no 'payload'"),
      (#"{"id":1,"protocol":1,"type":6,"payload":"hdlc"}"#, "'hdlc': the kernel carries 'ethernet' and 'ppp'"),
      (#"{"id":1,"protocol":1,"type":5,"payload":"ethernet","options":[{"name":"A b"}]}"#, "not the name of an option"),
    ])
  func identities(line: String, words: String) throws {
    do throws(PluginFault) {
      _ = try PluginLine.response(line.utf8).identity()
      Issue.record("\(line) was taken")
    } catch {
      #expect(error.description.contains(words), "\(error)")
    }
  }

  @Test("any type number, and options that say no more than their name")
  func strangeTypes() throws {
    let line =
      #"{"id":1,"protocol":1,"type":65535,"payload":"ppp","options":[{"name":"speed"}],"verbs":["down","fly"]}"#
    let identity = try PluginLine.response(line.utf8).identity()
    #expect(identity.type.rawValue == 65535)
    #expect(identity.payload == .ppp)
    #expect(identity.options.map(\.name) == ["speed"])
    #expect(identity.verbs == [.down])
  }

  @Test("texts are shown on one line, without control characters, and cut")
  func texts() throws {
    let line =
      #"{"id":1,"problems":[{"message":"a\nb\u001b[31mc"},{"message":"\#(String(repeating: "x", count: 5000))"}]}"#
    let problems = try PluginLine.response(line.utf8).shownProblems()
    #expect(problems[0] == "a b [31mc")
    #expect(problems[1].utf8.count <= PluginProtocol.maximumTextOctets + 3)
  }
}
