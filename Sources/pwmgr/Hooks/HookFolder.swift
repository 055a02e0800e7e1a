import FoundationEssentials
import Glibc
import PWCore
import PWLinux

/// The folder of hooks: it has a folder for each kind of event that somebody wants programs to run for, named by the
/// kind, or `any` for all of them.
struct HookFolder {
  /// Where it is by default.
  static let usualPath = "/etc/pwmgr/hooks.d"
  /// The folder of the programs that run for all events.
  static let forAll = "any"

  /// Its full path.
  let path: String

  /// A folder, from the working directory unless its path begins with `/`. A link to it is followed.
  init(path: String) { self.path = URL(filePath: path).resolvingSymlinksInPath().path }

  /// Some of its programs.
  struct Selection: Equatable {
    /// The full paths of the programs, in the order in which they run.
    var programs: [String] = []
    /// What is wrong with the folders, with the cures.
    var complaints: [String] = []
  }

  /// The programs for an event: those of its kind and those for all, in the order of their files' names.
  ///
  /// - Parameter kind: the word of the event's kind, whatever version of the daemon has said it.
  func programs(for kind: String) -> Selection {
    var selection = Selection()
    guard Self.isWord(kind) else { return selection }
    let folders = [Self.forAll, kind]
    let found = folders.flatMap { folder in names(in: folder, &selection.complaints).map { (name: $0, folder: folder) }
    }
    selection.programs = found.sorted { ($0.name, $0.folder) < ($1.name, $1.folder) }
      .map { "\(path)/\($0.folder)/\($0.name)" }
    return selection
  }

  /// All of its programs, each of them checked.
  func survey() -> Selection {
    var selection = Selection()
    var folders: [String] = []
    do throws(SystemError) {
      folders = try OwnFolder(path: path, makesIt: false).names().filter { !Self.isPassedOver($0) }.sorted()
    } catch {
      selection.complaints.append(Self.complaint(error, of: path))
    }
    for folder in folders {
      guard folder == Self.forAll || EventKind(rawValue: folder) != nil else {
        let words = EventKind.allCases.map(\.rawValue) + [Self.forAll]
        let hint = Spelling.hint(for: folder, among: words, otherwise: "; docs/events.md lists them")
        selection.complaints.append("\(path)/\(folder): '\(folder)' is not a kind of event\(hint)")
        continue
      }
      for name in names(in: folder, &selection.complaints).sorted() {
        let program = "\(path)/\(folder)/\(name)"
        do throws(OwnProgram.Refusal) {
          try OwnProgram.check(program)
          selection.programs.append(program)
        } catch {
          selection.complaints.append(error.description)
        }
      }
    }
    return selection
  }

  /// Whether a kind is one of ours, or of a later version's: a word that leads nowhere else when it is part of a path.
  private static func isWord(_ kind: String) -> Bool {
    !kind.isEmpty && kind != forAll
      && kind.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == UInt8(ascii: "-") }
  }

  private func names(in folder: String, _ complaints: inout [String]) -> [String] {
    do throws(SystemError) {
      return try OwnFolder(path: "\(path)/\(folder)", makesIt: false).names().filter { !Self.isPassedOver($0) }
    } catch {
      if error.code != ENOENT { complaints.append(Self.complaint(error, of: "\(path)/\(folder)")) }
      return []
    }
  }

  private static func complaint(_ error: SystemError, of path: String) -> String {
    error.isRefusal ? "cannot \(error)" : "\(path): \(error.reason)"
  }

  /// Whether a file is one that editors and package managers leave beside the one that counts.
  static func isPassedOver(_ name: String) -> Bool {
    name.hasPrefix(".") || leftoverEndings.contains(where: name.hasSuffix) || name.contains(".dpkg-")
  }

  private static let leftoverEndings = ["~", ".bak", ".orig", ".rej", ".swp", ".rpmnew", ".rpmsave", ".rpmorig"]
}
