import PWCore

/// How what this pwmgr has made is told from everybody else's: the text of IFLA_IFALIAS, which `ip link` shows.
public struct LinkMark: Equatable, Sendable {
  /// The name of the site that made the link.
  public var site: String
  /// Which of several pwmgr of that site on this machine; the same after a restart.
  public var instance: String
  /// The site's Router ID: the MAC addresses of two sites differ though both have one name.
  public var routerID: UInt32

  /// A mark; the names are without blanks.
  public init(site: String, instance: String, routerID: UInt32 = 0) {
    self.site = site
    self.instance = instance
    self.routerID = routerID
  }

  /// The beginning of every mark, of whichever site.
  private static let beginning = "pwmgr site="
  /// The beginning of every mark of this instance.
  var prefix: String { "\(Self.beginning)\(site) instance=\(instance) " }

  /// The name of the site whose mark an alias is; nil where it is not a mark.
  public static func site(inAlias alias: String) -> String? {
    guard alias.hasPrefix(beginning) else { return nil }
    return String(alias.dropFirst(beginning.count).prefix { $0 != " " })
  }

  /// The mark of a session's interface.
  func alias(of owner: LinkOwner) -> String { prefix + "owner=\(owner.tunnel)/\(owner.pseudowire)" }

  /// The mark of a bridge that was created.
  var bridgeAlias: String { prefix + "bridge" }

  /// The MAC address of a bridge that was created: `02:…`, the same after every start.
  func address(ofBridge name: String) -> MACAddress {
    MACAddress(derivedFrom: [site, String(routerID), instance, "bridge", name], first: 0x02)
  }

  /// The MAC address of a session's interface, the same each time that it is made, and not the one at the other end,
  /// whose site has another name or Router ID. `fe:…` is above the addresses of cards, so that a bridge that takes its
  /// lowest port's keeps its own.
  func address(of owner: LinkOwner) -> MACAddress {
    MACAddress(
      derivedFrom: [site, String(routerID), instance, "pseudowire", owner.tunnel, owner.pseudowire], first: 0xFE)
  }

  /// Whether an alias is this instance's.
  func matches(_ alias: String?) -> Bool { alias?.hasPrefix(prefix) ?? false }
}
