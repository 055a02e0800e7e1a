import FoundationEssentials
import PWCore

/// A value that becomes JSON.
enum JSONValue: Encodable, Equatable {
  case null
  case boolean(Bool)
  case number(UInt64)
  case string(String)
  case array([JSONValue])
  case object([String: JSONValue])

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .boolean(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .array(let values): try container.encode(values)
    case .object(let values): try container.encode(values)
    }
  }

  /// The text, indented, keys in alphabetical order.
  func text() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }
}

extension Finding {
  /// The object for a control message or for what should have been one; nil for anything else.
  var json: JSONValue? {
    switch self {
    case .message(let description, let origin):
      var object = description.json
      object.merge(origin.json) { own, _ in own }
      return .object(object)
    case .unreadable(let words, let octet, let origin):
      var object = origin.json
      object["error"] = .string(words)
      object["octet"] = .number(UInt64(octet))
      return .object(object)
    case .data, .note: return nil
    }
  }
}

extension Finding.Origin {
  fileprivate var json: [String: JSONValue] {
    var object: [String: JSONValue] = [unit.rawValue: .number(UInt64(number))]
    guard let flow else { return object }
    object["source"] = .string(flow.source.description)
    object["destination"] = .string(flow.destination.description)
    object["encapsulation"] =
      switch flow.encapsulation {
      case .udp: .string("udp")
      case .ip: .string("ip")
      }
    return object
  }
}

extension MessageDescription {
  fileprivate var json: [String: JSONValue] {
    var object: [String: JSONValue] = [:]
    if let malformation {
      object["error"] = .string(malformation.description)
      object["octet"] = .number(UInt64(malformation.offset))
    }
    guard let header else { return object }
    object["type"] = type.map { .number(UInt64($0)) } ?? .null
    object["name"] = .string(name)
    object["connection"] = .number(UInt64(header.connectionID.rawValue))
    object["ns"] = .number(UInt64(header.ns))
    object["nr"] = .number(UInt64(header.nr))
    object["dialect"] = .string(dialect.rawValue)
    object["avps"] = .array(avps.map(\.json))
    return object
  }
}

extension AVPDescription {
  fileprivate var json: JSONValue {
    var object: [String: JSONValue] = [
      "vendor": .number(UInt64(vendorID)), "type": .number(UInt64(type)), "name": name.map { .string($0) } ?? .null,
      "mandatory": .boolean(isMandatory), "hidden": .boolean(isHidden), "value": value.json,
    ]
    if let remark { object["remark"] = .string(remark) }
    return .object(object)
  }
}

extension AVPDescription.Value {
  fileprivate var json: JSONValue {
    switch self {
    case .presence: return .boolean(true)
    case .number(let number, _): return .number(number)
    case .bits(let bits, _, _): return .number(bits)
    case .text(let text): return .string(text)
    case .list(let numbers, _): return .array(numbers.map { .number($0) })
    case .octets(let octets): return .string(hex(octets))
    case .result(let code, let error, let text):
      var object: [String: JSONValue] = ["result": .number(UInt64(code))]
      if let error { object["error"] = .number(UInt64(error)) }
      if let text { object["text"] = .string(text) }
      return .object(object)
    case .digest(let type, let octets):
      return .object(["type": .number(UInt64(type)), "digest": .string(hex(octets))])
    case .circuitErrors(let errors):
      return .object([
        "crc": .number(UInt64(errors.crc)), "framing": .number(UInt64(errors.framing)),
        "hardware-overruns": .number(UInt64(errors.hardwareOverruns)),
        "buffer-overruns": .number(UInt64(errors.bufferOverruns)), "timeouts": .number(UInt64(errors.timeouts)),
        "alignment": .number(UInt64(errors.alignment)),
      ])
    case .disconnectCause(let cause):
      return .object([
        "code": .number(UInt64(cause.code)), "protocol": .number(UInt64(cause.protocolNumber)),
        "direction": .number(UInt64(cause.direction)), "text": .string(cause.text),
      ])
    case .extended(let vendorID, let type, let octets):
      return .object([
        "vendor": .number(UInt64(vendorID)), "type": .number(UInt64(type)), "value": .string(hex(octets)),
      ])
    }
  }
}
