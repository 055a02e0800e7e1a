import Glibc
import PWConfig
import PWCore
import PWLinux
import PPPPlugin

/// Looks at the programs that a site names for its PPP links: one that would not be run is told of before its link is
/// up.
enum Programs {
  /// What is wrong with them, in the order of the file. They may come later, and nothing waits for them, so these are
  /// warnings; and notes for somebody other than root, to whom they may look otherwise.
  static func diagnostics(for reading: SiteReading) -> [Diagnostic] {
    var found: [Mark: Diagnostic] = [:]
    for tunnel in reading.site?.tunnels ?? [] {
      for pseudowire in tunnel.pseudowires where pseudowire.plugin == nil && pseudowire.type == .ppp {
        for key in PPPPlugin.programKeys {
          guard case .scalar(let path)? = pseudowire.options[key] else { continue }
          // Many pseudowires of one declaration have one place.
          let mark = reading.places.mark(of: key, tunnel: tunnel.name, pseudowire: pseudowire.name)
          guard found[mark] == nil, let reason = refusal(of: path) else { continue }
          found[mark] = Diagnostic(
            geteuid() == 0 ? .warning : .note, at: mark,
            "the '\(key)' program of pseudowire '\(pseudowire.name)' of tunnel '\(tunnel.name)' would not be run: "
              + reason
          )
        }
      }
    }
    return found.values.sorted { $0.mark < $1.mark }
  }

  private static func refusal(of path: String) -> String? {
    do throws(OwnProgram.Refusal) {
      try OwnProgram.check(path)
      return nil
    } catch {
      return error.description
    }
  }
}
