import Glibc
import PWConfig
import PWCore
import PWLinux

/// Looks at the programs that a site names for its PPP links: one that would not be run is told of before its link is
/// up.
enum Programs {
  /// The faults of the programs, in the order of the file. The programs may come later, and nothing waits for them, so
  /// these are warnings; and notes for somebody other than root, to whom they may look otherwise.
  static func diagnostics(for reading: SiteReading) -> [Diagnostic] {
    reading.programs.compactMap { program in
      refusal(of: program.place.path).map { reason in
        Diagnostic(
          geteuid() == 0 ? .warning : .note, at: program.place.mark,
          "the '\(program.place.key)' program of pseudowire '\(program.owner.pseudowire)' of tunnel "
            + "'\(program.owner.tunnel)' would not be run: \(reason)")
      }
    }.sorted { $0.mark < $1.mark }
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
