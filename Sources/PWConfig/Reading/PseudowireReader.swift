import PWCore

/// The `pseudowires:` of a tunnel.
struct PseudowireReader {
  let plugins: PluginCatalogue
  /// The site's bridges, for what plugins refer to.
  let bridges: [String]

  func read(
    _ tunnel: Section<TunnelKeys>, tunnel name: String, _ signalling: Signalling, _ complaints: inout Complaints
  ) -> [PseudowireDraft] {
    tunnel.children(of: \.pseudowires, &complaints).compactMap { pseudowire, section in
      self.pseudowire(LinkOwner(tunnel: name, pseudowire: pseudowire), section, signalling, &complaints)
    }
  }

  private func pseudowire(
    _ owner: LinkOwner, _ section: Section<PseudowireKeys>, _ signalling: Signalling, _ complaints: inout Complaints
  ) -> PseudowireDraft? {
    var section = section
    if !section.has(\.type) { section.share(with: plugins.optionKeys, &complaints) }
    let named = section.resolved(\.type, &complaints, plugins.plugin)
    let plugin = named?.plugin
    if let plugin { section.share(with: plugin.optionKeys, &complaints) }
    let isStatic = signalling != .full
    if !isStatic { StaticReader.refuse(section, &complaints) }
    let session = isStatic ? StaticReader.session(section, signalling, &complaints) : nil
    let endID = isStatic ? RemoteEndID(octets: []) : section.value(of: \.endID, &complaints)
    let traits = PseudowireTraits(section, &complaints)
    let options = section.options
    let report = plugin?.report(on: options, in: context(of: owner, section))
    let outline = report?.outline ?? PseudowireOutline()
    let expansion = TemplateExpansion(owner: owner, template: outline.template, section, &complaints)
    for diagnostic in report?.diagnostics ?? [] { complaints.add(diagnostic) }
    guard let plugin, let endID else { return nil }
    let name = expansion.interfaceNames.first ?? ""
    var declaration = PseudowireDeclaration(
      name: owner.pseudowire, type: plugin.type, remoteEndID: endID, interfaceName: name,
      options: options.value.sortedByKey)
    traits.apply(to: &declaration)
    if let session { declaration.become(session) }
    declaration.plugin = named?.outside
    declaration.offeredAVPs = outline.offeredAVPs
    declaration.circuit = outline.attachment
    return PseudowireDraft(
      section: section, owner: owner, declaration: declaration,
      expanded: expansion.pseudowires(like: declaration, section),
      options: options,
      outline: outline, payload: plugin.payload,
      secretFiles: report?.secretFiles ?? [], programs: report?.programs ?? [])
  }

  /// The context that its options may refer to. The interface's name is complained of elsewhere, where it is wrong.
  private func context(of owner: LinkOwner, _ section: Section<PseudowireKeys>) -> OptionContext {
    let derived = DerivedNames.interface(tunnel: owner.tunnel, pseudowire: owner.pseudowire)
    var context = OptionContext(
      bridges: bridges, owner: owner, interfaceName: section.text(of: \.interface) ?? derived)
    context.misspelt = section.misspelt
    return context
  }
}

extension PseudowireDeclaration {
  /// Makes its session a declared one: nothing is asked of a peer, and nothing is left to it.
  fileprivate mutating func become(_ session: StaticSession) {
    staticSession = session
    cookieLengthOctets = session.receiveCookie.lengthOctets
    isCookieGivenUp = false
    adoptsSublayer = false
    interfaceMTU = .unsaid
  }
}
