@preconcurrency import Glibc

/// The words that the program was started with.
enum ProgramArguments {
  /// More words than Linux takes (a quarter of the stack, in pointers), so that a search ends.
  private static let maximumCount = 1 << 20

  /// The words behind the program's name.
  ///
  /// `CommandLine` reads /proc/self/cmdline and has nothing where /proc is not mounted: then every command would be
  /// taken for none. They stand below the environment, after their number (System V ABI, "Initial Process Stack"),
  /// where nobody has moved that yet.
  static var all: [String] {
    let told = CommandLine.arguments
    if !told.isEmpty { return Array(told.dropFirst()) }
    guard let environment = UnsafeRawPointer(environ)?.assumingMemoryBound(to: UInt.self) else { return [] }
    // Before the environment comes the null pointer that ends the words.
    for count in 0..<maximumCount where environment[-2 - count] == UInt(count) {
      return (0..<count).dropFirst().compactMap { number in
        UnsafePointer<CChar>(bitPattern: environment[-1 - count + number]).map { String(cString: $0) }
      }
    }
    return []
  }
}
