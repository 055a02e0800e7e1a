/// The one rule for switches, wherever a site has one.
public enum Switch {
  /// The value of a text: `true` or `false`, or the words that YAML 1.1 takes for them, in any case; nil for any other.
  public static func value(of text: String) -> Bool? {
    switch text.lowercased() {
    case "true", "yes", "on": true
    case "false", "no", "off": false
    default: nil
    }
  }
}
