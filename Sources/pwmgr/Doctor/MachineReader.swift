import FoundationEssentials
import Glibc
import PWCore
import PWLinux

/// Reads the facts of a machine; changes nothing there.
struct MachineReader {
  /// Where its files are.
  var files = FileTree()
  /// Runs a program of the system.
  var run: ([String]) -> BoundedProgram.Outcome = { BoundedProgram.run($0) }
  let question: MachineQuestion

  /// The drivers that L2TP may need.
  static let modules = ["l2tp_core", "l2tp_netlink", "l2tp_eth", "l2tp_ip", "l2tp_ip6", "l2tp_ppp"]

  /// Everything that the question is about.
  func facts() -> MachineFacts {
    var facts = MachineFacts()
    readModules(&facts)
    readDaemon(&facts)
    facts.isClockSynchronised = files.root.isEmpty ? KernelClock.isSynchronised : nil
    facts.isUdevRunning = files.has("/run/udev/control")
    // The first folder that has the name counts; there it may be switched off by nothing, or by /dev/null.
    let linkFile = Self.linkFolders.map { "\($0)/\(Self.linkFileName)" }.first(where: files.has)
    facts.hasLinkFile = linkFile.flatMap(files.text)?.isEmpty == false
    if facts.isElsewhere == true {
      facts.unread.append("links, ports and firewall: the daemon is in another network namespace")
      return facts
    }
    readSockets(&facts)
    readFirewall(&facts)
    readLinks(&facts)
    readPaths(&facts)
    return facts
  }

  // MARK: Drivers

  /// The folders of systemd.link(5).
  static let linkFolders = [
    "/etc/systemd/network", "/run/systemd/network", "/usr/lib/systemd/network", "/lib/systemd/network",
  ]
  static let linkFileName = "70-pwmgr.link"
  /// The folders of modprobe.d(5), and a kernel's own.
  private static let moduleFolders = ["/etc/modprobe.d", "/run/modprobe.d", "/usr/lib/modprobe.d", "/lib/modprobe.d"]

  private func readModules(_ facts: inout MachineFacts) {
    facts.loadedModules = Set(Self.modules.filter { files.has("/sys/module/\($0)") })
    facts.hasTAP = files.has("/dev/net/tun")
    let system = files.text("/etc/os-release") ?? ""
    let family = (FileTree.value(of: "ID", in: system) ?? "") + " " + (FileTree.value(of: "ID_LIKE", in: system) ?? "")
    facts.isRedHat = family.split(separator: " ").contains { ["rhel", "fedora", "centos"].contains($0) }
    let release = (files.text("/proc/sys/kernel/osrelease") ?? "").split(separator: "\n").first.map(String.init) ?? ""
    let folder = "/lib/modules/\(release)"
    let builtIn = files.text("\(folder)/modules.builtin") ?? ""
    facts.loadedModules.formUnion(Self.modules.filter { builtIn.contains("/\($0).ko") })
    if let list = files.text("\(folder)/modules.dep") {
      facts.installedModules = facts.loadedModules.union(Self.modules.filter { list.contains("/\($0).ko") })
    } else {
      facts.unread.append("which drivers the kernel could load: there is no \(folder)/modules.dep")
    }
    // A file in an earlier folder takes the place of those of the same name in later ones.
    var seen: Set<String> = []
    for folder in Self.moduleFolders {
      for name in files.names(in: folder) where name.hasSuffix(".conf") && seen.insert(name).inserted {
        readBans("\(folder)/\(name)", &facts)
      }
    }
  }

  private func readBans(_ path: String, _ facts: inout MachineFacts) {
    let lines = (files.text(path) ?? "").split(separator: "\n", omittingEmptySubsequences: false)
    for (number, line) in lines.enumerated() {
      let words = line.split { $0 == " " || $0 == "\t" }
      guard words.count >= 2 else { continue }
      let module = String(words[1].map { $0 == "-" ? "_" : $0 })
      guard Self.modules.contains(module) else { continue }
      let isBan = words[0] == "blacklist" || (words[0] == "install" && words.count > 2 && Self.isNothing(words[2]))
      guard isBan else { continue }
      facts.moduleBans.append(ModuleBan(module: module, file: path, line: number + 1, text: String(line)))
    }
  }

  /// Whether a program does nothing, which is how `install` keeps a module out.
  private static func isNothing(_ program: Substring) -> Bool {
    ["/bin/true", "/bin/false", "/usr/bin/true", "/usr/bin/false", "/sbin/true", ":"].contains(program)
  }

  // MARK: The daemon

  private func readDaemon(_ facts: inout MachineFacts) {
    facts.socketMade = files.modified(question.controlSocket)
    guard let process = question.daemon else { return }
    facts.isProgramReplaced = files.target(of: "/proc/\(process)/exe").map { $0.hasSuffix(" (deleted)") }
    if let theirs = files.target(of: "/proc/\(process)/ns/net"), let ours = files.target(of: "/proc/self/ns/net") {
      facts.isElsewhere = theirs != ours
    } else {
      facts.unread.append(
        "the daemon's program and network namespace: only root, or the user who runs pwmgr, may see "
          + "them")
    }
  }
}
