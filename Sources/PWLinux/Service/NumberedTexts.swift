import Glibc
import Synchronization

/// The last contents of a file, numbered, each in a file of its own below a folder that nobody else can write in.
///
/// The name of each file says all that is known of it (`17.1764471111.reload.yaml`): there is no index that could be
/// out of step with the files. A file is there whole or not at all, and stays when the machine loses power.
public final class NumberedTexts: Sendable {
  /// One of the contents.
  public struct Entry: Equatable, Sendable {
    /// Its number: the greatest is the latest.
    public let number: Int
    /// When it was added, in seconds since 1970.
    public let seconds: Int
    /// The occasion, in small letters.
    public let label: String

    /// The name of its file.
    public var name: String { "\(number).\(seconds).\(label).yaml" }

    /// Reads the name of a file; nil where that is not one of ours.
    fileprivate init?(name: String) {
      let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 4, parts[3] == "yaml", let number = Int(parts[0]), number > 0, let seconds = Int(parts[1]),
        !parts[2].isEmpty
      else { return nil }
      self.init(number: number, seconds: seconds, label: parts[2])
      guard self.name == name else { return nil }
    }

    fileprivate init(number: Int, seconds: Int, label: String) {
      (self.number, self.seconds, self.label) = (number, seconds, label)
    }
  }

  /// How many are kept.
  public static let maximumCount = 20

  private let folder: OwnFolder
  /// Additions come one after the other.
  private let turn = Mutex<Void>(())

  /// Those of a folder, which may have other files.
  public init(in folder: OwnFolder) { self.folder = folder }

  /// All of them, the latest last.
  public func entries() throws(SystemError) -> [Entry] {
    try folder.names().compactMap { Entry(name: $0) }.sorted { $0.number < $1.number }
  }

  /// The content of one.
  public func content(of entry: Entry) throws(SystemError) -> [UInt8] {
    try folder.content(of: entry.name)
  }

  /// Adds a content, unless it is the latest already; of more than ``maximumCount``, the oldest go.
  ///
  /// - Parameters:
  ///   - seconds: the date, in seconds since 1970.
  ///   - label: the occasion, in small letters.
  /// - Returns: whether it was added.
  @discardableResult
  public func add(_ content: [UInt8], seconds: Int, label: String) throws(SystemError) -> Bool {
    try turn.withLock { (_) throws(SystemError) in
      let known = try entries()
      if let last = known.last, try self.content(of: last) == content { return false }
      let entry = Entry(number: (known.last?.number ?? 0) + 1, seconds: seconds, label: label)
      try folder.write(content, as: entry.name)
      for old in known.dropLast(Self.maximumCount - 1) { folder.remove(old.name) }
      return true
    }
  }
}
