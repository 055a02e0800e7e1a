import ArgumentParser
import FoundationEssentials
import Glibc
import PWCore
import PWLinux

/// `pwmgr exporter`: serves what the daemon says of itself over HTTP.
struct ExporterCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "exporter",
    abstract: "Serve the daemon's metrics and status over HTTP, for Prometheus and for a browser.",
    discussion: """
      A process of its own, which needs no privilege except permission to query the daemon: run it as a member of the \
      site's 'control-group'. It runs in the foreground until SIGTERM or Ctrl-C, and does not end when the daemon does.

      / is a page for a browser: the state of every tunnel and pseudowire, and its traffic now, as it changes.

      /metrics has the metrics (docs/metrics.md), also when the daemon does not answer: then 'pwmgr_up' is 0. \
      /status.json has what 'pwmgr status --json' prints, /events the same every 2 seconds, as server-sent events, and \
      /healthz is 200 if the daemon answers, else 503. There \
      is no encryption and no password: an address that others can reach belongs behind a proxy that has both.

      Exit status: 0 after a clean stop, 64 for a usage error, 69 if libmicrohttpd is not installed, 71 if it cannot \
      listen.
      """)

  @Option(
    help: ArgumentHelp(
      "Where to listen: an IPv4 address or an IPv6 one in brackets, and a port; [::] accepts IPv6 only.",
      valueName: "address"),
    transform: ListenAddress.read)
  var listen = ListenAddress.usual

  @OptionGroup var socket: ControlSocketOption

  /// How long the answers that are under way may take once it is to end.
  private static let endSeconds: UInt32 = 1

  func run() throws {
    let ends = EndSignals()
    let pages = ExporterPages(client: ControlClient(path: socket.controlSocket)) { StandardError.write("pwmgr: \($0)") }
    let server: WebServer
    do {
      server = try WebServer(listeningAt: listen, with: HTTPLibrary()) { pages.answer($0) }
    } catch let missing as HTTPLibrary.Missing {
      StandardError.write("pwmgr: \(missing.message)")
      throw ExitStatus.unavailable.exit
    } catch {
      StandardError.write("pwmgr: cannot \(error); --listen names another address or port")
      throw ExitStatus.systemFault.exit
    }
    StandardError.write("pwmgr: exporter listens at http://\(listen)/metrics")
    ends.wait()
    pages.feed.close()
    // An answer may be under way that waits for a daemon which hangs.
    try? WorkerThread.start(name: "end") {
      sleep(Self.endSeconds)
      _exit(ExitCode.success.rawValue)
    }
    server.stop()
  }
}

/// The address that an exporter listens at.
enum ListenAddress {
  /// For programs of this machine alone.
  static let usual = Endpoint(address: .v4(0x7F00_0001), port: 9788)

  /// Reads `127.0.0.1:9788` or `[::1]:9788`.
  static func read(_ text: String) throws -> Endpoint {
    let parts = text.lastIndex(of: ":").map { (text[..<$0], text[$0...].dropFirst()) }
    guard let (host, digits) = parts, digits.allSatisfy(\.isASCIIDigit),
      let port = UInt16(digits), port > 0
    else {
      throw ValidationError("'\(text)' is not an address and a port, as in \(usual) or [::1]:\(usual.port)")
    }
    let isBracketed = host.first == "[" && host.last == "]"
    let inner = isBracketed ? host.dropFirst().dropLast() : host
    guard let address = IPAddress(String(inner)), (address.family == .v6) == isBracketed else {
      throw ValidationError("'\(host)' is not an address: an IPv4 address, or an IPv6 one in brackets, as in [::1]")
    }
    if isForMany(address) {
      throw ValidationError("'\(host)' is a multicast or broadcast address; nobody can connect to it")
    }
    return Endpoint(address: address, port: port)
  }

  /// Whether packets to it go to several machines: TCP has no such connections, though the system lets one listen
  /// there.
  private static func isForMany(_ address: IPAddress) -> Bool {
    switch address {
    case .v4(let number): number >> 28 == 0xE || number == .max
    case .v6(let high, _, _): high >> 56 == 0xFF
    }
  }
}

/// SIGTERM and Ctrl-C, for a command that only waits for them. Made before there are other threads, which inherit that
/// the signals are held.
private struct EndSignals {
  private var set = sigset_t()

  init() {
    sigemptyset(&set)
    sigaddset(&set, SIGINT)
    sigaddset(&set, SIGTERM)
    pthread_sigmask(SIG_BLOCK, &set, nil)
  }

  func wait() {
    var (set, number) = (set, Int32(0))
    while sigwait(&set, &number) != 0 {}
  }
}

extension Character {
  fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
}
