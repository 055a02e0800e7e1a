import Logging
import PWCore
import PWCrypto

/// Makes the daemon's engine.
extension Daemon {
  /// An engine for a site, which is written down where there is a recording.
  static func makeEngine(
    _ site: Site, _ secrets: [String: TunnelSecrets], _ parts: Parts, at now: Instant
  ) -> Engine {
    let level = LogWriter.leastEventLevel(of: LogLevel(parts.logger.logLevel))
    if let recording = parts.recording {
      return recording.makeEngine(
        site: site, secrets: secrets, entropy: SystemEntropy(), authenticator: CryptoAuthenticator(),
        leastEventLevel: level, at: now)
    }
    var engine = Engine(
      site: site, secrets: secrets, plugins: CompiledInPlugins.descriptions, entropy: SystemEntropy(),
      authenticator: CryptoAuthenticator(), at: now)
    engine.leastEventLevel = level
    return engine
  }
}
