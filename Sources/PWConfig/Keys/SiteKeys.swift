import PWCore

/// The keys at the top of the site file.
final class SiteKeys: KeySet {
  static let title = "site"
  static let declared = SiteKeys()
  static let schema = SchemaSection(of: declared)

  let site = Key<String?>(
    "site", .name, change: .restart,
    "The site's name: the mark on every link that pwmgr makes, and the Host Name that is sent to peers.")
  let routerID = Key<UInt32?>(
    "router-id", .routerID, change: .tunnel,
    "The Router ID that is sent to peers (RFC 3931 section 5.4.3): different at every site, not 0.")
  let hostName = Key<String?>(
    "host-name", .hostName, absent: "the site's name", change: .tunnel,
    "The Host Name that is sent to peers (RFC 3931 section 5.4.3).")
  let dataPlane = Key<DataPlaneChoice>(
    "data-plane", .choice, default: .automatic, change: .restart,
    "How frames are carried: by the kernel's L2TP drivers, by a TAP device and sockets of our own, or not at all (for "
      + "tests). `auto` chooses the kernel if its modules load and can carry the site ([VRFs](#vrfs)), and otherwise "
      + "userspace.")
  let listenPort = Key<UInt16?>(
    "listen-port", .port, absent: "\(TunnelKeys.declared.peerPort.fallback)", change: .tunnel,
    "The UDP port that peers call, for all tunnels that do not say otherwise. Their sites write it as `peer-port`.")
  let controlGroup = Key<String?>(
    "control-group", .group, absent: "root alone", change: .inPlace,
    "Members of this group, besides root, may ask the daemon (`pwmgr status`, `pwmgr plan`) and get the site file "
      + "that it runs; only root, or the user who runs pwmgr, may change anything, but for the `control-group-admin`. "
      + "Under systemd, name the group in the unit's `SupplementaryGroups=`, too.")
  let controlGroupAdmin = Key<String?>(
    "control-group-admin", .group, absent: "nobody", change: .inPlace,
    "Those members of the `control-group` who are in this group as well may operate what runs: `pwmgr down`, `up`, "
      + "`reset`, `log-level`, and `reload` of the file that root has written. `try` and `rollback` remain root's, "
      + "since a site file names programs that run as root.")
  let tunnels = MappingKey<TunnelKeys>(
    "tunnels", from: .name, "The peers: one control connection each.")
  let bridges = MappingKey<BridgeKeys>(
    "bridges", from: .interfaceName,
    "Bridges that pseudowires and links join. An existing bridge is adopted, and at the end left as it was.")
  let plugins = MappingKey<PluginKeys>(
    "plugins", from: .pluginName,
    "Plugins in other processes that are not in the plugin directory. See [plugins](#plugins).")
}
