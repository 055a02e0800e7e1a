import PWCore

/// The `pseudowires:` of a tunnel.
struct PseudowireReader {
  let plugins: PluginCatalogue
  /// The site's bridges, for what plugins refer to.
  let bridges: [String]

  func read(
    _ tunnel: Section<TunnelKeys>, tunnel name: String, _ complaints: inout Complaints
  ) -> [PseudowireDraft] {
    tunnel.children(of: \.pseudowires, &complaints).compactMap { pseudowire, section in
      self.pseudowire(LinkOwner(tunnel: name, pseudowire: pseudowire), section, &complaints)
    }
  }

  private func pseudowire(
    _ owner: LinkOwner, _ section: Section<PseudowireKeys>, _ complaints: inout Complaints
  ) -> PseudowireDraft? {
    var section = section
    if !section.has(\.type) { section.share(with: plugins.optionKeys, &complaints) }
    let named = section.resolved(\.type, &complaints, plugins.plugin)
    let plugin = named?.plugin
    if let plugin { section.share(with: plugin.optionKeys, &complaints) }
    let endID = section.value(of: \.endID, &complaints)
    let traits = PseudowireTraits(section, &complaints)
    let options = section.options
    let template = plugin?.template(of: options.value)
    let expansion = TemplateExpansion(owner: owner, template: template, section, &complaints)
    guard let plugin else { return nil }
    let name = expansion.interfaceNames.first ?? ""
    var context = OptionContext(bridges: bridges, owner: owner, interfaceName: name)
    context.misspelt = section.misspelt
    for diagnostic in plugin.check(options, in: context) { complaints.add(diagnostic) }
    guard let endID else { return nil }
    var declaration = PseudowireDeclaration(
      name: owner.pseudowire, type: plugin.type, remoteEndID: endID, interfaceName: name,
      options: options.value.sortedByKey)
    traits.apply(to: &declaration)
    declaration.plugin = named?.outside
    declaration.offeredAVPs = plugin.offeredAVPs(of: options.value)
    return PseudowireDraft(
      section: section, owner: owner, declaration: declaration,
      expanded: expansion.pseudowires(like: declaration, section),
      options: options,
      attachment: plugin.attachmentCircuit(of: options.value),
      splitHorizonGroup: plugin.splitHorizonGroup(of: options.value), payload: plugin.payload,
      secretFiles: plugin.secretFiles(in: options))
  }
}
