import Glibc

/// How fast the engine is, and what it holds: tables for people, never a test.
///
/// `Benchmarks/run` starts it on one core: for speed as it is, for memory with the counting allocator preloaded.
enum PWBench {
  static func main() {
    let sections = CommandLine.arguments.dropFirst()
    let known = ["messages", "engine", "memory", "flood"]
    if let unknown = sections.first(where: { !known.contains($0) }) {
      let complaint = "pwbench: there is no section '\(unknown)'; the sections are \(known.joined(separator: ", "))\n"
      _ = complaint.withCString { write(STDERR_FILENO, $0, strlen($0)) }
      exit(2)
    }
    var table = Table()
    if sections.isEmpty || sections.contains("messages") { MessageBench.measureSpeed(&table) }
    if sections.isEmpty || sections.contains("engine") { EngineBench.measureSpeed(&table) }
    if sections.isEmpty || sections.contains("memory") {
      MessageBench.measureMemory(&table)
      EngineBench.measureMemory(&table)
    }
    if sections.isEmpty || sections.contains("flood") { FloodBench.measure(&table) }
    table.print()
    if sections.isEmpty || sections.contains("memory") || sections.contains("flood"), !Allocations.areCounted {
      print("Allocations are not counted like this: Benchmarks/run preloads what counts them.")
    }
  }
}
