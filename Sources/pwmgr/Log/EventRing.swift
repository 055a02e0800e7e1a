import PWCore
import Synchronization

/// The latest events of the daemon, numbered from 1 on. Readers ask for those behind the last one that they have seen;
/// one that asks too late hears how many it has missed. Nobody waits for a reader.
final class EventRing: Sendable {
  /// Events that are kept.
  static let capacity = 8_192

  /// An event, with its number and its moment.
  struct Entry: Equatable, Sendable {
    /// How many there were before it, and one.
    var number: Int
    /// Milliseconds since 1970, in UTC.
    var milliseconds: Int
    /// The event.
    var event: Event
  }

  /// A part of the events, in order.
  struct Part: Equatable, Sendable {
    /// The events.
    var entries: [Entry]
    /// How many before them were wanted too, and are not kept any more.
    var lostCount: Int
    /// The number of the latest event of all; 0 while there is none.
    var latest: Int
  }

  private struct State {
    /// Entry `number` is at `(number - 1) % capacity`.
    var entries: [Entry] = []
    var latest = 0
    var appended: (@Sendable () -> Void)?
  }

  private let state = Mutex(State())

  /// Keeps an event, and forgets the oldest one if there are too many.
  func append(_ event: Event, milliseconds: Int) {
    let appended = state.withLock { state in
      state.latest += 1
      let entry = Entry(number: state.latest, milliseconds: milliseconds, event: event)
      if state.entries.count < Self.capacity {
        state.entries.append(entry)
      } else {
        state.entries[(state.latest - 1) % Self.capacity] = entry
      }
      return state.appended
    }
    appended?()
  }

  /// Has somebody called after each event, on the thread that it comes from; nil has nobody called.
  func whenAppended(_ action: (@Sendable () -> Void)?) {
    state.withLock { $0.appended = action }
  }

  /// The events behind one with a number, the oldest first, and no more than `limit`.
  func part(after number: Int, limit: Int) -> Part {
    state.withLock { state in
      guard number < state.latest else { return Part(entries: [], lostCount: 0, latest: state.latest) }
      let oldest = state.latest - state.entries.count + 1
      let first = max(number + 1, oldest)
      let last = min(state.latest, first + limit - 1)
      let entries = first <= last ? (first...last).map { state.entries[($0 - 1) % Self.capacity] } : []
      return Part(entries: entries, lostCount: max(0, first - number - 1), latest: state.latest)
    }
  }
}
