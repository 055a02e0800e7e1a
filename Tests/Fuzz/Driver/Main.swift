import Glibc

/// libFuzzer's own loop (compiler-rt, FuzzerInterface.h), with the command line that is left to it.
@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
  _ count: UnsafeMutablePointer<Int32>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

/// The target that this process tries.
nonisolated(unsafe) private var chosen: FuzzTarget?

/// `pwfuzz --target=NAME [libFuzzer's options and folders]`: tries one of the targets with whatever octets reach new code.
/// libFuzzer passes over options with two hyphens, and hands them to the processes that it starts.
@main
enum Fuzz {
  static func main() {
    let names = FuzzTarget.all.map { $0.name }.joined(separator: ", ")
    guard let target = FuzzTarget.all.first(where: { CommandLine.arguments.contains("--target=\($0.name)") }) else {
      let usage = "usage: pwfuzz --target=NAME [OPTION|FOLDER...]; the targets are \(names)\n"
      _ = write(STDERR_FILENO, usage, usage.utf8.count)
      exit(64)
    }
    chosen = target
    var (count, arguments) = (CommandLine.argc, CommandLine.unsafeArgv)
    let status = runFuzzer(&count, &arguments) { octets, length in
      chosen?.run(Array(UnsafeBufferPointer(start: octets, count: length)))
      return 0
    }
    exit(status)
  }
}
