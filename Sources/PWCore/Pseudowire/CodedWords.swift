/// Something that people read in words and programs by a code. A report of links has the words alone where the code is
/// the usual one, as reports before there were codes.
public protocol CodedWords: Codable {
  /// The codes: programs rely on their names.
  associatedtype Code: Codable, Equatable
  /// The code that is left out.
  static var usualCode: Code { get }
  /// What it is about, for programs.
  var code: Code { get }
  /// The same for people.
  var words: String { get }
  /// With a code and words.
  init(_ code: Code, _ words: String)
}

private enum CodedWordsKeys: String, CodingKey {
  case code, words
}

extension CodedWords {
  /// Reads either form.
  public init(from decoder: any Decoder) throws {
    if let words = try? decoder.singleValueContainer().decode(String.self) {
      self.init(Self.usualCode, words)
      return
    }
    let container = try decoder.container(keyedBy: CodedWordsKeys.self)
    // A later version may know more codes: the words say what it is.
    self.init(
      (try? container.decode(Code.self, forKey: .code)) ?? Self.usualCode,
      try container.decode(String.self, forKey: .words))
  }

  /// Writes the shorter form that says it all.
  public func encode(to encoder: any Encoder) throws {
    if code == Self.usualCode {
      var container = encoder.singleValueContainer()
      return try container.encode(words)
    }
    var container = encoder.container(keyedBy: CodedWordsKeys.self)
    try container.encode(code, forKey: .code)
    try container.encode(words, forKey: .words)
  }
}
