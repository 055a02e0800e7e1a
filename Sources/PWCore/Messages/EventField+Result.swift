extension EventField {
  /// The result code that a peer has sent, and the error code beside it, where there is one.
  static func result(_ code: UInt16, _ error: GeneralError?) -> [EventField] {
    var fields: [EventField] = [.number(.result, Int(code))]
    if let error { fields.append(.number(.error, Int(error.rawValue))) }
    return fields
  }
}
