import ArgumentParser
import PWCore

/// Durations on the command line, by the rule of the site file.
enum DurationOption {
  /// Reads one; another text is a usage error, whose words say what is wrong with it.
  static func read(_ text: String) throws -> Duration {
    do throws(DurationText.Fault) {
      return try DurationText.duration(text)
    } catch {
      throw ValidationError(error.message)
    }
  }
}
