import ArgumentParser

let words = ProgramArguments.all
if let complaint = PwmgrCommand.complaint(of: words) {
  StandardError.write("pwmgr: \(complaint)")
  PwmgrCommand.exit(withError: ExitCode.validationFailure)
}
PwmgrCommand.main(words)
