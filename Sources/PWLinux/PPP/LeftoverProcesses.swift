import Glibc

/// Processes that an earlier run has left: the kernel ends them with that run, so that there are none; should one be there all
/// the same, it would hold a name and addresses of ours.
enum LeftoverProcesses {
  /// Octets of an environment that are looked at: ours is much shorter.
  private static let environmentOctets = 4096
  /// Looks at one that was killed, a millisecond apart, before it is left alone.
  private static let looks = 1000

  /// Ends every process that was started with an entry in its environment, and waits until they are gone.
  static func end(branded brand: String) {
    let found = processes().filter { environment(of: $0).contains(brand) }
    for process in found where process != getpid() { kill(process, SIGKILL) }
    for process in found where process != getpid() {
      for _ in 0..<looks where kill(process, 0) == 0 && !environment(of: process).isEmpty { usleep(1000) }
    }
  }

  private static func processes() -> [pid_t] {
    guard let folder = opendir("/proc") else { return [] }
    defer { closedir(folder) }
    var found: [pid_t] = []
    while let entry = readdir(folder) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { octets in
        String(decoding: octets.prefix { $0 != 0 }, as: UTF8.self)
      }
      if let process = pid_t(name) { found.append(process) }
    }
    return found
  }

  /// The entries of a process's environment; none of one that is not there, not ours to see, or dead already.
  private static func environment(of process: pid_t) -> Set<String> {
    let number = open("/proc/\(process)/environ", O_RDONLY | O_CLOEXEC)
    guard number >= 0 else { return [] }
    let file = Descriptor(owning: number)
    var octets = [UInt8](repeating: 0, count: environmentOctets)
    let count = read(file.rawValue, &octets, octets.count)
    guard count > 0 else { return [] }
    return Set(octets.prefix(count).split(separator: 0).map { String(decoding: $0, as: UTF8.self) })
  }
}
