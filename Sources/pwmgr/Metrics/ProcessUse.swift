import Glibc

/// The processor time and the memory that a process has used.
struct ProcessUse {
  /// Processor time, user and system.
  var processorSeconds: Double
  /// Memory that is resident; nil where the system does not say.
  var residentOctets: Int?

  /// That of this process (getrusage(2), proc(5)).
  static func own() -> ProcessUse {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return ProcessUse(
      processorSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime), residentOctets: ownResidentOctets())
  }

  private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }

  /// The second number of statm, in pages.
  private static func ownResidentOctets() -> Int? {
    let file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var line = [UInt8](repeating: 0, count: 128)
    let count = read(file, &line, line.count)
    guard count > 0 else { return nil }
    let words = String(decoding: line.prefix(count), as: UTF8.self).split(separator: " ")
    return words.dropFirst().first.flatMap { Int($0) }.map { $0 * Int(sysconf(Int32(_SC_PAGESIZE))) }
  }
}
