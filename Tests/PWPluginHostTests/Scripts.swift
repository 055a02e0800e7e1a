import Foundation
import Testing

/// Plugins as strangers write them: scripts in a folder of their own.
final class Scripts {
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "pwmgr-plugins-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  /// A Python plugin: `reply(request)` returns what is answered, and may do anything else.
  func plugin(_ name: String, _ body: String) throws -> String {
    try write(
      name,
      """
      #!/usr/bin/env python3
      import json, os, sys, time, signal
      def say(value):
          sys.stdout.write(json.dumps(value) + "\\n")
          sys.stdout.flush()
      def usual(request):
          verb = request["verb"]
          answer = {"id": request["id"]}
          if verb == "version":
              answer.update(protocol=1, type=5, payload="ethernet", plugin_version="1.0",
                            options=[{"name": "bridge", "absent": "none"}, {"name": "colour", "absent": "red"}],
                            verbs=["down", "check", "gc", "status"])
          if verb == "up":
              answer["links"] = [{"kind": "session", "mtu": 1400, "up": request["state"]["established"]}]
          if verb == "validate":
              colour = request["session"]["options"].get("colour")
              if colour not in (None, "red", "green"):
                  answer["problems"] = [{"path": ["colour"], "message": "'%s' is no colour" % colour}]
              bridge = request["session"]["options"].get("bridge")
              if bridge in request["bridges"]:
                  answer["attachment"] = {"kind": "bridge", "bridge": bridge}
              elif bridge is not None:
                  answer.setdefault("problems", []).append({"path": ["bridge"], "message": "no such bridge"})
          return answer
      \(body)
      for line in sys.stdin:
          say(reply(json.loads(line)))
      """)
  }

  /// Any executable. It is written by another process: a file that is open for writing cannot be run, and whatever this process has
  /// open, a child that another test makes at that moment has open as well, until its exec.
  func write(_ name: String, _ text: String) throws -> String {
    let file = folder.appending(path: name)
    let shell = Process()
    shell.executableURL = URL(filePath: "/bin/sh")
    shell.arguments = ["-c", #"cat >"$0" && chmod 755 "$0""#, file.path]
    let input = Pipe()
    shell.standardInput = input
    try shell.run()
    try input.fileHandleForWriting.write(contentsOf: Data(text.utf8))
    try input.fileHandleForWriting.close()
    shell.waitUntilExit()
    #expect(shell.terminationStatus == 0, "\(file.path) is written")
    return file.path
  }

  /// The text of a file that a plugin has written beside itself; empty where there is none.
  func text(_ name: String) -> String {
    (try? String(contentsOf: folder.appending(path: name), encoding: .utf8)) ?? ""
  }
}
