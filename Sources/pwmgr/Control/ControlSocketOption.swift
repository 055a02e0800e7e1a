import ArgumentParser

/// Where the daemon listens for `status`: the same option for the daemon and its clients.
struct ControlSocketOption: ParsableArguments {
  @Option(help: ArgumentHelp("The daemon's control socket.", valueName: "path"))
  var controlSocket = "/run/pwmgr/control.sock"
}
