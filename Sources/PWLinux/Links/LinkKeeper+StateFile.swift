import PWCore

// The state file is written before anything is changed. While it cannot be, as on a full file system, nothing is
// changed, and the log says so once, not for every link and every attempt; and once that it is over.
extension LinkKeeper {
  /// Changes the state file after the fact, where that it cannot be written holds up nothing any more.
  func note(_ change: StateChange) { _ = record(change) }

  /// Changes the state file, and tells when it no longer can be, or can be again.
  ///
  /// - Returns: why it cannot be written, if so.
  func record(_ change: StateChange) -> String? {
    do throws(SystemError) {
      if try stateFile.write(change) { stateFileIsWritten() }
      return nil
    } catch {
      stateFileFailed("\(error)")
      return "\(error)"
    }
  }

  private func stateFileIsWritten() {
    guard stateFileFault != nil else { return }
    stateFileFault = nil
    notice(
      Event(
        .notice, .stateFileRestored, fields: [.text(.file, stateFile.path)],
        "the state file \(stateFile.path) can be written again: links are changed again"))
  }

  private func stateFileFailed(_ fault: String) {
    guard stateFileFault != fault else { return }
    stateFileFault = fault
    notice(
      Event(
        .error, .stateFileFault, fields: [.text(.file, stateFile.path)],
        "the state file cannot be written, and until it can be, no link is changed: \(fault); make room in "
          + "\(stateFile.folderPath), or find out why no file can be written there"))
  }
}
