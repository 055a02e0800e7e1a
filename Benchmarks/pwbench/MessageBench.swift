import PWCore

/// Walking and validating one control message, and decoding it into its struct.
enum MessageBench {
  private static let messagesPerRound = 1_000_000
  private static let rounds = 5
  private static let countedMessages = 10_000

  /// An ICRQ with 12 AVPs.
  static let octets: [UInt8] = {
    var dataPath = DataPathParameters()
    dataPath.cookie = [1, 2, 3, 4, 5, 6, 7, 8]
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

  static func run(_ table: inout Table) {
    let octets = octets
    precondition(avpCount(octets) == 12, "the message is to have 12 AVPs")
    var best = Double.infinity
    for _ in 0..<rounds { best = min(best, Clock.measure { validate(octets, times: messagesPerRound) }) }
    table.add(
      "message of 12 AVPs, walked and validated", "\((best / Double(messagesPerRound) * 1e9).short) ns")
    if let count = Allocations.count({ validate(octets, times: countedMessages) }) {
      table.add("  allocations in \(countedMessages.grouped) messages", count.grouped, wanted: "0")
    }
    // The counter is shown to count: the same loop with one array in it.
    if let count = Allocations.count({ validateAndAllocate(octets, times: countedMessages) }) {
      table.add("  the same with one allocation planted in each", count.grouped, wanted: countedMessages.grouped)
    }
    let decoding = Clock.measure { decode(octets, times: messagesPerRound) }
    table.add(
      "the same message, decoded into its struct", "\((decoding / Double(messagesPerRound) * 1e9).short) ns")
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
