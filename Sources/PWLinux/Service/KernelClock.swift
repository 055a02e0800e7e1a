import CLinux

/// The machine's time of day.
public enum KernelClock {
  /// Whether a time service keeps it; nil where the kernel does not say (adjtimex(2)).
  public static var isSynchronised: Bool? {
    switch pw_clock_state() {
    case ..<0: nil
    case Int32(TIME_ERROR): false
    default: true
    }
  }
}
