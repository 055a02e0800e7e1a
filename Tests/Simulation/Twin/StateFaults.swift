import Foundation

/// A state that was written out is read back without its timers.
final class TimersForgotten: PlantedFault {
  func alter(state: [UInt8]) throws -> [UInt8] {
    try state.changed { tables in
      var turn = tables["turn"] as? [String: Any] ?? [:]
      turn["timers"] = [Any]()
      tables["turn"] = turn
    }
  }
}

/// A state that was written out is read back without the number of the last socket.
final class SocketNumberForgotten: PlantedFault {
  func alter(state: [UInt8]) throws -> [UInt8] { try state.changed { $0["lastSocket"] = 0 } }
}

extension [UInt8] {
  /// JSON of an object of which something is another.
  fileprivate func changed(_ change: (inout [String: Any]) -> Void) throws -> [UInt8] {
    var object = try JSONSerialization.jsonObject(with: Data(self)) as? [String: Any] ?? [:]
    change(&object)
    return try Array(JSONSerialization.data(withJSONObject: object))
  }
}
