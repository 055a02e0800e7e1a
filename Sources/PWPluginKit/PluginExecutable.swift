import Glibc
import PWCore
import PWPluginWire

/// Makes an executable of a plugin: `main.swift` is one line, `PluginExecutable.serve(MyPlugin())`.
public enum PluginExecutable {
  /// Answers pwmgr on the standard streams until it has nothing more to ask.
  ///
  /// Text that the plugin prints is not taken for an answer: it comes into pwmgr's log.
  public static func serve(_ plugin: some ServedPlugin) -> Never {
    guard getenv(PluginProtocol.environmentKey) != nil else {
      write(Array("this is a plugin: pwmgr starts it; try it with 'pwmgr plugin test' and its full path\n".utf8), to: 2)
      exit(EX_USAGE)
    }
    let answers = dup(STDOUT_FILENO)
    guard answers >= 0, dup2(STDERR_FILENO, STDOUT_FILENO) >= 0 else { exit(EX_OSERR) }
    let responder = PluginResponder(plugin)
    var input = RequestLines()
    while let line = input.next() {
      let octets: [UInt8]
      do throws(PluginFault) {
        octets = PluginLine.octets(of: responder.response(to: try PluginLine.request(line)))
      } catch {
        log(.error, "pwmgr wrote a line that cannot be read: \(error)", to: answers)
        continue
      }
      // Text that the plugin printed meanwhile.
      fflush(nil)
      guard write(octets, to: answers) else { exit(EX_IOERR) }
    }
    exit(EXIT_SUCCESS)
  }

  private static func log(_ level: Event.Level, _ text: String, to descriptor: Int32) {
    var line = PluginResponse(id: nil)
    line.log = text
    line.level = "\(level)"
    write(PluginLine.octets(of: line), to: descriptor)
  }

  @discardableResult
  private static func write(_ octets: [UInt8], to descriptor: Int32) -> Bool {
    var rest = octets[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }
}

/// Lines of standard input, as they come.
private struct RequestLines {
  private var octets: [UInt8] = []
  private var searched = 0

  /// The next line without its newline; nil when there is no more, or one longer than pwmgr writes.
  mutating func next() -> [UInt8]? {
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while octets.count <= PluginProtocol.maximumRequestOctets {
      if let newline = octets[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        let line = Array(octets[..<newline])
        octets.removeFirst(newline + 1)
        searched = 0
        return line
      }
      searched = octets.count
      let count = read(STDIN_FILENO, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return nil }
      octets.append(contentsOf: chunk.prefix(count))
    }
    return nil
  }
}
