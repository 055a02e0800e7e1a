import FoundationEssentials

/// Lines and what they say.
public enum PluginLine {
  /// A request as a line, its newline included.
  public static func octets(of request: PluginRequest) -> [UInt8] { line(request) }

  /// A response as a line, its newline included.
  public static func octets(of response: PluginResponse) -> [UInt8] { line(response) }

  /// Reads a response from a line that a plugin wrote.
  ///
  /// - Parameter octets: a line without its newline.
  /// - Throws: what is wrong with it, and where.
  public static func response(_ octets: some Sequence<UInt8>) throws(PluginFault) -> PluginResponse {
    try read(PluginResponse.self, octets)
  }

  /// Reads a request from a line that pwmgr wrote.
  public static func request(_ octets: some Sequence<UInt8>) throws(PluginFault) -> PluginRequest {
    try read(PluginRequest.self, octets)
  }

  private static func line(_ value: some Encodable) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(value) else {
      preconditionFailure("strings, numbers and truth values can be written as JSON")
    }
    return Array(data) + [UInt8(ascii: "\n")]
  }

  private static func read<Value: Decodable>(
    _ type: Value.Type, _ octets: some Sequence<UInt8>
  ) throws(PluginFault) -> Value {
    do {
      return try JSONDecoder().decode(type, from: Data(octets))
    } catch let error as DecodingError {
      throw PluginFault(words(for: error))
    } catch {
      throw PluginFault("it is not JSON")
    }
  }

  private static func words(for error: DecodingError) -> String {
    func place(_ context: DecodingError.Context) -> String {
      let path = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
      return path.isEmpty ? "the line" : "'\(path)'"
    }
    switch error {
    case .typeMismatch(let type, let context): return "\(place(context)) should be \(name(of: type))"
    case .valueNotFound(let type, let context): return "\(place(context)) is null and should be \(name(of: type))"
    case .keyNotFound(let key, let context): return "\(place(context)) has no '\(key.stringValue)'"
    case .dataCorrupted(let context):
      return context.codingPath.isEmpty
        ? "it is not JSON" : "\(place(context)): \(context.debugDescription)".asPluginText
    @unknown default: return "it cannot be read"
    }
  }

  private static func name(of type: any Any.Type) -> String {
    switch type {
    case is String.Type: "a string"
    case is Bool.Type: "true or false"
    case is Int.Type, is UInt16.Type, is UInt8.Type: "a whole number"
    case is any Collection.Type: "a list or an object"
    default: "an object"
    }
  }
}
