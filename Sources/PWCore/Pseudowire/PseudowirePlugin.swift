/// A pseudowire plugin: it reads its part of the site file, and turns a session's state into link requests.
///
/// The options of a pseudowire are read once, into a type of the plugin's own (`Options`); all that it answers, it
/// answers of that.
///
/// It performs no I/O. Every question is a value and so is every answer, so that a plugin in another process can be
/// asked the same way.
public protocol PseudowirePlugin: Sendable {
  /// The name in the site file's `type:`.
  var name: String { get }
  /// The pseudowire type that it serves.
  var type: PseudowireType { get }
  /// The kind of frames that its sessions carry.
  var payload: PseudowirePayload { get }
  /// The keys that it reads in a pseudowire of its type, besides the engine's; every other key is refused before
  /// ``read(_:)`` is asked.
  var optionKeys: [KeyDescription] { get }
  /// The options of a pseudowire, as read.
  associatedtype Options: Sendable
  /// Reads the options of a pseudowire, and complains of what is wrong with them: the only place where they are looked
  /// at as they are written.
  ///
  /// - Parameter reading: the options; complaints go there, each with its place and its cure.
  /// - Returns: what they say, what is wrong left out; nil where nothing can be made of them.
  func read(_ reading: inout OptionReading) -> Options?
  /// The part of these options that the site has to know.
  func outline(of options: Options) -> PseudowireOutline
  /// Answers one question of the engine about one session.
  ///
  /// - Parameter options: those of the pseudowire.
  func answer(_ question: PluginQuestion, _ options: Options) -> PluginAnswer
}

extension PseudowirePlugin {
  /// A plugin without options.
  public var optionKeys: [KeyDescription] { [] }
}

/// A file that holds a secret, and where the site file names it.
public struct SecretFilePlace: Hashable, Sendable {
  /// The full path of the file.
  public var path: String
  /// Where its path stands in the site file.
  public var mark: Mark

  /// A file at a place.
  public init(path: String, mark: Mark) {
    self.path = path
    self.mark = mark
  }
}

/// A program that is to be run, and where the site file names it.
public struct ProgramPlace: Hashable, Sendable {
  /// The key that it stands behind.
  public var key: String
  /// The full path of the program.
  public var path: String
  /// Where its path stands in the site file.
  public var mark: Mark
}

/// The names that options may refer to.
public struct OptionContext: Sendable {
  /// The names of the site's bridges.
  public var bridges: [String]
  /// The pseudowire's name, its tunnel's, and the interface name that it will have.
  public var owner: LinkOwner
  /// The interface name of the session.
  public var interfaceName: String
  /// The plugin's keys that are in the file under another name, which is complained of: they are not missing.
  public var misspelt: Set<String> = []

  /// The context of one pseudowire's options, without misspelt keys.
  public init(bridges: [String], owner: LinkOwner, interfaceName: String) {
    self.bridges = bridges
    self.owner = owner
    self.interfaceName = interfaceName
  }
}

/// A question of the engine to a plugin.
public struct PluginQuestion: Equatable, Codable, Sendable {
  /// The pseudowire whose session the question is about, by its name and its tunnel's.
  public var owner: LinkOwner
  private var shared: Shared<PseudowireDeclaration>
  /// Where the session is in its life.
  public var phase: Phase
  /// Whether the peer's circuit is active (the A bit of its last Circuit Status).
  public var isPeerCircuitActive: Bool
  /// The largest packet, outer IP header included, that the path passes, in octets.
  public var pathMTUOctets: Int
  /// Octets that stand around an inner frame: outer IP and UDP headers, session header, cookie, sublayer.
  public var overheadOctets: Int

  /// The pseudowire's declaration in the site.
  public var declaration: PseudowireDeclaration {
    get { shared.value }
    set { shared.value = newValue }
  }

  private enum CodingKeys: String, CodingKey {
    case owner, phase, isPeerCircuitActive, pathMTUOctets, overheadOctets, heard
    case shared = "declaration"
  }

  // Nil is none, so that a recording from before there were such AVPs is still read.
  private var heard: [PluginAVP]?

  /// The AVPs that the peer's plugin sent when the session was set up.
  public var peerAVPs: [PluginAVP] {
    get { heard ?? [] }
    set { heard = newValue.isEmpty ? nil : newValue }
  }

  /// A question about a session whose peer's plugin has told nothing.
  public init(
    owner: LinkOwner, declaration: PseudowireDeclaration, phase: Phase, isPeerCircuitActive: Bool, pathMTUOctets: Int,
    overheadOctets: Int
  ) {
    self.init(
      owner: owner, declaration: Shared(declaration), phase: phase, isPeerCircuitActive: isPeerCircuitActive,
      pathMTUOctets: pathMTUOctets, overheadOctets: overheadOctets)
  }

  /// A question about a declaration that is held already.
  init(
    owner: LinkOwner, declaration: Shared<PseudowireDeclaration>, phase: Phase, isPeerCircuitActive: Bool,
    pathMTUOctets: Int, overheadOctets: Int
  ) {
    self.owner = owner
    shared = declaration
    self.phase = phase
    self.isPeerCircuitActive = isPeerCircuitActive
    self.pathMTUOctets = pathMTUOctets
    self.overheadOctets = overheadOctets
  }

  /// Where a session is in its life.
  public enum Phase: Equatable, Codable, Sendable {
    /// The session's data path exists, its link down; frames must not pass yet.
    case connecting
    /// The session is established.
    case established
  }
}

/// The answer of a plugin.
public enum PluginAnswer: Equatable, Codable, Sendable {
  /// The links that the session should have now, all of them.
  case links([LinkRequest])
  /// The session cannot be: it is disconnected with this result, and the reason is shown.
  case refuse(CallResult, reason: String)
}
