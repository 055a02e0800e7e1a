import PWCore

/// Walking and validating one control message, and decoding it into its struct.
enum MessageBench {
  private static let messagesPerRound = 1_000_000
  private static let rounds = 5
  private static let countedMessages = 10_000

  /// An ICRQ with 12 AVPs.
  static let octets: [UInt8] = {
    var dataPath = DataPathParameters()
    dataPath.cookie = Cookie(octets: [1, 2, 3, 4, 5, 6, 7, 8])
    dataPath.sublayer = 1
    dataPath.dataSequencing = 2
    dataPath.circuitStatus = .active
    dataPath.transmitSpeed = 1_000_000_000
    var request = IncomingCallRequest(
      identifiers: SessionIdentifiers(local: SessionID(rawValue: 0xA000_0001), remote: .unknown), serialNumber: 1,
      pseudowireType: .ethernet, remoteEndID: RemoteEndID(number: 100), dataPath: dataPath)
    request.tieBreaker = 0x0123_4567_89AB_CDEF
    var message = ControlMessage.incomingCallRequest(request).encoded()
    message.setHeader(connectionID: ControlConnectionID(rawValue: 7), ns: 1, nr: 1)
    return message.octets
  }()

  static func measureSpeed(_ table: inout Table) {
    let octets = octets
    precondition(avpCount(octets) == 12, "the message is to have 12 AVPs")
    table.add("message of 12 AVPs, walked and validated", nanoseconds { validate(octets, times: messagesPerRound) })
    table.add("the same message, decoded into its struct", nanoseconds { decode(octets, times: messagesPerRound) })
  }

  /// The best of some rounds, for one message.
  private static func nanoseconds(_ body: () -> Void) -> String {
    let best = (0..<rounds).map { _ in Clock.measure(body) }.min() ?? 0
    return "\((best / Double(messagesPerRound) * 1e9).short) ns"
  }

  static func measureMemory(_ table: inout Table) {
    let octets = octets
    if let count = Allocations.count({ validate(octets, times: countedMessages) }) {
      table.add("allocations in \(countedMessages.grouped) messages of 12 AVPs", count.grouped, wanted: "0")
    }
    // The counter is shown to count: the same loop with an array made in it.
    if let count = Allocations.count({ validateAndAllocate(octets, times: countedMessages) }) {
      table.add(
        "  the same with an allocation planted in each", count.grouped, wanted: "at least \(countedMessages.grouped)")
    }
  }

  private static func avpCount(_ octets: [UInt8]) -> Int {
    var cursor = AVPCursor(messageOctets: octets.count)
    var count = 0
    while (try? cursor.next(in: octets.span)) ?? nil != nil { count += 1 }
    return count
  }

  @inline(never)
  private static func validate(_ octets: [UInt8], times: Int) {
    var failures = 0
    for _ in 0..<times {
      do { try ControlCodec.validate(octets.span) } catch { failures += 1 }
    }
    precondition(failures == 0, "the message is valid")
  }

  @inline(never)
  private static func validateAndAllocate(_ octets: [UInt8], times: Int) {
    var kept = [octets]
    for index in 0..<times {
      do { try ControlCodec.validate(octets.span) } catch { preconditionFailure("the message is valid") }
      kept[0] = [UInt8](repeating: UInt8(truncatingIfNeeded: index), count: 100)
    }
    precondition(kept[0].count == 100, "the array is used, so that it is made")
  }

  @inline(never)
  private static func decode(_ octets: [UInt8], times: Int) {
    var messages = 0
    for _ in 0..<times {
      do { if try ControlCodec.decode(octets.span).message != nil { messages += 1 } } catch {
        preconditionFailure("the message is valid")
      }
    }
    precondition(messages == times, "every message is decoded")
  }
}
