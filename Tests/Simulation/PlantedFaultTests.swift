import PWCore
import Testing

/// Every planted fault is found, and without one nothing is: the simulation sees what it claims to see.
@Suite struct PlantedFaultTests {
  /// Seeds within which a fault must show.
  private static let seeds: ClosedRange<UInt64> = 1...60

  /// A fault by its name, made anew for each run.
  struct Fault: CustomTestStringConvertible, Sendable {
    let name: String
    let make: @Sendable () -> any PlantedFault

    init(_ make: @escaping @Sendable () -> any PlantedFault) {
      self.make = make
      name = "\(type(of: make()))"
    }

    var testDescription: String { name }
  }

  static let faults: [Fault] = [
    Fault { StaleNr() }, Fault { RetransmissionStops() }, Fault { NoAcknowledgement() }, Fault { NoStop() },
    Fault { NoHello() }, Fault { ConstantTieBreaker() }, Fault { NoSessionTieBreaker() },
    Fault { DuplicateTakenTwice() }, Fault { WindowIgnored() }, Fault { CircuitStatusLost() },
    Fault { DisconnectLost() }, Fault { LinkUpTooEarly() }, Fault { PeerCircuitIgnored() },
    Fault { SessionNotDeleted() }, Fault { TunnelNotDeleted() }, Fault { SocketNotClosed() },
    Fault { CookiesSwapped() }, Fault { WrongPeerSessionID() }, Fault { DataPathNotMade() },
    Fault { CircuitInverted() }, Fault { DeadlineLost() }, Fault { IdentifiersUsedAgain() },
    Fault { DigestsIgnored() }, Fault { StrangersBelieved() },
    Fault { NoOutgoingConnected() }, Fault { ConnectedBelievedReceived() },
  ]

  @Test(arguments: faults) func isFound(fault: Fault) {
    #expect(Self.firstViolation(with: fault.make) != nil, "\(fault.name) passes \(Self.seeds.count) seeds")
  }

  /// The same wishes and wrappers with nothing changed: what is found above is the fault, not the wrapper.
  @Test func nothingIsFoundWithoutAFault() {
    final class NoFault: PlantedFault {}
    let violation = Self.firstViolation { NoFault() }
    #expect(violation == nil, "\(violation?.description ?? "")")
  }

  private static func firstViolation(with make: () -> any PlantedFault) -> Violation? {
    for seed in seeds {
      do throws(Violation) {
        _ = try Simulation.run(seed: seed, fault: make())
      } catch {
        return error
      }
    }
    return nil
  }
}
