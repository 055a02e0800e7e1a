import Glibc

extension MachineReader {
  /// Reads the firewall's chains: by `nft`, and where that is missing by `iptables-save`.
  func readFirewall(_ facts: inout MachineFacts) {
    switch run(["nft", "-j", "list", "ruleset"]) {
    case .ended(0, let text):
      facts.firewall = NftablesListing.chains(in: text)
      if facts.firewall == nil { facts.unread.append("the firewall: the output of `nft -j list ruleset` is not known") }
    case .ended: facts.unread.append("the firewall: `nft -j list ruleset` failed" + Self.needsRoot)
    case .unbounded: facts.unread.append("the firewall: `nft -j list ruleset` took too long")
    case .missing:
      switch run(["iptables-save", "-c"]) {
      case .ended(0, let text):
        facts.firewall = IPTablesListing.chains(in: text)
        facts.unread.append("the firewall's rules for IPv6, and of nftables: there is no `nft`")
      case .ended: facts.unread.append("the firewall: `iptables-save` failed" + Self.needsRoot)
      case .unbounded: facts.unread.append("the firewall: `iptables-save` took too long")
      case .missing: facts.unread.append("the firewall: there is neither `nft` nor `iptables-save`")
      }
    }
  }

  private static var needsRoot: String { geteuid() == 0 ? "" : "; only root may read it" }
}
