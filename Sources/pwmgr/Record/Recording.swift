import Logging
import PWCore
import PWCrypto

/// A daemon's recording: its engine's course, on disk.
final class Recording {
  private let recorder: EngineRecorder
  private let file: RecordingFile

  /// Opens the file and writes the header.
  ///
  /// - Throws: when the file cannot be made. A later fault is told once in the log, and the daemon goes on without.
  convenience init(
    path: String, limit: RecordingLimit, header: RecordingHeader, logger: Logger
  ) throws(RecordingFailure) {
    let descriptor = try RecordingFile.create(path)
    self.init(
      file: RecordingFile(descriptor: descriptor, header: header, limit: limit) { end in
        switch end {
        case .failed(let reason):
          logger.tell(
            .error, .recording, "the recording ends here: cannot write \(path): \(reason); pwmgr continues without it")
        case .full(let limit):
          logger.tell(
            .warning, .recording,
            """
            the recording ends here: \(path) has reached \(limit.text), and pwmgr continues without it; start it again \
            to begin another, or with a larger --record-limit
            """)
        }
      })
    logger.tell(
      .notice, .recording,
      """
      recording into \(path), up to \(limit.text): 'pwmgr replay \(path)' shows it; it holds no secrets, but does hold \
      cookies
      """)
  }

  /// Records into a file that is open.
  init(file: RecordingFile) {
    self.file = file
    recorder = EngineRecorder { file.write($0) }
  }

  /// The engine that is recorded.
  func makeEngine(
    site: Site, secrets: [String: TunnelSecrets], entropy: any EntropySource, authenticator: any MessageAuthenticator,
    leastEventLevel: Event.Level, at now: Instant
  ) -> Engine {
    recorder.makeEngine(
      site: site, secrets: secrets, plugins: CompiledInPlugins.descriptions, entropy: entropy,
      authenticator: authenticator, leastEventLevel: leastEventLevel, at: now)
  }

  /// The engine is going to handle an input.
  func takes(_ input: Input, at now: Instant) { recorder.takes(input, at: now) }

  /// The engine was asked for an output, and gave this.
  func gave(_ output: Output?, isMoreThere: Bool) { recorder.gave(output, isMoreThere: isMoreThere) }

  /// All that was there has been handled: it goes to disk.
  func flush() {
    recorder.finishStep()
    file.flush()
  }
}
