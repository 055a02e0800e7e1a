/// Next steps that many explanations have in common.
enum Step {
  static let status = "`pwmgr status` shows the state, and the peer's own text, which often names the key that differs."
  static let pair = "`pwmgr check --pair here.yaml there.yaml` compares the site files of both ends."
  static let log = "The log of the other end may say more: `journalctl -u pwmgr`, or that of the router."
  static let capture = """
    See the messages themselves: `tcpdump -i any -w l2tp.pcap 'udp port 1701 or proto 115'`, then \
    `pwmgr decode l2tp.pcap`.
    """
  static let later = "Wait: pwmgr tries again by itself after its back-off (`reconnect`)."
  static let mtu = """
    Compare the MTUs: `pwmgr status` names those of the path, of the interface and of the peer's LAN; see `mtu` and \
    `interface-mtu`.
    """
}
