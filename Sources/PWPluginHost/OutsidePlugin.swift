public import PWCore
public import PWPluginWire
import Synchronization

/// A plugin in another process, as whoever reads a site file sees it: one like those in this process. It is asked while
/// the file is read, and waited for.
public final class OutsidePlugin: PseudowirePlugin {
  /// The name that the site file's `type:` has for it.
  public let name: String
  /// The path of its executable.
  public let path: String
  /// The identity that the plugin states in answer to `version`.
  public let identity: PluginIdentity
  private let enquiry: Mutex<PluginEnquiry?>

  /// Starts it and asks what it is.
  ///
  /// - Throws: why it cannot be used.
  public init(name: String, path: String, version: String) throws(PluginFault) {
    self.name = name
    self.path = path
    let enquiry = try PluginEnquiry(path: path)
    identity = try enquiry.identity(version: version)
    self.enquiry = Mutex(nil)
    self.enquiry.withLock { [enquiry = Confined(enquiry)] in $0 = enquiry.value }
  }

  /// The pseudowire type that it signals.
  public var type: PseudowireType { identity.type }
  /// The kind of frames that its sessions carry.
  public var payload: PseudowirePayload { identity.payload }
  /// The keys that it reads.
  public var optionKeys: [KeyDescription] { identity.options }
  /// How the engine and the daemon know it.
  public var declaration: PluginDeclaration {
    PluginDeclaration(
      name: name, path: path, type: type, payload: payload,
      changeableOptions: ChangeableOptions(of: identity.options))
  }

  /// Ends its process: nothing more is to be validated.
  public func close() { enquiry.withLock { $0 = nil } }

  /// Has it look through the options of a pseudowire. Where one is missing that must be there, or is not of its type,
  /// it is not asked: it may rely on them.
  public func read(_ reading: inout OptionReading) -> PluginValidation? {
    let context = reading.context
    let missing = identity.missingOptions(in: reading.node.value)
    guard missing.isEmpty else {
      let owner = "pseudowire '\(context.owner.pseudowire)'"
      for key in missing where !context.misspelt.contains(key.name) {
        reading.add(Diagnostic(.error, at: reading.mark, key.missing(in: owner, neededBy: "plugin '\(name)'")))
      }
      return nil
    }
    guard checkForms(&reading) else { return nil }
    do throws(PluginFault) {
      let validation = try validate(reading.node.value, context)
      for problem in validation.problems { reading.add(diagnostic(of: problem, in: reading.node)) }
      for path in validation.secretFiles {
        guard let node = OutsidePlugin.node(at: path, in: reading.node), let file = Scalar(node) else { continue }
        reading.add(SecretFilePlace(path: file.text, mark: file.mark))
      }
      return validation
    } catch {
      reading.add(
        Diagnostic(
          .error, at: reading.mark,
          "plugin '\(name)' cannot say whether the options of pseudowire '\(context.owner.pseudowire)' are right: "
            + "\(error)"
        ))
      return nil
    }
  }

  /// Complains of values that are not of the type that it has said; whether there is none.
  private func checkForms(_ reading: inout OptionReading) -> Bool {
    var isRight = true
    for key in identity.options {
      guard let form = key.form, let node = reading.values[key.name] else { continue }
      for fault in form.faults(of: node) {
        reading.error(fault.mark, key.name, fault.message)
        isRight = false
      }
    }
    return isRight
  }

  /// The outline of a pseudowire, from the plugin's answer about its options.
  public func outline(of validation: PluginValidation) -> PseudowireOutline {
    var outline = PseudowireOutline(attachment: validation.attachment)
    outline.splitHorizonGroup = validation.splitHorizonGroup
    outline.offeredAVPs = validation.offeredAVPs
    return outline
  }

  /// Questions about sessions are for ``PluginHost``, which does not wait.
  public func answer(_ question: PluginQuestion, _ validation: PluginValidation) -> PluginAnswer {
    let reason = "plugin '\(name)' answers from another process"
    return .refuse(CallResult(.noFacilitiesTemporary, text: reason), reason: reason)
  }

  // MARK: Asking

  private func validate(_ options: OptionValue, _ context: OptionContext) throws(PluginFault) -> PluginValidation {
    let declaration = PseudowireDeclaration(
      name: context.owner.pseudowire, type: type, remoteEndID: RemoteEndID(octets: []),
      interfaceName: context.interfaceName, options: options)
    let session = PluginSession(owner: context.owner, declaration: declaration)
    let result: Result<PluginResponse, PluginFault> = enquiry.withLock { enquiry in
      do throws(PluginFault) {
        guard let enquiry else { throw PluginFault("it has ended") }
        return .success(try enquiry.ask(.validate) { .validate($0, session, bridges: context.bridges) })
      } catch {
        return .failure(error)
      }
    }
    return try result.get().validation()
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
