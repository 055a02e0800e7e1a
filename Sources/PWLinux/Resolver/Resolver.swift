import CLinux
import Glibc
public import PWCore
import Synchronization

/// Names to addresses through the system's resolver (getaddrinfo(3)), on threads of its own because it blocks, for seconds if a
/// server is silent.
public final class Resolver {
  /// Names looked up at the same time; the others wait their turn, so that one silent server does not stop all.
  private static let threadLimit = 4
  /// Names that may wait.
  private static let queueLimit = 4096

  private typealias Completion = (EffectResult<[IPAddress]>) -> Void

  private let loop: EventLoop
  private var waiting: [(request: NameRequest, completion: Completion)] = []
  private var running = 0

  /// A resolver that answers on the loop's thread.
  public init(loop: EventLoop) {
    self.loop = loop
  }

  /// Looks a name up; an address in text form is its own answer.
  ///
  /// - Parameters:
  ///   - request: a host name; the addresses of both families come in the system's order (RFC 6724).
  ///   - completion: called once on the loop's thread.
  public func resolve(_ request: NameRequest, completion: @escaping (EffectResult<[IPAddress]>) -> Void) {
    guard waiting.count < Resolver.queueLimit else {
      return completion(
        .failed(EffectFailure("cannot resolve \(request.name): too many names wait for the name servers")))
    }
    waiting.append((request, completion))
    startNext()
  }

  private func startNext() {
    guard running < Resolver.threadLimit, !waiting.isEmpty else { return }
    let (request, completion) = waiting.removeFirst()
    running += 1
    let (name, family, loop) = (request.name, request.family, loop)
    let finish = LoopConfined { [weak self] (result: EffectResult<[IPAddress]>) in
      completion(result)
      self?.running -= 1
      self?.startNext()
    }
    do throws(SystemError) {
      try WorkerThread.start(name: "resolver") {
        let result = Resolver.lookUp(name, family)
        loop.post { finish.value(result) }
      }
    } catch {
      let failure = EffectFailure("cannot resolve \(name): \(error)")
      loop.post { finish.value(.failed(failure)) }
    }
  }

  private static func lookUp(_ name: String, _ family: AddressFamily?) -> EffectResult<[IPAddress]> {
    var hints = addrinfo()
    hints.ai_family = family?.systemValue ?? AF_UNSPEC
    // One type, or every address comes once for each.
    hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(name, nil, &hints, &list)
    guard code == 0 else { return .failed(failure(name, family, code)) }
    defer { freeaddrinfo(list) }
    var addresses: [IPAddress] = []
    var next = list
    while let entry = next {
      if let address = SocketAddress(entry.pointee)?.endpoint?.address, !addresses.contains(address) {
        addresses.append(address)
      }
      next = entry.pointee.ai_next
    }
    guard !addresses.isEmpty else { return .failed(failure(name, family, EAI_NONAME)) }
    return .success(addresses)
  }

  private static func failure(_ name: String, _ family: AddressFamily?, _ code: Int32) -> EffectFailure {
    let reason = code == EAI_SYSTEM ? SystemError.words(for: errno) : String(cString: gai_strerror(code))
    let kind =
      switch family {
      case .v4: " to an IPv4 address"
      case .v6: " to an IPv6 address"
      case nil: ""
      }
    return EffectFailure("cannot resolve \(name)\(kind): \(reason); trying again")
  }
}
