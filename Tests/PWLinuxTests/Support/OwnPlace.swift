import Glibc

/// A folder of ours in /tmp for a folder in it, gone with the test.
final class OwnPlace {
  /// Somebody who is not root.
  static let somebody: uid_t = 65_534

  let path: String
  var inside: String { path + "/state" }

  init() throws { path = String(try Namespace.shell("mktemp -d /tmp/pwmgr-own-XXXXXX").dropLast()) }

  deinit { _ = try? Namespace.shell("rm -rf \(path)") }

  /// Makes a program of ours.
  func program(_ path: String) throws { try Namespace.shell("printf '#!/bin/sh\n' >\(path); chmod 755 \(path)") }
}
