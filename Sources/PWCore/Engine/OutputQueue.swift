/// Outputs that wait to be taken, oldest first: moved in and moved out, never copied.
struct OutputQueue {
  /// Those that came last, in their order.
  private var newer: [Output] = []
  /// Those that are taken before them, the oldest at the end.
  private var older: [Output] = []

  var isEmpty: Bool { newer.isEmpty && older.isEmpty }

  /// Puts an output at the end.
  mutating func append(_ output: consuming Output) {
    newer.append(output)
  }

  /// Takes the oldest output.
  mutating func popFirst() -> Output? {
    // Mostly there is one, or none.
    if !older.isEmpty { return older.removeLast() }
    while newer.count > 1, let newest = newer.popLast() { older.append(newest) }
    return newer.popLast()
  }
}
