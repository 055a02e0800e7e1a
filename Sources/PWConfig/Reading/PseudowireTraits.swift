import PWCore

/// The properties that a pseudowire has whatever its type is: read, and checked, also where the type cannot be.
struct PseudowireTraits {
  private let descriptionText: String?
  private let isEnabled: Bool
  private let localEndID: RemoteEndID?
  private let attachmentGroup: RemoteEndID?
  private let interfaceMTU: PseudowireDeclaration.InterfaceMTU
  private let refusesMTUMismatch: Bool
  private let cookie: CookieLength
  /// Nil is as the peer asks for it, or as the sequence numbers do.
  private let declaredSublayer: PseudowireDeclaration.Sublayer?
  private let isSequenced: Bool
  private let lossLimitPercent: UInt8?
  private let segmentLimit: SegmentLimit?

  init(_ section: Section<PseudowireKeys>, _ complaints: inout Complaints) {
    descriptionText = section.value(of: \.descriptionText, &complaints)
    isEnabled = section.value(of: \.enabled, &complaints)
    localEndID = section.value(of: \.localEndID, &complaints)
    attachmentGroup = section.value(of: \.attachmentGroup, &complaints)
    interfaceMTU = section.value(of: \.interfaceMTU, &complaints)
    refusesMTUMismatch = section.value(of: \.mtuMismatch, &complaints)
    cookie = section.value(of: \.cookie, &complaints)
    declaredSublayer = section.value(of: \.sublayer, &complaints)
    isSequenced = section.value(of: \.sequencing, &complaints)
    lossLimitPercent = section.value(of: \.lossLimit, &complaints)
    segmentLimit = section.value(of: \.mss, &complaints)
    requireMTU(section, &complaints)
    requireSublayer(section, &complaints)
    requireSequencing(section, &complaints)
  }

  /// Puts them into a declaration.
  func apply(to declaration: inout PseudowireDeclaration) {
    declaration.descriptionText = descriptionText
    declaration.disabled = isEnabled ? nil : .siteFile
    declaration.localEndID = localEndID
    declaration.attachmentGroup = attachmentGroup
    declaration.interfaceMTU = interfaceMTU
    declaration.refusesMTUMismatch = refusesMTUMismatch
    if case .octets(let length) = cookie { declaration.cookieLengthOctets = length }
    declaration.isCookieGivenUp = cookie == .automatic
    declaration.sublayer = sublayer
    declaration.adoptsSublayer = declaredSublayer == nil && !isSequenced
    declaration.isSequenced = isSequenced
    declaration.lossLimitPercent = lossLimitPercent
    declaration.segmentLimit = segmentLimit
  }

  private var sublayer: PseudowireDeclaration.Sublayer {
    declaredSublayer ?? (isSequenced ? .standard : PseudowireDeclaration.Sublayer.none)
  }

  /// Where nothing is told, there is nothing to compare with.
  private func requireMTU(_ section: Section<PseudowireKeys>, _ complaints: inout Complaints) {
    guard refusesMTUMismatch, interfaceMTU == .unsaid else { return }
    complaints.error(
      at: section.place(of: \.mtuMismatch),
      "'mtu-mismatch' in \(section.name) has nothing to compare with, because 'interface-mtu' is 'none'; remove one "
        + "of them")
  }

  /// Only what is numbered can be missed.
  private func requireSequencing(_ section: Section<PseudowireKeys>, _ complaints: inout Complaints) {
    guard !isSequenced, section.has(\.lossLimit) else { return }
    complaints.error(
      at: section.place(of: \.lossLimit),
      "'loss-limit' in \(section.name) needs sequence numbers to count with; add 'sequencing: true', at both ends, or "
        + "remove it")
  }

  /// Sequence numbers are in the sublayer (RFC 3931 section 4.6); without it the kernel drops every packet.
  private func requireSublayer(_ section: Section<PseudowireKeys>, _ complaints: inout Complaints) {
    guard isSequenced, sublayer == .none else { return }
    complaints.error(
      at: section.place(of: \.sequencing),
      "'sequencing' in \(section.name) needs the L2-Specific Sublayer; remove 'sublayer: none', at both ends")
  }
}
