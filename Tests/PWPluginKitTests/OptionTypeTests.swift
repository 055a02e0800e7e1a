import PWCore
import PWPluginWire
import Testing

/// Types of options on their way from a plugin to pwmgr.
struct OptionTypeTests {
  private func identity(_ option: String) throws(PluginFault) -> PluginIdentity {
    let line = #"{"id":1,"protocol":1,"type":5,"payload":"ethernet","options":[\#(option)]}"#
    return try PluginLine.response(line.utf8).identity()
  }

  private func form(_ type: String) throws(PluginFault) -> ValueForm? {
    try identity(#"{"name":"limit","type":\#(type)}"#).options.first?.form
  }

  @Test(
    "Every form arrives as it was sent",
    arguments: [
      .text, .number(1...300), .duration(.milliseconds(500) ... .seconds(60), orZero: true), .choice(["red", "blue"]),
      .boolean, .path, .list(.number(0...9)),
    ] as [ValueForm])
  func roundTrip(form: ValueForm) throws {
    var response = PluginResponse(id: 1)
    (response.protocol, response.type, response.payload) = (1, 5, "ethernet")
    response.options = [.init(KeyDescription("limit", "words", absent: nil, change: .session, "What for.", form: form))]
    let identity = try PluginLine.response(PluginLine.octets(of: response).dropLast()).identity()
    #expect(
      identity.options == [KeyDescription("limit", "words", absent: nil, change: .session, "What for.", form: form)])
  }

  @Test("They are written as the protocol's page has them")
  func written() throws {
    #expect(try form(#"{"kind":"number","minimum":1,"maximum":300}"#) == .number(1...300))
    #expect(
      try form(#"{"kind":"duration","minimum":"1s","maximum":"1h","zero":true}"#)
        == .duration(.seconds(1) ... .seconds(3600), orZero: true))
    #expect(try form(#"{"kind":"enum","values":["red","blue"]}"#) == .choice(["red", "blue"]))
    #expect(try form(#"{"kind":"list","of":{"kind":"path"}}"#) == .list(.path))
  }

  @Test("A plugin without types goes on working, and so does one with a member of that name, or a newer kind")
  func compatibility() throws {
    #expect(
      try identity(#"{"name":"limit","absent":"none"}"#).options == [
        KeyDescription("limit", "text", absent: "none", change: .session, "")
      ])
    for type in [#""string""#, #"{"kind":"colour","depth":24}"#, "null", #"{"kind":"list","of":{"kind":"colour"}}"#] {
      #expect(try form(type) == nil, "\(type)")
    }
  }

  @Test("Without words of its own an option has those of its type")
  func words() throws {
    let options = try identity(#"{"name":"limit","type":{"kind":"number","minimum":1,"maximum":9}}"#).options
    #expect(options.map(\.value) == ["number, 1 to 9"])
  }

  @Test(
    "Types that no value could be of",
    arguments: [
      (
        #"{"kind":"number","minimum":9,"maximum":1}"#,
        "a number from 9 to 1: 'minimum' is 0 or more, and not above 'maximum'"
      ),
      (#"{"kind":"enum","values":[]}"#, "0 'values': 1 to 256 are allowed"),
      (
        #"{"kind":"duration","minimum":"1h","maximum":"1s"}"#, "a duration whose 'minimum' is above its 'maximum'"
      ),
      (#"{"kind":"duration","minimum":"1","maximum":"1s"}"#, "'1' has no unit; write '1s' or '1ms'"),
      (
        #"{"kind":"list","of":{"kind":"list","of":{"kind":"text"}}}"#,
        "a list of lists: its values are of any other kind"
      ),
    ])
  func impossible(type: String, reason: String) {
    #expect(throws: PluginFault("the type of its option 'limit' is \(reason)")) { try form(type) }
  }

  @Test("A type without what its kind needs cannot be read, and where is said")
  func incomplete() {
    #expect(throws: PluginFault("'options.0.type' has no 'maximum'")) { try form(#"{"kind":"number","minimum":1}"#) }
    #expect(throws: PluginFault.self) { try form(#"{"kind":"number","minimum":"1","maximum":2}"#) }
  }
}
