import PWCore
import Testing

@testable import pwmgr

/// Tunnels and pseudowires that an operator has put down.
struct PutDownTests {
  private static let site: Site = {
    var site = Site(name: "amsterdam", routerID: 1)
    for tunnel in ["berlin", "rome"] {
      var declaration = TunnelDeclaration(name: tunnel, peer: .any)
      declaration.pseudowires = ["lan", "dsl1", "dsl2"].map { name in
        var pseudowire = PseudowireDeclaration(
          name: name, type: .ethernet, remoteEndID: RemoteEndID(text: name), interfaceName: name)
        if name != "lan" { pseudowire.template = "dsl" }
        return pseudowire
      }
      site.tunnels.append(declaration)
    }
    return site
  }()

  private func subject(_ name: String) throws -> PutDown.Subject {
    try #require(PutDown.Subject(name, in: Self.site))
  }

  /// What is not carried out, as its operator names it.
  private func off(_ down: PutDown, in site: Site = site) -> [String] {
    down.applied(to: site).tunnels.flatMap { tunnel in
      (tunnel.disabled == nil ? [] : [tunnel.name])
        + tunnel.pseudowires.filter { $0.disabled != nil }.map { "\(tunnel.name)/\($0.name)" }
    }
  }

  @Test("names of tunnels, pseudowires and templates are found, and no others")
  func names() {
    for name in ["berlin", "berlin/lan", "rome/dsl1", "rome/dsl"] {
      #expect(PutDown.Subject(name, in: Self.site) != nil)
    }
    for name in ["", "/", "berlin/", "berlin/la", "lan", "paris/lan", "berlin/lan/x"] {
      #expect(PutDown.Subject(name, in: Self.site) == nil, "\(name)")
    }
  }

  @Test("each is down until it is put up, and no other one")
  func each() throws {
    var down = PutDown()
    #expect(down.applied(to: Self.site) == Self.site)
    down.insert(try subject("berlin/lan"))
    #expect(off(down) == ["berlin/lan"])
    down.insert(try subject("rome/dsl"))
    #expect(off(down) == ["berlin/lan", "rome/dsl1", "rome/dsl2"])
    // More of them, after a reload, are down as well.
    var larger = Self.site
    larger.tunnels[1].pseudowires.append(larger.tunnels[1].pseudowires[2])
    larger.tunnels[1].pseudowires[3].name = "dsl3"
    #expect(off(down, in: larger) == ["berlin/lan", "rome/dsl1", "rome/dsl2", "rome/dsl3"])
    down.remove(try subject("rome/dsl"))
    down.remove(try subject("berlin/lan"))
    // One of many, while it is set up anew.
    down.insert(try subject("rome/dsl1"))
    #expect(off(down) == ["rome/dsl1"])
    down.remove(try subject("rome/dsl1"))
    #expect(down.applied(to: Self.site) == Self.site)
  }

  @Test("a pseudowire that was put down by itself stays down when its tunnel is put up")
  func both() throws {
    var down = PutDown()
    down.insert(try subject("berlin/lan"))
    down.insert(try subject("berlin"))
    #expect(off(down) == ["berlin", "berlin/lan"])
    let dsl = try subject("berlin/dsl")
    #expect(down.contains(dsl) && down.hasTunnel(of: dsl))
    down.remove(try subject("berlin"))
    let (berlin, lan) = (try subject("berlin"), try subject("berlin/lan"))
    #expect(off(down) == ["berlin/lan"] && down.names(in: berlin) == ["berlin/lan"])
    #expect(!down.contains(berlin) && down.contains(lan))
  }

  @Test("the site file's own word stays, and is told apart")
  func siteFile() throws {
    var site = Self.site
    site.tunnels[0].disabled = .siteFile
    site.tunnels[1].pseudowires[0].disabled = .siteFile
    var down = PutDown()
    for name in ["berlin", "rome/lan"] { down.insert(try subject(name)) }
    #expect(down.applied(to: site) == site)
    #expect(try #require(PutDown.Subject("berlin/lan", in: site)).isDisabledInFile)
    #expect(try #require(PutDown.Subject("rome/lan", in: site)).isDisabledInFile)
    #expect(try !#require(PutDown.Subject("rome/dsl", in: site)).isDisabledInFile)
  }
}
