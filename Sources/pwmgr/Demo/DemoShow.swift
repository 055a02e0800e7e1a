import FoundationEssentials
import Glibc
import PWCore

/// The demonstration itself: what is done, what is looked at, and the table of what was shown.
final class DemoShow {
  private let network: DemoNetwork
  private let examples: String
  private let dataPlane: String
  private let folder: URL
  /// A template for mkdtemp(3): nobody else knows the name before the folder is there, and it is for us alone.
  private static let folderTemplate = "/tmp/pwmgr-demo-XXXXXX"
  private var daemons: [DemoNetwork.Host: ChildProgram] = [:]
  private var results: [(what: String, isShown: Bool, detail: String)] = []

  private static let sites: [DemoNetwork.Host] = [.amsterdam, .berlin]
  private static let longestWaitSeconds = 30.0
  private static let pollSeconds = 0.2

  init(examples: String, dataPlane: String) throws {
    let processID = getpid()
    network = DemoNetwork(processID: processID)
    self.examples = examples
    self.dataPlane = dataPlane
    guard let made = Self.folderTemplate.withCString({ strdup($0) }) else { throw DemoFailure(message: "no memory") }
    defer { free(made) }
    guard mkdtemp(made) != nil else {
      throw DemoFailure(
        message: "cannot make a folder like \(Self.folderTemplate): \(String(cString: strerror(errno)))")
    }
    folder = URL(fileURLWithPath: String(cString: made))
  }

  /// Whether everything in the table was seen.
  var isAllShown: Bool {
    results.allSatisfy(\.isShown)
  }

  /// Builds the network, starts the sites, and shows what they do.
  func run() throws {
    step("two hosts (amsterdam, berlin) and two stations (alice, bob) in network namespaces")
    try network.build()
    for site in Self.sites { try start(site) }
    step("waiting for both sites to forward")
    let isUp = wait { self.isForwarding(.amsterdam) && self.isForwarding(.berlin) }
    record("control connection and session established, both sites forwarding", isUp, "with the examples as they are")
    guard isUp else { throw DemoFailure(message: "the sites did not come up within \(Int(Self.longestWaitSeconds)) s") }
    ping("ARP and ping from alice to bob", to: "10.0.0.2", size: 56)
    ping("1500-octet packets, unfragmented inside", to: "10.0.0.2", size: 1472, flags: ["-M", "do"])
    if DemoNetwork.machineHasVLAN {
      ping("VLAN-tagged frames, unchanged", to: "10.0.100.2", size: 56)
    } else {
      print("   (VLAN-tagged frames are not shown here: this machine's kernel has no 802.1Q links)")
    }
    try pullCable()
    try killPeer()
    for site in Self.sites { printStatus(of: site) }
  }

  /// Ends both daemons as an operator would, and looks at what they left.
  func stopAndCheck() {
    step("stopping both daemons with SIGTERM")
    for site in Self.sites { daemons[site]?.terminate() }
    let ended = wait { self.daemons.values.allSatisfy { !$0.isRunning } }
    let left = Self.sites.flatMap { site in network.extraLinks(of: site).map { "\(site.rawValue): \($0)" } }
    record(
      "clean stop: nothing of ours is left", ended && left.isEmpty,
      ended ? (left.isEmpty ? "links as before" : "left: \(left.joined(separator: ", "))") : "a daemon did not end")
  }

  /// Takes everything away, whatever state it is in.
  func remove() {
    for daemon in daemons.values where daemon.isRunning { kill(daemon.processID, SIGKILL) }
    network.remove()
    try? FileManager.default.removeItem(at: folder)
  }

  /// Prints the results as a table.
  func printTable() {
    let width = results.map(\.what.count).max() ?? 0
    print("\nWhat was shown (data plane \(dataPlane)):")
    for result in results {
      let name = result.what.padded(to: width)
      print("  \(result.isShown ? "yes" : "NO ")  \(name)  \(result.detail)")
    }
  }

  /// The daemons' journals, for a demonstration that failed.
  func printLogs() {
    for site in Self.sites {
      guard let log = try? String(contentsOf: journal(of: site), encoding: .utf8) else { continue }
      print("--- journal of \(site.rawValue)\n\(log)")
    }
  }

  /// Tells how to look around, where `--keep` leaves everything in place.
  func printHowToLook() {
    print("\nEverything is left up. To look at it:")
    for site in Self.sites {
      print("  pwmgr status --control-socket \(socket(of: site))")
      print("  ip netns exec \(network.namespace(of: site)) bridge link")
    }
    print("  ip netns exec \(network.namespace(of: .alice)) ping 10.0.0.2")
    print("To remove it:")
    print("  kill \(daemons.values.map { "\($0.processID)" }.joined(separator: " "))")
    for host in DemoNetwork.Host.allCases { print("  ip netns delete \(network.namespace(of: host))") }
    print("  rm -r \(folder.path)")
  }
}

// MARK: - Scenes

extension DemoShow {
  private func ping(_ what: String, to address: String, size: Int, flags: [String] = []) {
    let words = ["ping", "-n", "-q", "-c", "5", "-i", "0.2", "-W", "2", "-s", "\(size)"] + flags + [address]
    let outcome = Command.run(network.inside(.alice, words))
    let line = outcome.output.split(separator: "\n").first { $0.contains("packets transmitted") }
    record(
      what, outcome.isSuccess && outcome.output.contains(" 0% packet loss"), line.map(String.init) ?? outcome.output)
  }

  /// The cable of berlin's station is pulled: amsterdam must say so, and forward again when it is plugged in.
  private func pullCable() throws {
    step("pulling the cable between bob and berlin, and plugging it in again")
    try network.require(.bob, "ip link set eth0 down")
    let isSeen = wait {
      self.pseudowires(of: .amsterdam).contains { $0.peerCircuit?.contains(.active) == false && !$0.isForwarding }
    }
    let reason = pseudowires(of: .amsterdam).first?.forwarding.value.reasons.first
    record("berlin's cable pulled: amsterdam says so and stops sending", isSeen, reason ?? "no reason given")
    try network.require(.bob, "ip link set eth0 up")
    record("plugged in again: both forward", wait { self.isForwarding(.amsterdam) && self.isForwarding(.berlin) }, "")
  }

  /// Berlin's daemon dies without a word and is started again.
  private func killPeer() throws {
    step("killing berlin's daemon with SIGKILL, and starting it again")
    guard let victim = daemons[.berlin] else { return }
    kill(victim.processID, SIGKILL)
    _ = victim.wait()
    try start(.berlin)
    let isBack = wait { self.isForwarding(.berlin) && self.isForwarding(.amsterdam) }
    record("berlin killed with SIGKILL and started: back by itself", isBack, "")
    if isBack { ping("ping after that", to: "10.0.0.2", size: 56) }
  }
}

// MARK: - Parts

extension DemoShow {
  private func start(_ site: DemoNetwork.Host) throws {
    step("starting \(site.rawValue): pwmgr run \(examples)/udp-\(site.rawValue).yaml")
    let words = network.inside(
      site,
      [
        executable, "run", "\(examples)/udp-\(site.rawValue).yaml", "--data-plane", dataPlane,
        "--control-socket", socket(of: site), "--state-directory", folder.appendingPathComponent(site.rawValue).path,
        "--history-directory", folder.appendingPathComponent("history").path,
      ])
    daemons[site] = try Command.start(words, log: journal(of: site).path)
  }

  private var executable: String {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
  }

  private func socket(of site: DemoNetwork.Host) -> String {
    folder.appendingPathComponent("\(site.rawValue).sock").path
  }

  private func journal(of site: DemoNetwork.Host) -> URL {
    folder.appendingPathComponent("\(site.rawValue).log")
  }

  private func pseudowires(of site: DemoNetwork.Host) -> [PseudowireStatus] {
    guard let answer = try? ControlClient(path: socket(of: site)).ask(.status) else { return [] }
    return (try? StatusDocument(json: answer))?.site.tunnels.flatMap(\.pseudowires) ?? []
  }

  private func isForwarding(_ site: DemoNetwork.Host) -> Bool {
    let pseudowires = pseudowires(of: site)
    return !pseudowires.isEmpty && pseudowires.allSatisfy(\.isForwarding)
  }

  private func printStatus(of site: DemoNetwork.Host) {
    print("\n$ pwmgr status   # at \(site.rawValue)")
    guard let answer = try? ControlClient(path: socket(of: site)).ask(.status),
      let document = try? StatusDocument(json: answer)
    else { return print("no answer") }
    print(StatusText(document).rendered(), terminator: "")
  }

  private func wait(for condition: () -> Bool) -> Bool {
    let end = ContinuousClock.now + .seconds(Self.longestWaitSeconds)
    while ContinuousClock.now < end {
      if condition() { return true }
      ForwardingCheck.sleep(.seconds(Self.pollSeconds))
    }
    return condition()
  }

  private func step(_ what: String) {
    print("-- \(what)")
    fflush(nil)
  }

  private func record(_ what: String, _ isShown: Bool, _ detail: String) {
    print("   \(isShown ? "yes" : "NO"): \(what)\(detail.isEmpty ? "" : " (\(detail))")")
    fflush(nil)
    results.append((what, isShown, detail))
  }
}
