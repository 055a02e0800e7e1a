/// The part of a pseudowire's options that the site has to know, whatever its plugin is.
public struct PseudowireOutline: Equatable, Sendable {
  /// Which members make up the attachment circuit.
  public var attachment = AttachmentCircuit.none
  /// The split-horizon group of the session's port in its bridge, if it joins one: the kernel has one group per bridge,
  /// so that the reader of the site file compares those of all pseudowires.
  public var splitHorizonGroup: String?
  /// Whether the member is taken down while the pseudowire does not forward: it takes its VLANs along.
  public var passesFault = false
  /// The template of the pseudowires that the declaration stands for; nil where it stands for itself.
  public var template: PseudowireTemplate?
  /// The AVPs that tell the peer's plugin something when the session is set up; it finds them in
  /// ``PluginQuestion/peerAVPs``.
  public var offeredAVPs: [PluginAVP] = []

  /// A pseudowire with an attachment circuit, and nothing else.
  public init(attachment: AttachmentCircuit = .none) { self.attachment = attachment }
}

/// The result of reading the options of a pseudowire.
public struct OptionReport: Sendable {
  /// The part that the site has to know; of options that are wrong, as far as they say anything.
  public var outline: PseudowireOutline
  /// The files that secrets are taken from: whether they are there, and for nobody else to read, is looked at by
  /// whoever applies the site; what is in them never passes through a plugin.
  public var secretFiles: [SecretFilePlace]
  /// The programs that are to be run: whether each would be is looked at by whoever applies the site.
  public var programs: [ProgramPlace]
  /// The complaints; empty when all is well.
  public var diagnostics: [Diagnostic]
}

extension PseudowirePlugin {
  /// Reads the options of a pseudowire for a site.
  ///
  /// - Parameters:
  ///   - options: a mapping, with marks.
  ///   - context: what else of the site the options may refer to.
  public func report(on options: OptionNode, in context: OptionContext) -> OptionReport {
    var reading = OptionReading(options, context)
    let options = read(&reading)
    return OptionReport(
      outline: options.map(outline) ?? PseudowireOutline(), secretFiles: reading.secretFiles,
      programs: reading.programs,
      diagnostics: reading.diagnostics)
  }
}
