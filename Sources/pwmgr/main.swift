import ArgumentParser

if let complaint = PwmgrCommand.complaint(of: CommandLine.arguments.dropFirst()) {
  StandardError.write("pwmgr: \(complaint)")
  PwmgrCommand.exit(withError: ExitCode.validationFailure)
}
PwmgrCommand.main()
