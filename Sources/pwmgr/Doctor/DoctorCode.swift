/// Everything that `pwmgr doctor` can find, each with a word that stays the same.
enum DoctorCode: String, CaseIterable, Encodable {
  case daemonSilent = "daemon-silent"
  case daemonUnreadable = "daemon-unreadable"
  case otherNamespace = "other-namespace"
  case versionDiffers = "version-differs"
  case programReplaced = "program-replaced"
  case siteFileFaulty = "site-file-faulty"
  case siteFileRefused = "site-file-refused"
  case siteProblem = "site-problem"
  case bridgeProblem = "bridge-problem"
  case pluginProblem = "plugin-problem"
  case tunnelDown = "tunnel-down"
  case notForwarding = "not-forwarding"
  case putDown = "put-down"
  case pseudowireWarning = "pseudowire-warning"
  case messagesRefused = "messages-refused"
  case moduleMissing = "module-missing"
  case moduleBlacklisted = "module-blacklisted"
  case tunMissing = "tun-missing"
  case userspaceChosen = "userspace-chosen"
  case portTaken = "port-taken"
  case forwardPolicyDrops = "forward-policy-drops"
  case forwardRuleDrops = "forward-rule-drops"
  case inputDrops = "input-drops"
  case reversePathFilter = "rp-filter-strict"
  case networkManager = "networkmanager-manages"
  case networkd = "networkd-manages"
  case linkFileMissing = "link-file-missing"
  case linkFileOverruled = "link-file-overruled"
  case mtuFragments = "mtu-fragments"
  case peerMTUDiffers = "peer-mtu-differs"
  case bridgePortDrops = "bridge-port-drops"
  case cookieDiscards = "cookie-discards"
  case sequenceDiscards = "sequence-discards"
  case receiveErrors = "receive-errors"
  case transmitErrors = "transmit-errors"
  case linkDrops = "link-drops"
  case clockUnsynchronised = "clock-unsynchronised"
  case clockStepped = "clock-stepped"
}

/// How much a finding matters.
enum DoctorSeverity: String, CaseIterable, Encodable {
  /// Frames do not pass, or will not: the exit status tells of it.
  case problem
  /// Some frames may be lost, or something may break later.
  case warning
  /// Nothing is wrong, but somebody who looks for a fault may want to know.
  case note
}

/// The text about a finding that is the same wherever it is found.
struct DoctorEntry {
  let severity: DoctorSeverity
  /// Its meaning, in an operator's terms.
  let meaning: String
  /// The cure in general; a finding may name the very command.
  let cure: String

  init(_ severity: DoctorSeverity, _ meaning: String, cure: String) {
    (self.severity, self.meaning, self.cure) = (severity, meaning, cure)
  }
}
