import Glibc

/// How fast the engine is, and what it holds: tables for people, never a test.
///
/// `Benchmarks/run` starts it with the counting allocator preloaded and on one core.
enum PWBench {
  static func main() {
    let sections = CommandLine.arguments.dropFirst()
    let known = ["messages", "engine"]
    if let unknown = sections.first(where: { !known.contains($0) }) {
      let complaint = "pwbench: there is no section '\(unknown)'; the sections are \(known.joined(separator: ", "))\n"
      _ = complaint.withCString { write(STDERR_FILENO, $0, strlen($0)) }
      exit(2)
    }
    var table = Table()
    if sections.isEmpty || sections.contains("messages") { MessageBench.run(&table) }
    if sections.isEmpty || sections.contains("engine") { EngineBench.run(&table) }
    table.print()
    if Allocations.counter == nil {
      print("Allocations were not counted: start it with Benchmarks/run.")
    }
  }
}
