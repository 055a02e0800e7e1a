import PWCore

// The journal is written before anything is changed. While it cannot be, as on a full file system, nothing is changed,
// and the log says so once, not for every link and every attempt; and once that it is over.
extension LinkKeeper {
  /// Changes the journal after the fact, where that it cannot be written holds up nothing any more.
  func note(_ change: JournalChange) { _ = record(change) }

  /// Changes the journal, and tells when it no longer can be, or can be again.
  ///
  /// - Returns: why it cannot be written, if so.
  func record(_ change: JournalChange) -> String? {
    do throws(SystemError) {
      if try journal.write(change) { journalIsWritten() }
      return nil
    } catch {
      journalFailed("\(error)")
      return "\(error)"
    }
  }

  private func journalIsWritten() {
    guard journalFault != nil else { return }
    journalFault = nil
    delegate?.linkKeeperNoticed(
      Event(.notice, "the journal \(journal.path) can be written again: links are changed again"))
  }

  private func journalFailed(_ fault: String) {
    guard journalFault != fault else { return }
    journalFault = fault
    delegate?.linkKeeperNoticed(
      Event(
        .error,
        "the journal cannot be written, and until it can be, no link is changed: \(fault); make room in "
          + "\(journal.folderPath), or see why it takes no file"))
  }
}
