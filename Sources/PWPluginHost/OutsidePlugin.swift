public import PWCore
public import PWPluginWire
import Synchronization

/// A plugin in another process, as whoever reads a site file sees it: one like those in this process. It is asked while it is
/// read, and waited for; what it says of a pseudowire's options is asked once.
public final class OutsidePlugin: PseudowirePlugin {
  /// What the site file's `type:` calls it.
  public let name: String
  /// Its executable.
  public let path: String
  /// What it says that it is.
  public let identity: PluginIdentity
  private let state: Mutex<State>

  private struct State {
    var enquiry: PluginEnquiry?
    /// By the options, as text: pseudowires with the same have the same.
    var validations: [String: PluginValidation] = [:]
  }

  /// Starts it and asks what it is.
  ///
  /// - Throws: why it cannot be used.
  public init(name: String, path: String, version: String) throws(PluginFault) {
    self.name = name
    self.path = path
    let enquiry = try PluginEnquiry(path: path)
    identity = try enquiry.identity(version: version)
    state = Mutex(State())
    state.withLock { [enquiry = Confined(enquiry)] in $0.enquiry = enquiry.value }
  }

  /// The pseudowire type that it signals.
  public var type: PseudowireType { identity.type }
  /// What its sessions carry.
  public var payload: PseudowirePayload { identity.payload }
  /// The keys that it reads.
  public var optionKeys: [KeyDescription] { identity.options }
  /// How the engine and the daemon know it.
  public var declaration: PluginDeclaration {
    PluginDeclaration(name: name, path: path, type: type, payload: payload)
  }

  /// Ends its process: nothing more is to be validated.
  public func close() { state.withLock { $0.enquiry = nil } }

  /// Has it look through the options of a pseudowire. Where one is missing that must be there it is not asked: it may rely on them.
  public func check(_ options: OptionNode, in context: OptionContext) -> [Diagnostic] {
    let missing = identity.missingOptions(in: options.value)
    guard missing.isEmpty else {
      let owner = "pseudowire '\(context.owner.pseudowire)'"
      return missing.filter { !context.misspelt.contains($0.name) }.map { key in
        Diagnostic(.error, at: options.mark, key.missing(in: owner, neededBy: "plugin '\(name)'"))
      }
    }
    do throws(PluginFault) {
      let validation = try validate(options.value, context)
      return validation.problems.map { diagnostic(of: $0, in: options) }
    } catch {
      return [
        Diagnostic(
          .error, at: options.mark,
          "plugin '\(name)' cannot say whether the options of pseudowire '\(context.owner.pseudowire)' are right: \(error)"
        )
      ]
    }
  }

  /// What it has said in answer to ``check(_:in:)``.
  public func attachmentCircuit(of options: OptionValue) -> AttachmentCircuit {
    validation(of: options)?.attachment ?? .none
  }

  /// What it has said in answer to ``check(_:in:)``.
  public func splitHorizonGroup(of options: OptionValue) -> String? {
    validation(of: options)?.splitHorizonGroup
  }

  /// What it has said in answer to ``check(_:in:)``.
  public func offeredAVPs(of options: OptionValue) -> [PluginAVP] { validation(of: options)?.offeredAVPs ?? [] }

  /// What it has said in answer to ``check(_:in:)``.
  public func secretFiles(in options: OptionNode) -> [SecretFilePlace] {
    (validation(of: options.value)?.secretFiles ?? []).compactMap { path in
      guard let node = OutsidePlugin.node(at: path, in: options), case .scalar(let file, _) = node.content else {
        return nil
      }
      return SecretFilePlace(path: file, mark: node.mark)
    }
  }

  /// Questions about sessions are for ``PluginHost``, which does not wait.
  public func answer(_ question: PluginQuestion) -> PluginAnswer {
    let reason = "plugin '\(name)' answers from another process"
    return .refuse(CallResult(.noFacilitiesTemporary, text: reason), reason: reason)
  }

  // MARK: Asking

  private func validate(_ options: OptionValue, _ context: OptionContext) throws(PluginFault) -> PluginValidation {
    let declaration = PseudowireDeclaration(
      name: context.owner.pseudowire, type: type, remoteEndID: RemoteEndID(octets: []),
      interfaceName: context.interfaceName, options: options)
    let session = PluginSession(owner: context.owner, declaration: declaration)
    let result: Result<PluginValidation, PluginFault> = state.withLock { state in
      do throws(PluginFault) {
        guard let enquiry = state.enquiry else { throw PluginFault("it has ended") }
        let response = try enquiry.ask(.validate) { .validate($0, session, bridges: context.bridges) }
        let validation = try response.validation()
        state.validations[PluginLine.text(of: JSONValue(options))] = validation
        return .success(validation)
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  private func validation(of options: OptionValue) -> PluginValidation? {
    state.withLock { $0.validations[PluginLine.text(of: JSONValue(options))] }
  }

  // MARK: Places

  private func diagnostic(of problem: PluginResponse.Problem, in options: OptionNode) -> Diagnostic {
    let severity = problem.severity.flatMap(Diagnostic.Severity.init(rawValue:)) ?? .error
    return Diagnostic(
      severity, at: OutsidePlugin.mark(of: problem, in: options) ?? options.mark, problem.message.asPluginText)
  }

  private static func node(at path: [PluginResponse.PathStep], in options: OptionNode) -> OptionNode? {
    var node = options
    for step in path {
      switch (step, node.content) {
      case (.key(let key), .mapping(let pairs)):
        guard let pair = pairs.first(where: { $0.key == key }) else { return nil }
        node = pair.value
      case (.index(let index), .sequence(let nodes)):
        guard nodes.indices.contains(index) else { return nil }
        node = nodes[index]
      case (.key, .scalar), (.key, .sequence), (.index, .scalar), (.index, .mapping): return nil
      }
    }
    return node
  }

  /// Where a problem is in the file: as far along the way to it as there is one.
  static func mark(of problem: PluginResponse.Problem, in options: OptionNode) -> Mark? {
    var node = options
    var mark: Mark?
    for step in problem.path ?? [] {
      switch (step, node.content) {
      case (.key(let key), .mapping(let pairs)):
        guard let pair = pairs.first(where: { $0.key == key }) else { return mark }
        node = pair.value
        mark = problem.key == true ? pair.keyMark : node.mark
      case (.index(let index), .sequence(let nodes)):
        guard nodes.indices.contains(index) else { return mark }
        node = nodes[index]
        mark = node.mark
      case (.key, .scalar), (.key, .sequence), (.index, .scalar), (.index, .mapping): return mark
      }
    }
    return mark
  }
}

/// A value that is used under one lock, and only carried there.
private struct Confined<Value>: @unchecked Sendable {
  let value: Value
  init(_ value: Value) { self.value = value }
}
