import PWCore

/// One thing that `pwmgr explain` can be asked about.
enum ExplainedSubject: Hashable {
  /// A result with which a control connection ends.
  case stop(StopCode)
  /// The error code beside StopCCN 5: the highest version that its sender speaks.
  case version(UInt16)
  /// A result with which a session ends.
  case call(CallCode)
  /// A general error, which stands beside either result.
  case error(GeneralError)
  /// An error beside CDN 30.
  case tdmError(TDMError)
  case message(MessageType)
  case avp(vendorID: UInt16, type: UInt16)
  /// A code of the PPP Disconnect Cause Code AVP.
  case pppCause(UInt16)

  /// The sorts of subjects, in the order in which they are listed.
  enum Kind: String, CaseIterable, Encodable {
    case stop = "stopccn_result"
    case version = "version"
    case call = "cdn_result"
    case error = "general_error"
    case tdmError = "tdm_error"
    case message = "message"
    case avp = "avp"
    case pppCause = "ppp_disconnect_cause"
  }

  /// Every one that has a text of its own.
  static let all: [ExplainedSubject] =
    StopCode.registered.map(stop) + CallCode.registered.map(call) + GeneralError.registered.map(error)
    + TDMError.registered.map(tdmError) + MessageType.registered.map(message)
    + (AVPCatalogue.ietf.sorted { $0.type < $1.type } + AVPCatalogue.cisco)
    .map { avp(vendorID: $0.vendorID, type: $0.type) }
    + PPPDisconnectCause.registeredCodes.map(pppCause)

  var kind: Kind {
    switch self {
    case .stop: .stop
    case .version: .version
    case .call: .call
    case .error: .error
    case .tdmError: .tdmError
    case .message: .message
    case .avp: .avp
    case .pppCause: .pppCause
    }
  }

  /// Its number on the wire.
  var number: UInt16 {
    switch self {
    case .stop(let code): code.rawValue
    case .version(let version): version
    case .call(let code): code.rawValue
    case .error(let error): error.rawValue
    case .tdmError(let error): error.rawValue
    case .message(let type): type.rawValue
    case .avp(_, let type): type
    case .pppCause(let code): code
    }
  }

  /// The words that ask for it.
  var spelling: String {
    switch self {
    case .stop(let code): "StopCCN \(code.rawValue)"
    case .version(let version): "StopCCN 5 error \(version)"
    case .call(let code): "CDN \(code.rawValue)"
    case .error(let error): "error \(error.rawValue)"
    case .tdmError(let error): "CDN 30 error \(error.rawValue)"
    case .message(let type): type.name
    case .avp(0, let type): "AVP \(type)"
    case .avp(let vendorID, let type): "AVP \(vendorID)/\(type)"
    case .pppCause(let code): "PPP \(code)"
    }
  }

  /// Its registered name.
  var name: String {
    switch self {
    case .stop(let code): code.name
    case .version(let version): "version \(version) is the highest"
    case .call(let code): code.name
    case .error(let error): error.name
    case .tdmError(let error): error.name
    case .message(let type): MessageExplanations.title(of: type)
    case .avp(let vendorID, let type): AVPCatalogue.definition(vendorID: vendorID, type: type)?.name ?? "unknown"
    case .pppCause(let code): PPPDisconnectCause.name(ofCode: code) ?? "unknown"
    }
  }

  /// The text about it; nil if nothing is known of it.
  var text: ExplanationText? {
    switch self {
    case .stop(let code): StopExplanations.texts[code.rawValue]
    case .version: StopExplanations.version
    case .call(let code): CallExplanations.text(of: code)
    case .error(let error): ErrorExplanations.general[error.rawValue]
    case .tdmError(let error): ErrorExplanations.tdm[error.rawValue]
    case .message(let type): MessageExplanations.texts[type.rawValue]
    case .avp(let vendorID, let type): AVPExplanations.text(vendorID: vendorID, type: type)
    case .pppCause(let code): PPPCauseExplanations.texts[code]
    }
  }

  /// Facts that the protocol's tables give.
  var details: [String] {
    switch self {
    case .message(let type): MessageSpec.of(type).map(\.details) ?? []
    case .avp(let vendorID, let type): AVPCatalogue.definition(vendorID: vendorID, type: type)?.details ?? []
    default: []
    }
  }
}
