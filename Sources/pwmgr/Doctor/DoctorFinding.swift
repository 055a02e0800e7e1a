/// The thing that a finding is about.
struct DoctorObject: Encodable, Equatable {
  enum Kind: String, Encodable {
    case machine, site, tunnel, pseudowire, link
  }

  let kind: Kind
  /// Its name: `berlin/lan` of a pseudowire; empty of the machine.
  let name: String

  static let machine = DoctorObject(kind: .machine, name: "")
  static func site(_ name: String) -> DoctorObject { DoctorObject(kind: .site, name: name) }
  static func tunnel(_ name: String) -> DoctorObject { DoctorObject(kind: .tunnel, name: name) }
  static func pseudowire(_ name: String) -> DoctorObject { DoctorObject(kind: .pseudowire, name: name) }
  static func link(_ name: String) -> DoctorObject { DoctorObject(kind: .link, name: name) }

  /// `pseudowire berlin/lan`.
  var words: String { name.isEmpty ? kind.rawValue : "\(kind.rawValue) \(name)" }
}

/// One thing that was found.
struct DoctorFinding: Encodable {
  let code: DoctorCode
  let severity: DoctorSeverity
  let object: DoctorObject
  /// The observation, with its place.
  let saw: String
  /// The cure: a command, or a line of a file.
  let cure: String

  /// - Parameters:
  ///   - cure: where more is known than the cure in general.
  ///   - severity: where it is another one than usual.
  init(
    _ code: DoctorCode, _ object: DoctorObject, _ saw: String, cure: String? = nil, severity: DoctorSeverity? = nil
  ) {
    let entry = code.entry
    (self.code, self.object, self.saw) = (code, object, saw)
    self.severity = severity ?? entry.severity
    self.cure = cure ?? entry.cure
  }

  private enum CodingKeys: CodingKey { case code, severity, object, saw, meaning, cure }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(code, forKey: .code)
    try container.encode(severity, forKey: .severity)
    try container.encode(object, forKey: .object)
    try container.encode(saw, forKey: .saw)
    try container.encode(code.entry.meaning, forKey: .meaning)
    try container.encode(cure, forKey: .cure)
  }
}
