import ArgumentParser
import PWCore

/// The most that a change may cost: the same option for all commands that make one.
struct AllowanceOption: ParsableArguments {
  @Option(help: ArgumentHelp("The most that the change may cost: \(Allowance.words).", valueName: "cost"))
  var allow: Allowance?
}

/// The options of a change that is made for good.
struct ChangeOptions: ParsableArguments {
  @OptionGroup var allowance: AllowanceOption

  @Option(
    help: ArgumentHelp(
      "How long pseudowires may take to forward again, like 500ms or 2m; 30s if left out, 0s: do not look.",
      valueName: "duration"),
    transform: DurationOption.read)
  var wait = Duration.seconds(30)
}
