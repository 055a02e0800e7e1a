public import PWCore

/// Reads a site file and its drop-ins: octets to a ``PWCore/Site``, or to everything that is wrong with them.
///
/// Pure but for libyaml, which works in memory: files, secrets and the machine are the command's business.
public struct SiteReader: Sendable {
  private let plugins: [any PseudowirePlugin]
  private let finder: (any PluginFinder)?

  /// A reader that knows these pseudowire types.
  ///
  /// - Parameters:
  ///   - plugins: those in this process.
  ///   - finder: who knows others; asked for those that a file names.
  public init(plugins: [any PseudowirePlugin], finder: (any PluginFinder)? = nil) {
    self.plugins = plugins
    self.finder = finder
  }

  /// Reads the octets of a site file, or of all parts as one stream.
  public func read(_ octets: [UInt8]) -> SiteReading { read(SiteParts(stream: octets)) }

  /// Reads the parts of a site.
  public func read(_ parts: SiteParts) -> SiteReading {
    var complaints = Complaints(about: parts)
    guard let root = Self.root(of: parts, &complaints), let top = topSection(root, &complaints) else {
      let foreign = parts.dropIns.isEmpty ? Self.foreignWords(in: parts.main) : nil
      return SiteReading(refusedFor: foreign ?? complaints, of: parts)
    }
    let site = readValues(top, &complaints)
    let bridges = BridgeReader().read(top, &complaints)
    let catalogue = PluginCatalogue(compiledIn: plugins, finder: finder)
    catalogue.readPaths(top, &complaints)
    let listenPort = top.value(of: \.listenPort, &complaints)
    var tunnels = TunnelReader(
      plugins: catalogue, bridges: bridges.map(\.declaration.name), listenPort: listenPort)
    let draft = SiteDraft(tunnels: tunnels.read(top, &complaints), bridges: bridges)
    for tunnel in draft.tunnels { TunnelChecks.check(tunnel, &complaints) }
    StaticChecks.check(draft, &complaints)
    PeerChecks.check(draft, &complaints)
    LinkChecks.check(draft, &complaints)
    BridgeChecks.check(draft, &complaints)
    if let site { DataPlaneChecks.check(draft, dataPlane: site.dataPlane, &complaints) }
    let secretFiles = tunnels.secretFiles + Self.secretFiles(of: draft)

    guard var site, !complaints.hasErrors else {
      return SiteReading(refusedFor: complaints, of: parts, secretFiles: secretFiles)
    }
    site.tunnels = draft.tunnels.map(\.declaration)
    site.bridges = draft.bridges.map(\.declaration)
    site.plugins = catalogue.used
    return SiteReading(
      site: site, diagnostics: complaints.sorted, secretFiles: secretFiles,
      programs: Self.programs(of: draft), places: SitePlaces(top, draft), parts: parts, root: root)
  }

  /// The mapping at the top of the site; nil after a fault that leaves none.
  private static func root(of parts: SiteParts, _ complaints: inout Complaints) -> OptionNode? {
    if let fault = parts.excess {
      complaints.error(at: Mark(line: 1, column: 1), fault)
      return nil
    }
    let faults = faults(of: parts)
    guard faults.isEmpty else {
      for fault in faults { complaints.error(at: fault.mark, fault.message) }
      return nil
    }
    var parser = YAMLParser(of: parts)
    let roots = parts.sources.map { parser.parse($0.octets, linesBefore: $0.linesBefore) }
    complaints = parser.complaints
    guard let first = roots.first ?? nil, roots.count > 1 else { return roots.first ?? nil }
    var join = PartJoin()
    join.add(first, named: "the site", &complaints)
    for root in roots.dropFirst() {
      // Without one part, complaints about the others would be about what it has.
      guard let root else { return nil }
      join.add(root, named: "the drop-in", &complaints)
    }
    return join.root
  }

  /// What is wrong with parts as files, whatever their YAML is.
  private static func faults(of parts: SiteParts) -> [(mark: Mark, message: String)] {
    // A copy that was cut short would end its tunnels.
    let empty = parts.dropIns.indices.filter { parts.dropIns[$0].octets.isEmpty }.map { index in
      (parts.beginning(ofDropIn: index), "the drop-in is empty; write a comment into it, or remove it")
    }
    let separators = parts.foreignSeparators.map { mark in
      (mark, "pwmgr itself writes '---' and '# part:' between the parts of a site; remove this '---'")
    }
    return empty + separators
  }

  /// The complaint about a text that is not a site file because it is another program's.
  private static func foreignWords(in octets: [UInt8]) -> Complaints? {
    guard let foreign = ForeignConfiguration(text: String(decoding: octets, as: UTF8.self)), !foreign.tunnels.isEmpty
    else { return nil }
    var complaints = Complaints()
    complaints.error(
      at: Mark(line: 1, column: 1),
      "this is not a site file, but \(foreign.source.rawValue); 'pwmgr import' prints the site file of it")
    return complaints
  }

  private static func secretFiles(of draft: SiteDraft) -> [SecretFileReference] {
    draft.tunnels.flatMap(\.pseudowires).flatMap { pseudowire in
      pseudowire.secretFiles.map { file in
        SecretFileReference(
          path: file.path, mark: file.mark, tunnel: pseudowire.owner.tunnel, pseudowire: pseudowire.owner.pseudowire)
      }
    }
  }

  private static func programs(of draft: SiteDraft) -> [ProgramReference] {
    draft.tunnels.flatMap(\.pseudowires).flatMap { pseudowire in
      pseudowire.programs.map { ProgramReference(place: $0, owner: pseudowire.owner) }
    }
  }

  /// Reads a site file from a string; the same as from its UTF-8 octets.
  public func read(_ text: String) -> SiteReading {
    read(Array(text.utf8))
  }

  private func topSection(_ root: OptionNode, _ complaints: inout Complaints) -> Section<SiteKeys>? {
    Section<SiteKeys>(root, named: "the site", at: Mark(line: 1, column: 1), &complaints)
  }

  private func readValues(_ top: Section<SiteKeys>, _ complaints: inout Complaints) -> Site? {
    let name = top.value(of: \.site, &complaints)
    let routerID = top.value(of: \.routerID, &complaints)
    let hostName = top.value(of: \.hostName, &complaints)
    let dataPlane = top.value(of: \.dataPlane, &complaints)
    let group = top.value(of: \.controlGroup, &complaints)
    let administrators = administrators(top, group: group, &complaints)
    guard let name, let routerID else { return nil }
    var site = Site(name: name, routerID: routerID, dataPlane: dataPlane)
    site.hostName = hostName ?? name
    site.controlGroup = group
    site.controlGroupAdmin = administrators
    return site
  }

  /// Nobody reaches the control socket who is not in its group.
  private func administrators(_ top: Section<SiteKeys>, group: String?, _ complaints: inout Complaints) -> String? {
    let administrators = top.value(of: \.controlGroupAdmin, &complaints)
    if administrators != nil, !top.has(\.controlGroup) {
      complaints.error(
        at: top.place(of: \.controlGroupAdmin),
        "'control-group-admin' in the site needs a 'control-group', whose members can reach the control socket; add "
          + "one, or remove it")
    }
    return administrators
  }
}

/// The result of reading a file.
public struct SiteReading: Sendable {
  /// The site; nil exactly when `diagnostics` holds an error.
  public let site: Site?
  /// All that is to be said about the file, in the order of the file.
  public let diagnostics: [Diagnostic]
  /// The files that the site takes secrets from: whether they can be read, and by whom, is for the command to look at.
  public let secretFiles: [SecretFileReference]
  /// The programs that the site has run; none of a file that is refused.
  public let programs: [ProgramReference]
  /// Where what the site declares stands.
  public let places: SitePlaces
  /// The files that were read: marks are places in them.
  public let parts: SiteParts
  /// The content of all parts, as it is written; an empty mapping if they are refused.
  let root: OptionNode

  /// The same without marks.
  var content: OptionValue { root.value }

  /// Whether the file is refused.
  public var hasErrors: Bool { site == nil }

  init(
    site: Site, diagnostics: [Diagnostic], secretFiles: [SecretFileReference], programs: [ProgramReference],
    places: SitePlaces, parts: SiteParts, root: OptionNode
  ) {
    self.site = site
    self.diagnostics = diagnostics
    self.secretFiles = secretFiles
    self.programs = programs
    self.places = places
    self.parts = parts
    self.root = root
  }

  init(refusedFor complaints: Complaints, of parts: SiteParts, secretFiles: [SecretFileReference] = []) {
    precondition(complaints.hasErrors, "a file is refused for an error")
    site = nil
    diagnostics = complaints.sorted
    self.secretFiles = secretFiles
    programs = []
    places = SitePlaces()
    self.parts = parts
    root = OptionNode(OptionValue.mapping([]))
  }
}
