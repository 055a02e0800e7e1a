import PWCore

/// The recorded courses of all processes of a run.
final class CourseBook {
  /// A process: its site, and which of that site's processes it is.
  struct ProcessName: Hashable {
    var site: Int
    var incarnation: Int
  }

  private(set) var courses: [ProcessName: [RecordedStep]] = [:]

  /// A recorder for a process that is going to start.
  func recorder(site: Int, incarnation: Int) -> EngineRecorder {
    EngineRecorder { [unowned self] in
      courses[ProcessName(site: site, incarnation: incarnation), default: []].append($0)
    }
  }
}
