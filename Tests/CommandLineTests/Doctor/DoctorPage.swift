import Foundation

@testable import pwmgr

/// `docs/doctor.md`: everything that `pwmgr doctor` can find, as a page.
enum DoctorPage {
  static let file = CodesPage.file.deletingLastPathComponent().appending(path: "doctor.md")

  private static let columns = 120

  /// The page as it should be.
  static var text: String {
    var blocks = [
      "# Findings of pwmgr doctor",
      paragraph(
        """
        `pwmgr doctor` looks at the machine, at the daemon and at the site, and prints each finding with its \
        observation, \
        its meaning and its cure. A finding has one of the codes below, which stay the same from release to release; \
        there may be more of them. The cure that is printed names the very link, port or file. The page is made \
        from the \
        program: `PWMGR_REWRITE=1 swift test --filter DoctorPageTests` writes it anew.
        """),
      paragraph(
        """
        If no daemon answers, it looks at the machine alone, for the site in `/etc/pwmgr/site.yaml` or, with \
        `--site`, in \
        another file. It changes nothing on the machine. The programs that it runs, `nft` or `iptables-save`, have \
        five seconds each. Without root, it names at its end what it could not see.
        """),
      "| status | meaning |\n|---|---|\n"
        + "| 0 | no problem was found; warnings and notes do not count |\n"
        + "| 1 | there is no tunnel or pseudowire of the name |\n"
        + "| 3 | a problem was found |\n"
        + "| 69 | no daemon answers, and `--site` is not given: whatever else was found is printed all the same |",
      paragraph(
        """
        `--json` prints an object with `format` (1), `site`, `name`, `daemon_answers`, `findings` and \
        `not_looked_at`. \
        Each of the `findings` has `code`, `severity`, `object` (with `kind`: `machine`, `site`, `tunnel`, \
        `pseudowire` or \
        `link`, and `name`), `saw`, `meaning` and `cure`. The last three are for people, and may change in any \
        release; \
        so may the lines of `not_looked_at`.
        """),
    ]
    for severity in DoctorSeverity.allCases {
      blocks.append("## \(severity.rawValue.capitalized)s")
      for code in DoctorCode.allCases where code.entry.severity == severity {
        blocks.append("### \(code.rawValue)")
        blocks.append(paragraph(code.entry.meaning))
        blocks.append(paragraph("Cure: \(code.entry.cure)."))
      }
    }
    return blocks.joined(separator: "\n\n") + "\n"
  }

  private static func paragraph(_ text: String) -> String {
    WrappedText.lines(text, columns: columns).joined(separator: "\n")
  }
}
