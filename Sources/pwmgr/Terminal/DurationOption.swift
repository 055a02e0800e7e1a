import ArgumentParser
import PWCore

/// Durations on the command line, by the rule of the site file.
enum DurationOption {
  /// Reads one; what is wrong with a text that is not one is a usage error.
  static func read(_ text: String) throws -> Duration {
    do throws(DurationText.Fault) {
      return try DurationText.duration(text)
    } catch {
      throw ValidationError(error.message)
    }
  }
}
