public import PWCore

/// A mapping of the site file and the keys that it may have, for readers: the reference page is made of these.
public struct SchemaSection: Sendable {
  /// The thing that the mapping describes, as in "unknown key in a tunnel".
  public let title: String
  /// Its keys, in the order of the reference page.
  public let keys: [KeyDescription]

  /// What may stand behind each of them, in the same order.
  public let shapes: [KeyShape]

  /// The mappings that stand below one of its keys.
  private let below: [SchemaSection]

  /// All of them, from the top of the file down, each before those below it; plugins add theirs to the pseudowire's.
  public static let all: [SchemaSection] = SiteKeys.schema.withAllBelow

  private var withAllBelow: [SchemaSection] { [self] + below.flatMap(\.withAllBelow) }

  /// All keys that a set has as stored properties: none can be declared and forgotten here.
  init<Keys: KeySet>(of set: Keys) {
    title = Keys.title
    let declared = Mirror(reflecting: set).children.map { child in
      guard let key = child.value as? any DeclaredKey else {
        preconditionFailure("\(child.label ?? "a property") of the keys of a \(Keys.title) is not a key")
      }
      return key
    }
    keys = declared.map(\.description)
    shapes = declared.map(\.shape)
    below = declared.compactMap(\.below)
  }

  /// The section of a key that is unknown here, if it is a key elsewhere.
  static func owner(of key: String, otherThan section: SchemaSection) -> SchemaSection? {
    all.first { other in other.title != section.title && other.keys.contains { $0.name == key } }
  }
}
