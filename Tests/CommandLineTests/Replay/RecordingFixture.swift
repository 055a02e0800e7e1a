import Foundation
import PWCore
import PWCrypto
import Testing

@testable import pwmgr

/// A folder of one test's own, and recordings in it.
final class RecordingFixture {
  let folder: URL
  /// Why files have come to an end.
  private(set) var ends: [RecordingEnd] = []

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "pwmgr-record-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func path(_ name: String) -> String { folder.appending(path: name).path }

  static let header = RecordingHeader(
    version: "0.0.0", site: "amsterdam", processID: 42, dataPlane: "userspace", dataPlaneReason: "as the site asks",
    beganMilliseconds: 1_795_435_384_000, began: Instant(nanoseconds: 5_000_000_000))

  static let secret = Array("the secret of the laboratory".utf8)
  static let nextSecret = Array("the one that replaces it".utf8)

  static func site() -> Site {
    var site = Site(name: "amsterdam", routerID: 1)
    var tunnel = TunnelDeclaration(name: "berlin", peer: .address(.v4(0xC000_0202)))
    tunnel.authentication = Authentication(secretFile: "/etc/pwmgr/berlin", hiding: .all)
    tunnel.pseudowires = [
      PseudowireDeclaration(
        name: "lan", type: .ethernet, remoteEndID: RemoteEndID(number: 100), interfaceName: "pw0",
        options: .mapping([(key: "bridge", value: .scalar("br0"))]))
    ]
    site.tunnels = [tunnel]
    site.bridges = [BridgeDeclaration(name: "br0", members: ["eth1"])]
    return site
  }

  /// A file that records into a descriptor.
  func file(_ descriptor: Int32, limit: RecordingLimit = .usual) -> RecordingFile {
    RecordingFile(descriptor: descriptor, header: Self.header, limit: limit) { [unowned self] in ends.append($0) }
  }

  /// Runs an engine that is started, calls in vain, gets another secret, and is stopped. A second passes between one
  /// thing and the next.
  func record(to name: String, limit: RecordingLimit = .usual) throws -> String {
    let recording = Recording(file: file(try RecordingFile.create(path(name)), limit: limit))
    var now = Self.header.began
    var engine = recording.makeEngine(
      site: Self.site(), secrets: ["berlin": TunnelSecrets(Self.secret)], entropy: SystemEntropy(),
      authenticator: CryptoAuthenticator(), leastEventLevel: .info, at: now)
    var waiting: [Input] = [
      .link(LinkState(name: "eth1", isUp: true, mtuOctets: 1500)), .deadline,
      .site(Self.site(), secrets: ["berlin": TunnelSecrets(Self.nextSecret, previous: Self.secret)]), .shutdown,
    ]
    func drain() -> [Input] {
      var answers: [Input] = []
      while true {
        let output = engine.nextOutput()
        recording.gave(output, isMoreThere: false)
        guard let output else { return answers }
        guard case .perform(let effect) = output else { continue }
        answers.append(.completed(Self.completion(of: effect)))
      }
    }
    waiting = drain() + waiting
    recording.flush()
    while !waiting.isEmpty {
      now = now + .seconds(1)
      let input = waiting.removeFirst()
      recording.takes(input, at: now)
      engine.handle(input, at: now)
      waiting = drain() + waiting
      recording.flush()
    }
    return path(name)
  }

  private static func completion(of effect: Effect) -> Completion {
    let local = Endpoint(address: .v4(0xC000_0201), port: 40_000)
    return switch effect {
    case .name(let identifier, _): .name(identifier, .success([.v4(0xC000_0202)]))
    case .plane(.openSocket(let identifier, _, _)): .plane(.socketOpened(identifier, .success(local)))
    case .plane(.connectSocket(let identifier, _, _, _)):
      .plane(.socketConnected(identifier, .success(SocketPath(local: local, pathMTUOctets: 1500))))
    case .plane(.change(let identifier, _)): .plane(.changed(identifier, .done))
    case .links(let identifier, _): .links(identifier, .done)
    case .protection(let identifier, _): .protection(identifier, .success(.esp(algorithm: nil)))
    }
  }

  static func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
}
