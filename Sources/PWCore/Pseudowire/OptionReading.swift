/// The options of one pseudowire while a plugin reads them: values by their keys, and what is wrong with them.
///
/// Keys are known to be the plugin's and to have values; every other one was refused before the plugin was asked.
public struct OptionReading {
  /// The complaints about the options, in the order in which they were found.
  public private(set) var diagnostics: [Diagnostic] = []
  /// The files that hold secrets, as far as they have been read.
  public private(set) var secretFiles: [SecretFilePlace] = []
  /// The programs that are to be run, as far as they have been read.
  public private(set) var programs: [ProgramPlace] = []
  /// The objects that the options may refer to.
  public let context: OptionContext
  /// The options, with their places.
  public let node: OptionNode
  /// The values by their keys.
  public private(set) var values: [String: OptionNode] = [:]
  /// Where each key stands.
  public private(set) var keyMarks: [String: Mark] = [:]
  /// Keys whose values do not read well.
  private var faulty: Set<String> = []

  /// The options of a pseudowire.
  public init(_ options: OptionNode, _ context: OptionContext) {
    self.context = context
    node = options
    guard case .mapping(let pairs) = options.content else { return }
    for pair in pairs {
      values[pair.key] = pair.value
      keyMarks[pair.key] = pair.keyMark
    }
  }

  /// Where the options begin.
  public var mark: Mark { node.mark }

  // MARK: Reading

  /// The value of a key; what holds without it, if it is not there or does not read well, which is complained of, as is
  /// a key that must be there and is not.
  public mutating func value<Value>(of key: Key<Value>) -> Value {
    guard let node = values[key.name] else {
      if key.description.isRequired { require(key) }
      return key.fallback
    }
    guard let scalar = Scalar(node) else {
      complainOfStructure(key.name, node.mark)
      return key.fallback
    }
    do throws(ValueFault) {
      let value = try key.read(scalar)
      switch key.fileUse {
      case nil: break
      case .secret: secretFiles.append(SecretFilePlace(path: scalar.text, mark: scalar.mark))
      case .program: programs.append(ProgramPlace(key: key.name, path: scalar.text, mark: scalar.mark))
      }
      return value
    } catch {
      faulty.insert(key.name)
      self.error(scalar.mark, key.name, error.message)
      return key.fallback
    }
  }

  /// The value of a key that is one scalar; complains of anything else, and returns nil where there is none.
  public mutating func scalar(_ key: String) -> (text: String, mark: Mark)? {
    guard let node = values[key] else { return nil }
    guard case .scalar(let text, _) = node.content else {
      complainOfStructure(key, node.mark)
      return nil
    }
    return (text, node.mark)
  }

  /// The node behind a key, of whatever form; nil where it is not there.
  public func node(of key: some DescribedKey) -> OptionNode? { values[key.name] }

  /// A file that holds a secret, and is named in another way than by a key of its own.
  public mutating func add(_ file: SecretFilePlace) { secretFiles.append(file) }

  // MARK: Presence and places

  /// Where the value of a key stands; nil where it is not there.
  public func mark(of key: some DescribedKey) -> Mark? { values[key.name]?.mark }

  /// Whether a key is there.
  public func has(_ key: some DescribedKey) -> Bool { values[key.name] != nil }

  /// Whether a key is there, maybe under another name, which is complained of.
  public func isMeant(_ key: some DescribedKey) -> Bool { has(key) || context.misspelt.contains(key.name) }

  /// Whether a key is there and its value has been complained of.
  public func isFaulty(_ key: some DescribedKey) -> Bool { faulty.contains(key.name) }

  // MARK: Complaining

  /// Complains if a key is not there.
  public mutating func require(_ key: some DescribedKey) {
    guard !isMeant(key) else { return }
    diagnostics.append(
      Diagnostic(.error, at: mark, key.description.missing(in: "pseudowire '\(context.owner.pseudowire)'")))
  }

  /// Complains of a key's value.
  public mutating func error(_ mark: Mark, _ key: String, _ message: String) { complain(.error, mark, key, message) }

  /// Says that a key's value is probably not what is meant.
  public mutating func warning(_ mark: Mark, _ key: String, _ message: String) {
    complain(.warning, mark, key, message)
  }

  /// Complains of something in words of its own.
  public mutating func add(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

  private mutating func complain(_ severity: Diagnostic.Severity, _ mark: Mark, _ key: String, _ message: String) {
    diagnostics.append(
      Diagnostic(severity, at: mark, "'\(key)' in pseudowire '\(context.owner.pseudowire)': \(message)"))
  }

  private mutating func complainOfStructure(_ key: String, _ mark: Mark) {
    faulty.insert(key)
    error(mark, key, "expected one value, not a list or a mapping; write it after '\(key):'")
  }
}
