import FoundationEssentials
import Logging
import PWCore
import PWLinux

/// Keeps the sites that ran for good, the last twenty of them: what 'pwmgr history' lists, 'pwmgr rollback' goes back to,
/// and a start may fall back on.
final class SiteHistory {
  private let path: String
  private var folder: OwnFolder?
  private var texts: NumberedTexts?
  /// Writings, each begun when the one before it is done: the order is that of what happened.
  private var waiting: [(@Sendable () -> String?, () -> Void)] = []
  private var isWriting = false
  private let logger: Logger
  /// The reason why none is kept, or why the last one could not be written.
  private(set) var problem: String?

  /// The history of a site file, which nothing is known of before ``open()``.
  ///
  /// - Parameters:
  ///   - folder: where the histories of all site files are.
  ///   - sitePath: the path of the site file, as it was given.
  ///   - instance: tells two daemons with one site file apart; nil for the usual one.
  init(folder: String, sitePath: String, instance: String?, logger: Logger) {
    self.logger = logger
    path = URL(filePath: folder).appending(path: Self.name(of: sitePath, instance)).path
  }

  /// Opens its folder, and makes it where it is not there; a fault is told once.
  func open() {
    guard folder == nil, problem == nil else { return }
    do throws(SystemError) {
      let folder = try OwnFolder(path: path)
      (self.folder, texts) = (folder, NumberedTexts(in: folder))
    } catch {
      problem = "no history of the site file is kept: cannot \(error)"
      logger.tell(.notice, .history, "\(problem ?? "")")
    }
  }

  /// Adds a site that has been carried out, on a thread of its own.
  func add(_ octets: [UInt8], _ occasion: SiteOccasion, on loop: EventLoop) {
    guard let texts else { return }
    let seconds = Int(Date().timeIntervalSince1970)
    write(on: loop) {
      do throws(SystemError) {
        try texts.add(octets, seconds: seconds, label: occasion.rawValue)
        return nil
      } catch {
        return "the site could not be added to its history: cannot \(error)"
      }
    } completion: {
    }
  }

  /// Does one writing after the other, each on a thread of its own.
  ///
  /// - Parameter work: returns a fault in words.
  private func write(
    on loop: EventLoop, _ work: @escaping @Sendable () -> String?, completion: @escaping () -> Void
  ) {
    waiting.append((work, completion))
    guard !isWriting else { return }
    writeNext(on: loop)
  }

  private func writeNext(on loop: EventLoop) {
    guard !waiting.isEmpty else { return }
    let (work, completion) = waiting.removeFirst()
    isWriting = true
    loop.offload(work) { [self] fault in
      isWriting = false
      problem = fault
      if let fault { logger.tell(.warning, .history, "\(fault)") }
      completion()
      writeNext(on: loop)
    }
  }

  /// The history for a client, read on a thread of its own.
  ///
  /// - Parameter number: of the one whose text is wanted; nil for a list without texts.
  func answer(_ number: Int?, on loop: EventLoop, completion: @escaping ([UInt8]) -> Void) {
    let (texts, problem) = (texts, problem)
    loop.offload {
      HistoryAnswer(texts, textOf: number, problem: problem).octets
    } completion: {
      completion($0)
    }
  }

  /// The site that ran last, its number, and the path of its text; nil where it has errors by now. One before it is not
  /// looked for: it may be of a time when a tunnel had no secret.
  func latest(with loader: SiteLoader) -> (site: SiteLoader.Loaded, number: Int, path: String)? {
    guard let folder, let texts, let entry = try? texts.entries().last else { return nil }
    do {
      let loaded = try loader.load(texts.content(of: entry))
      _ = try ControlGroups(of: loaded.site)
      return (loaded, entry.number, "\(folder.path)/\(entry.name)")
    } catch {
      logger.tell(
        .error, .history,
        "the site that ran last, number \(entry.number) of the history, has errors now, and does not run")
      return nil
    }
  }

  /// The note of a trial that did not end by itself: pwmgr ended before.
  func trialNote() -> [UInt8]? { try? folder?.content(of: Self.trialName) }

  /// Writes the note of a trial, on a thread of its own.
  func write(trialNote note: [UInt8], on loop: EventLoop, completion: @escaping () -> Void) {
    guard let folder else { return completion() }
    write(on: loop) {
      do throws(SystemError) {
        try folder.write(note, as: Self.trialName)
        return nil
      } catch {
        return "the trial cannot be noted, and a start after a crash will not tell of it: cannot \(error)"
      }
    } completion: {
      completion()
    }
  }

  /// Removes the note, on a thread of its own: the trial has ended.
  func removeTrialNote(on loop: EventLoop) {
    guard let folder else { return }
    write(on: loop) {
      folder.remove(Self.trialName)
      guard folder.has(Self.trialName) else { return nil }
      return
        "the note of a trial cannot be removed, and the next start will tell of it: \(folder.path)/\(Self.trialName)"
    } completion: {
    }
  }

  private static let trialName = "trial.json"

  /// A name for the folder of a site file, made of its path as systemd-escape(1) does it.
  static func name(of sitePath: String, _ instance: String?) -> String {
    let path = URL(filePath: sitePath).standardizedFileURL.path
    let name = path.utf8.drop { $0 == UInt8(ascii: "/") }.map { octet in
      switch octet {
      case UInt8(ascii: "/"): "-"
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: ":"):
        String(UnicodeScalar(octet))
      default: "\\x" + String(octet, radix: 16)
      }
    }
    return name.joined() + (instance.map { "@\($0)" } ?? "")
  }
}
