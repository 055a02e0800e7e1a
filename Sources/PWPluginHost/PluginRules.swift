import PWCore
import PWPluginWire

/// The rules of the protocol that can be seen from outside, each tried with a process of its own (docs/plugin-protocol.md).
struct PluginRule {
  /// The rule in words: what a plugin does that keeps it.
  var title: String
  /// Tries whether a plugin keeps the rule.
  ///
  /// - Returns: why it could not be tried, if so.
  /// - Throws: how it is broken.
  var attempt: (PluginTrial) throws(PluginFault) -> String?

  static var all: [PluginRule] {
    [
      PluginRule(title: "it says what it is: protocol, type, payload, options") { trial throws(PluginFault) in
        _ = try trial.start()
        return nil
      },
      PluginRule(title: "it does not claim to speak a version that it cannot know") { trial throws(PluginFault) in
        let enquiry = try trial.enquire()
        var response = PluginResponse(id: nil)
        do throws(PluginFault) {
          response = try enquiry.ask(.version) { identifier in
            var request = PluginRequest.version(identifier, pwmgr: trial.version)
            request.protocols = [PluginTrial.futureVersion]
            return request
          }
        } catch {
          // An error is what it should answer; one that has ended is what it should not do.
          return try trial.requireAlive(enquiry, after: error)
        }
        if response.protocol == PluginTrial.futureVersion {
          throw PluginFault("asked for version \(PluginTrial.futureVersion) alone, it says that it speaks it")
        }
        return nil
      },
      PluginRule(title: "it answers a verb that it does not know with an error, and continues") {
        trial throws(PluginFault) in
        let enquiry = try trial.start()
        try trial.expectError(enquiry, "a verb that does not exist") { .unknown($0, verb: "levitate") }
        _ = try trial.ask(enquiry, .validate)
        return nil
      },
      PluginRule(title: "it ignores members that it does not know") { trial throws(PluginFault) in
        let enquiry = try trial.start()
        _ = try enquiry.ask(.validate) { identifier in
          var request = PluginRequest.validate(identifier, trial.session(), bridges: trial.bridges)
          request.protocols = [1, 2, 3]
          request.pwmgr = "of another verb"
          return request
        }
        return nil
      },
      PluginRule(title: "validate: the options of the test are right, and are so again") { trial throws(PluginFault) in
        let enquiry = try trial.start()
        if let key = trial.optionNames.first(where: { key in !trial.identity.options.contains { $0.name == key } }) {
          throw PluginFault("'\(key)' is not one of its options: a site file that has it would be refused")
        }
        let first = try trial.ask(enquiry, .validate).validation()
        let second = try trial.ask(enquiry, .validate).validation()
        guard first == second else { throw PluginFault("asked twice, it gives two different answers") }
        let errors = first.problems.filter { ($0.severity ?? "error") == "error" }
        if let problem = errors.first {
          throw PluginFault("it complains: \(problem.message.asPluginText) (use --option KEY=VALUE)")
        }
        return nil
      },
      PluginRule(title: "validate: every complaint has a place among the options") { trial throws(PluginFault) in
        let enquiry = try trial.start()
        for values in PluginTrial.oddValues {
          let options = trial.options(eachOf: values)
          let validation = try trial.ask(enquiry, .validate, options: .mapping(options)).validation()
          for problem in validation.problems {
            guard let path = problem.path, case .key(let key)? = path.first else { continue }
            guard options.contains(where: { $0.key == key }) else {
              throw PluginFault("it complains of '\(key.asPluginText)', which is not among the options")
            }
          }
        }
        return trial.identity.options.isEmpty ? "it reads no options" : nil
      },
      PluginRule(title: "up: while the session comes up, its interface is down") { trial throws(PluginFault) in
        let enquiry = try trial.start()
        return try trial.expectDown(try trial.up(enquiry, established: false), "before the session is established")
      },
      PluginRule(title: "up: while the peer's circuit is down, so is the interface") { trial throws(PluginFault) in
        let enquiry = try trial.start()
        _ = try trial.up(enquiry, established: false)
        return try trial.expectDown(
          try trial.up(enquiry, established: true, peerIsActive: false), "though the peer's circuit is not active")
      },
      PluginRule(title: "up: the same question has the same answer") { trial throws(PluginFault) in
        let enquiry = try trial.start()
        _ = try trial.up(enquiry, established: false)
        let answers = [try trial.up(enquiry, established: true), try trial.up(enquiry, established: true)]
        guard answers[0] == answers[1] else { throw PluginFault("it answers \(answers[0]), and then \(answers[1])") }
        if case .refuse(_, let reason) = answers[0] {
          return "it refuses the session: \(reason) (\(PluginTrial.cure))"
        }
        return nil
      },
      PluginRule(title: "down: a session that was up, and one that never was, can end") { trial throws(PluginFault) in
        guard trial.identity.verbs.contains(.down) else { return "it does not ask for 'down'" }
        let enquiry = try trial.start()
        _ = try trial.up(enquiry, established: true)
        for _ in 0..<2 { _ = try trial.ask(enquiry, .down) }
        _ = try trial.up(enquiry, established: false)
        return nil
      },
      PluginRule(title: "check and status: it reports problems, or none") { trial throws(PluginFault) in
        let verbs = trial.identity.verbs.intersection([.check, .status])
        guard !verbs.isEmpty else { return "it asks for neither" }
        let enquiry = try trial.start()
        _ = try trial.up(enquiry, established: true)
        for verb in verbs { _ = try trial.ask(enquiry, verb) }
        return nil
      },
      PluginRule(title: "gc: it reads a line that names \(PluginTrial.manySessions) sessions") {
        trial throws(PluginFault) in
        guard trial.identity.verbs.contains(.gc) else { return "it does not ask for 'gc'" }
        let enquiry = try trial.start()
        let sessions = (0..<PluginTrial.manySessions).map { trial.session("pw\($0)", isEstablished: $0 % 2 == 0) }
        _ = try enquiry.ask(.gc) { .gc($0, sessions) }
        _ = try enquiry.ask(.gc) { .gc($0, []) }
        return nil
      },
      PluginRule(title: "verbs that it has not asked for are answered with an error, or performed") {
        trial throws(PluginFault) in
        let others = PluginVerb.optional.subtracting(trial.identity.verbs)
        guard !others.isEmpty else { return "it asks for all of them" }
        let enquiry = try trial.start()
        for verb in others {
          do throws(PluginFault) {
            _ = try trial.ask(enquiry, verb)
          } catch {
            _ = try trial.requireAlive(enquiry, after: error)
          }
        }
        return nil
      },
      PluginRule(title: "\(PluginLimits.openQuestions) questions at once: each is answered once") {
        trial throws(PluginFault) in
        let enquiry = try trial.start()
        let questions = PluginTrial.namesAtOnce.map { name in
          (PluginVerb.up, { PluginRequest.up($0, trial.question(name, established: false)) })
        }
        for answer in enquiry.ask(questions) { _ = try answer.get() }
        return nil
      },
      PluginRule(title: "it ends by itself when its input is closed") { trial throws(PluginFault) in
        let enquiry = try trial.start()
        try enquiry.finish()
        return nil
      },
    ]
  }
}

extension PluginRequest {
  /// A verb that there is not.
  static func unknown(_ identifier: Int, verb: String) -> PluginRequest {
    var request = PluginRequest.status(identifier)
    request.verb = verb
    return request
  }
}
