public import PWCore

/// The identity of a plugin, as the plugin states it in answer to `version`.
public struct PluginIdentity: Equatable, Sendable {
  /// Its own version, for people.
  public var version: String
  /// The pseudowire type that it signals.
  public var type: PseudowireType
  /// The kind of frames that its sessions carry.
  public var payload: PseudowirePayload
  /// The keys that it reads.
  public var options: [KeyDescription]
  /// The optional verbs that it knows.
  public var verbs: Set<PluginVerb>

  /// A plugin that signals a type and carries something.
  public init(
    version: String, type: PseudowireType, payload: PseudowirePayload, options: [KeyDescription] = [],
    verbs: Set<PluginVerb> = []
  ) {
    self.version = version
    self.type = type
    self.payload = payload
    self.options = options
    self.verbs = verbs
  }

  /// The keys that must be there, and are not among the options of a pseudowire.
  public func missingOptions(in given: OptionValue) -> [KeyDescription] {
    options.filter { $0.isRequired && given[$0.name] == nil }
  }
}

/// The answer of a plugin about the options of a pseudowire.
public struct PluginValidation: Equatable, Sendable {
  /// Errors, warnings and notes about the options.
  public var problems: [PluginResponse.Problem] = []
  /// The attachment circuit behind the pseudowire.
  public var attachment = AttachmentCircuit.none
  /// The split-horizon group of its port.
  public var splitHorizonGroup: String?
  /// The AVPs that the peer's plugin is told when the session is set up.
  public var offeredAVPs: [PluginAVP] = []
  /// The ways to the options that name files with secrets.
  public var secretFiles: [[PluginResponse.PathStep]] = []

  /// Nothing wrong, and nothing behind.
  public init() {}

  /// Whether the options are refused.
  public var hasErrors: Bool {
    problems.contains { $0.severity.flatMap(Diagnostic.Severity.init(rawValue:)) ?? .error == .error }
  }
}

extension PluginResponse {
  /// Reads the answer to `version`.
  ///
  /// - Throws: what is missing, or why pwmgr cannot use such a plugin.
  public func identity() throws(PluginFault) -> PluginIdentity {
    guard let spoken = self.protocol else { throw PluginFault("the answer to 'version' has no 'protocol'") }
    guard PluginProtocol.versions.contains(spoken) else {
      let known = PluginProtocol.versions.map(String.init).joined(separator: ", ")
      throw PluginFault(
        "it speaks version \(spoken) of the protocol, and this pwmgr speaks \(known); install versions that match")
    }
    guard let number = type, let type = UInt16(exactly: number), type != 0 else {
      throw PluginFault("the answer to 'version' has no 'type' from 1 to 65535, the pseudowire type that it signals")
    }
    return PluginIdentity(
      version: (pluginVersion ?? "unknown").asPluginText, type: PseudowireType(rawValue: type),
      payload: try readPayload(),
      options: try keys(),
      verbs: PluginVerb.optional.intersection((verbs ?? []).compactMap(PluginVerb.init(rawValue:))))
  }

  private func readPayload() throws(PluginFault) -> PseudowirePayload {
    switch payload {
    case "ethernet": return .ethernet
    case "ppp": return .ppp
    case nil: throw PluginFault("the answer to 'version' has no 'payload': 'ethernet' or 'ppp'")
    case let other?:
      throw PluginFault(
        "its payload is '\(other.asPluginText)': the kernel carries 'ethernet' and 'ppp', and nothing else")
    }
  }

  private func keys() throws(PluginFault) -> [KeyDescription] {
    let options = self.options ?? []
    guard options.count <= PluginProtocol.maximumOptions else {
      throw PluginFault("it names \(options.count) options: at most \(PluginProtocol.maximumOptions) are read")
    }
    var keys: [KeyDescription] = []
    for option in options {
      let isKey =
        !option.name.isEmpty && option.name.utf8.count <= 63
        && option.name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
      guard isKey else {
        throw PluginFault(
          "'\(option.name.asPluginText)' is not the name of an option: lower-case letters, digits and '-'")
      }
      keys.append(try option.key())
    }
    return keys
  }

  /// Reads the answer to `validate`.
  public func validation() throws(PluginFault) -> PluginValidation {
    var validation = PluginValidation()
    validation.problems = Array((problems ?? []).prefix(PluginProtocol.maximumProblems))
    // The attachment of options that are wrong is not asked for: it may be as wrong.
    if !validation.hasErrors { validation.attachment = try attachment?.circuit() ?? .none }
    validation.splitHorizonGroup = splitHorizon?.asPluginText
    validation.secretFiles = Array((secretFiles ?? []).prefix(PluginProtocol.maximumOptions))
    guard avps?.count ?? 0 <= PluginAVP.maximumCount else {
      throw PluginFault("it offers \(avps?.count ?? 0) AVPs: a session has at most \(PluginAVP.maximumCount)")
    }
    for avp in avps ?? [] { validation.offeredAVPs.append(try avp.avp()) }
    return validation
  }

  /// Reads the answer to `check` and `status`: what is wrong, each in one line.
  public func shownProblems() -> [String] {
    (problems ?? []).prefix(PluginProtocol.maximumProblems).map { $0.message.asPluginText }
  }
}

extension PluginResponse.Option {
  /// The key that it describes, as people are shown it.
  fileprivate func key() throws(PluginFault) -> KeyDescription {
    let form: ValueForm?
    do throws(PluginFault) {
      form = try type?.form()
    } catch {
      throw PluginFault("the type of its option '\(name)' is \(error)")
    }
    return KeyDescription(
      name, (value ?? form?.words ?? "text").asPluginText, absent: absent?.asPluginText, change: try impact(),
      (meaning ?? "").asPluginText, form: form)
  }

  private func impact() throws(PluginFault) -> ChangeImpact {
    guard let change else { return .session }
    guard let impact = ChangeImpact(rawValue: change), impact <= .session else {
      throw PluginFault(
        "its option '\(name)' has the change '\(change.asPluginText)'; none, in-place and session are known")
    }
    return impact
  }
}

extension PluginResponse.Attachment {
  func circuit() throws(PluginFault) -> AttachmentCircuit {
    switch kind {
    case "none": return .none
    case "bridge": return .bridge(try PluginNames.interface(bridge, "bridge"))
    case "member": return .member(try PluginNames.interface(member, "member"))
    case "vlan": return .vlan(port: try PluginNames.interface(port, "port"), try PluginNames.tag(vlan, tag))
    case "trunk": return .trunk(port: try PluginNames.interface(port, "port"), try PluginNames.tags(vlans, tag))
    default: throw PluginFault("an attachment of kind '\(kind.asPluginText)': none, bridge, member, vlan or trunk")
    }
  }
}

/// Names and numbers that a plugin writes: what the kernel would refuse, or another could take for something else, is none.
enum PluginNames {
  static func interface(_ name: String?, _ key: String) throws(PluginFault) -> String {
    guard let name else { throw PluginFault("'\(key)' is missing") }
    guard InterfaceName.fault(of: name) == nil else {
      throw PluginFault("'\(key)' is not an interface name: '\(name.asPluginText)'")
    }
    return name
  }

  static func tag(_ vlan: UInt16?, _ kind: String?) throws(PluginFault) -> VLANTag {
    guard let vlan, VLANTag.identifiers.contains(vlan) else {
      throw PluginFault("'vlan' is not a number from 1 to 4094")
    }
    return VLANTag(vlan, try self.kind(kind))
  }

  static func tags(_ vlans: String?, _ kind: String?) throws(PluginFault) -> VLANSet {
    guard let vlans, let set = VLANSet(text: vlans, try self.kind(kind)) else {
      throw PluginFault("'vlans' is not a list of numbers from 1 to 4094, as in '1-50,100'")
    }
    return set
  }

  private static func kind(_ name: String?) throws(PluginFault) -> VLANTag.Kind {
    guard let name else { return .customer }
    guard let known = VLANTag.Kind.allCases.first(where: { $0.name == name }) else {
      throw PluginFault("'tag' is '\(name.asPluginText)': 802.1q or 802.1ad")
    }
    return known
  }
}
