import PWCore

/// A kind of fault that the simulation must find, made anew for each run.
struct CataloguedFault: Sendable {
  let name: String
  /// Where it must be found.
  let world: SimulatedWorld
  let make: @Sendable () -> any PlantedFault

  init(in world: SimulatedWorld = .sites, _ make: @escaping @Sendable () -> any PlantedFault) {
    self.world = world
    self.make = make
    name = "\(type(of: make()))"
  }

  /// Seeds within which a fault must show.
  static let seeds: ClosedRange<UInt64> = 1...60

  /// All that there are.
  static let all: [CataloguedFault] = [
    CataloguedFault { StaleNr() }, CataloguedFault { RetransmissionStops() }, CataloguedFault { NoAcknowledgement() },
    CataloguedFault { NoStop() }, CataloguedFault { NoHello() }, CataloguedFault { ConstantTieBreaker() },
    CataloguedFault { NoSessionTieBreaker() }, CataloguedFault { DuplicateTakenTwice() },
    CataloguedFault { WindowIgnored() }, CataloguedFault { CircuitStatusLost() }, CataloguedFault { DisconnectLost() },
    CataloguedFault { LinkUpTooEarly() }, CataloguedFault { PeerCircuitIgnored() },
    CataloguedFault { SessionNotDeleted() }, CataloguedFault { TunnelNotDeleted() },
    CataloguedFault { InterfaceNotReleased() },
    CataloguedFault { SocketNotClosed() }, CataloguedFault { CookiesSwapped() },
    CataloguedFault { WrongPeerSessionID() }, CataloguedFault { DataPathNotMade() },
    CataloguedFault { CircuitInverted() }, CataloguedFault { DeadlineLost() },
    CataloguedFault { IdentifiersUsedAgain() }, CataloguedFault { DigestsIgnored() },
    CataloguedFault { StrangersBelieved() }, CataloguedFault { NoOutgoingConnected() },
    CataloguedFault { ConnectedBelievedReceived() }, CataloguedFault { TimersForgotten() },
    CataloguedFault { SocketNumberForgotten() }, CataloguedFault { ClearTakenForProtected() },
  ]

  /// Faults of engines that do not get along with a habit: found where the peer has it.
  static let ofHabits: [CataloguedFault] = [
    CataloguedFault(in: .habits) { TiesWonForEver() }, CataloguedFault(in: .habits) { NewStartTakenForACopy() },
    CataloguedFault(in: .habits) { OnlyOneSpelling() }, CataloguedFault(in: .habits) { NeverSilent() },
    CataloguedFault(in: .habits) { SpeaksTwiceAtOnce() }, CataloguedFault(in: .habits) { SilentRefusal() },
    CataloguedFault(in: .habits) { NumberedRequestsDropped() },
    CataloguedFault(in: .habits) { SerialNumberRequired() }, CataloguedFault(in: .habits) { CallersRefused() },
    CataloguedFault(in: .habits) { OnlyWithoutSublayer() },
  ]

  /// The same wishes and wrappers with nothing changed: violations in the others come of the faults, not the wrapper.
  static let none = CataloguedFault { NoFault() }

  private final class NoFault: PlantedFault {}

  /// The first violation in these seeds.
  func firstViolation(in seeds: ClosedRange<UInt64>) -> Violation? {
    for seed in seeds {
      do throws(Violation) {
        try world.run(seed: seed, fault: make())
      } catch {
        return error
      }
    }
    return nil
  }
}
