import FoundationEssentials

/// An answer of the daemon over its control socket, which is its JSON.
protocol ControlAnswer: Codable {}

extension ControlAnswer {
  /// Reads a daemon's answer.
  ///
  /// - Throws: when that is not one.
  init(answer: Data) throws(ControlFailure) {
    do {
      self = try JSONDecoder().decode(Self.self, from: answer)
    } catch {
      if let refusal = ControlError(in: answer) {
        throw ControlFailure(
          message: "the daemon refuses the request: \(refusal.error.message); this pwmgr is \(Version.number)")
      }
      throw ControlFailure(
        message: "the daemon's answer cannot be read: it is of another version than this pwmgr (\(Version.number))")
    }
  }

  /// The answer, as the daemon sends it.
  var octets: [UInt8] {
    guard let data = try? JSONEncoder().encode(self) else { return [] }
    return Array(data)
  }
}
