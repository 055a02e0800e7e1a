import PWCore

/// Which effect, among those of all kinds: an identifier alone is unique for its kind only.
enum EffectName: Hashable {
  case name(EffectID<[IPAddress]>)
  case opening(EffectID<Endpoint>)
  case connecting(EffectID<SocketPath>)
  case change(EffectID<Nothing>)
  case links(EffectID<Nothing>)
  case protection(EffectID<Protection>)

  init(of effect: Effect) {
    switch effect {
    case .name(let id, _): self = .name(id)
    case .plane(.openSocket(let id, _, _)): self = .opening(id)
    case .plane(.connectSocket(let id, _, _, _)): self = .connecting(id)
    case .plane(.change(let id, _)): self = .change(id)
    case .links(let id, _): self = .links(id)
    case .protection(let id, _): self = .protection(id)
    }
  }

  init(of completion: Completion) {
    switch completion {
    case .name(let id, _): self = .name(id)
    case .plane(.socketOpened(let id, _)): self = .opening(id)
    case .plane(.socketConnected(let id, _)): self = .connecting(id)
    case .plane(.changed(let id, _)): self = .change(id)
    case .links(let id, _): self = .links(id)
    case .protection(let id, _): self = .protection(id)
    }
  }

  /// Kind and identifier: the slot, and the number of its tenant.
  var words: String {
    switch self {
    case .name(let id): "name \(Self.short(id.rawValue))"
    case .opening(let id): "opening \(Self.short(id.rawValue))"
    case .connecting(let id): "connecting \(Self.short(id.rawValue))"
    case .change(let id): "change \(Self.short(id.rawValue))"
    case .links(let id): "links \(Self.short(id.rawValue))"
    case .protection(let id): "protection \(Self.short(id.rawValue))"
    }
  }

  private static func short(_ number: UInt64) -> String { "\(number & 0xFFFF_FFFF).\(number >> 32)" }
}
