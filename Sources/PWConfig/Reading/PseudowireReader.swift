import PWCore

/// The `pseudowires:` of a tunnel.
struct PseudowireReader {
  let plugins: PluginCatalogue
  /// The site's bridges, for what plugins refer to.
  let bridges: [String]

  func read(_ tunnel: LooseSection, tunnel name: String, _ complaints: inout Complaints) -> [PseudowireDraft] {
    var drafts: [PseudowireDraft] = []
    for (key, node) in tunnel.children("pseudowires", &complaints) {
      do throws(ValueFault) {
        _ = try Names.name(key)
      } catch {
        complaints.error(at: key.mark, "pseudowire: \(error.message)")
      }
      let section = LooseSection(
        node, named: "pseudowire '\(key.text)'", at: key.mark, schema: .pseudowire, &complaints)
      guard let section else { continue }
      let owner = LinkOwner(tunnel: name, pseudowire: key.text)
      if let draft = pseudowire(owner, section, &complaints) { drafts.append(draft) }
    }
    return drafts
  }

  private func pseudowire(
    _ owner: LinkOwner, _ section: LooseSection, _ complaints: inout Complaints
  ) -> PseudowireDraft? {
    let named = section.require("type", &complaints, plugins.plugin)
    let plugin = named?.plugin
    // Whose type is unknown, his keys are too.
    if plugin != nil || !section.has("type") {
      section.refuseUnknownKeys(&complaints, others: plugin?.optionKeys ?? plugins.optionKeys)
    }
    let endID = section.require("end-id", &complaints, EndIDs.endID)
    let localEndID = section.read("local-end-id", &complaints, EndIDs.endID)
    let group = section.read("attachment-group", &complaints, EndIDs.endID)
    let interfaceMTU = section.read("interface-mtu", &complaints, self.interfaceMTU) ?? .automatic
    let mismatch = Numbers.choice([("report", false), ("refuse", true)])
    let refusesMismatch = section.read("mtu-mismatch", &complaints, mismatch) ?? false
    requireMTU(interfaceMTU, refusesMismatch: refusesMismatch, section, &complaints)
    let declaredCookieLength = section.read("cookie", &complaints, Numbers.cookieLength) ?? nil
    let sublayers: [(word: String, value: PseudowireDeclaration.Sublayer?)] = [
      ("auto", nil), ("none", PseudowireDeclaration.Sublayer.none), ("default", .standard),
    ]
    let declaredSublayer = section.read("sublayer", &complaints, Numbers.choice(sublayers)) ?? nil
    let isSequenced = section.read("sequencing", &complaints, sequencing) ?? false
    let sublayer = declaredSublayer ?? (isSequenced ? .standard : PseudowireDeclaration.Sublayer.none)
    requireSublayer(sublayer, isSequenced: isSequenced, section, &complaints)
    let lossLimit = section.read("loss-limit", &complaints, Numbers.percentage)
    requireSequencing(isSequenced, section, &complaints)
    let segmentLimit = section.read("mss", &complaints, Numbers.segmentLimit) ?? nil
    let options = section.remainder
    let template = plugin?.template(of: options.value)
    let expansion = TemplateExpansion(owner: owner, template: template, section, &complaints)
    guard let plugin else { return nil }
    let name = expansion.interfaceNames.first ?? ""
    let context = OptionContext(bridges: bridges, owner: owner, interfaceName: name)
    for diagnostic in plugin.check(options, in: context) { complaints.add(diagnostic) }
    guard let endID else { return nil }
    var declaration = PseudowireDeclaration(
      name: owner.pseudowire, type: plugin.type, remoteEndID: endID, interfaceName: name,
      cookieLengthOctets: declaredCookieLength ?? 8, sublayer: sublayer, isSequenced: isSequenced,
      options: options.value.sortedByKey)
    declaration.isCookieGivenUp = declaredCookieLength == nil
    declaration.adoptsSublayer = declaredSublayer == nil && !isSequenced
    declaration.plugin = named?.outside
    declaration.offeredAVPs = plugin.offeredAVPs(of: options.value)
    declaration.localEndID = localEndID
    declaration.attachmentGroup = group
    declaration.lossLimitPercent = lossLimit
    declaration.segmentLimit = segmentLimit
    (declaration.interfaceMTU, declaration.refusesMTUMismatch) = (interfaceMTU, refusesMismatch)
    return PseudowireDraft(
      section: section, owner: owner, declaration: declaration,
      expanded: expansion.pseudowires(like: declaration, section),
      options: options,
      attachment: plugin.attachmentCircuit(of: options.value),
      splitHorizonGroup: plugin.splitHorizonGroup(of: options.value), payload: plugin.payload,
      secretFiles: plugin.secretFiles(in: options))
  }

  /// What the kernel takes for an IPv4 link (RFC 791), up to what the AVP holds.
  private static let mtuRange = 68...65_535

  private func interfaceMTU(_ scalar: Scalar) throws(ValueFault) -> PseudowireDeclaration.InterfaceMTU {
    switch scalar.text {
    case "auto": return .automatic
    case "none": return .unsaid
    default:
      guard let octets = Int(scalar.text), Self.mtuRange.contains(octets) else {
        throw ValueFault(
          "'\(scalar.text)' is no interface MTU; write 'auto', 'none', or a number from \(Self.mtuRange.lowerBound) to "
            + "\(Self.mtuRange.upperBound)" + Spelling.hint(for: scalar.text, among: ["auto", "none"]))
      }
      return .octets(UInt16(octets))
    }
  }

  /// Where nothing is told, there is nothing to compare with.
  private func requireMTU(
    _ mtu: PseudowireDeclaration.InterfaceMTU, refusesMismatch: Bool, _ section: LooseSection,
    _ complaints: inout Complaints
  ) {
    guard refusesMismatch, mtu == .unsaid else { return }
    complaints.error(
      at: section.place(of: "mtu-mismatch"),
      "'mtu-mismatch' in \(section.name) has nothing to compare with, because 'interface-mtu' is 'none'; remove one of them"
    )
  }

  private func sequencing(_ scalar: Scalar) throws(ValueFault) -> Bool {
    switch scalar.text {
    case "all": return true
    case "none": return false
    default:
      do throws(ValueFault) {
        return try Numbers.boolean(scalar)
      } catch {
        throw ValueFault("'\(scalar.text)' is none of them; write 'true' or 'all', 'false' or 'none'")
      }
    }
  }

  /// Only what is numbered can be missed.
  private func requireSequencing(_ isSequenced: Bool, _ section: LooseSection, _ complaints: inout Complaints) {
    guard !isSequenced, section.has("loss-limit") else { return }
    complaints.error(
      at: section.place(of: "loss-limit"),
      "'loss-limit' in \(section.name) needs sequence numbers to count with; add 'sequencing: true', at both ends, or remove it"
    )
  }

  /// Sequence numbers are in the sublayer (RFC 3931 section 4.6); without it the kernel drops every packet.
  private func requireSublayer(
    _ sublayer: PseudowireDeclaration.Sublayer, isSequenced: Bool, _ section: LooseSection,
    _ complaints: inout Complaints
  ) {
    guard isSequenced, sublayer == .none else { return }
    complaints.error(
      at: section.place(of: "sequencing"),
      "'sequencing' in \(section.name) needs the L2-Specific Sublayer; remove 'sublayer: none', at both ends")
  }
}
