import PWConfig
import PWCore
import PWPluginHost

/// A site file and its drop-ins, read and validated, with its secrets: what `run` starts with and what SIGHUP brings.
struct SiteLoader {
  /// The path of the site file.
  let path: String
  /// Where plugins are that are not compiled in.
  let pluginDirectory: String

  /// The contents of a readable file without errors.
  struct Loaded: Sendable {
    /// The site that the file declares.
    var site: Site
    /// The octets of the file; of all parts as one stream where there are drop-ins.
    var octets: [UInt8]
    /// Shared secrets by tunnel name.
    var secrets: [String: TunnelSecrets]
    /// Warnings and notes, ready to print.
    var remarks: [String]
    /// Lines for the log about files that are passed over.
    var asides: [String] = []

    /// Whether the site has drop-ins.
    var hasDropIns: Bool { !SiteParts(stream: octets).dropIns.isEmpty }
  }

  /// Reads the file and its secrets. Plugins in other processes are started and asked: it may take as long as they do.
  func load() throws(StartFailure) -> Loaded {
    let file: SiteFile
    do throws(SiteFile.UnreadableFile) {
      file = try SiteFile.read(path, finder: finder, isAwaited: false)
    } catch {
      throw StartFailure(.noInput, "\(error)")
    }
    // Nobody could change one of them by its name.
    guard file.parts.dropIns.isEmpty || file.folder?.dropIns.isEmpty == false else {
      let folder = DropInFolder.path(beside: path) ?? "the folder of its drop-ins"
      throw StartFailure(
        .failure, "\(path) has several parts in one file; put each into \(folder), under the name behind its '# part:'")
    }
    return try load(file)
  }

  /// The same for octets that the file had once.
  func load(_ octets: [UInt8]) throws(StartFailure) -> Loaded {
    let reader = SiteReader(plugins: CompiledInPlugins.all, finder: finder)
    return try load(SiteFile(path: path, reading: reader.read(SiteParts(stream: octets, title: path))))
  }

  private var finder: PluginDirectory { PluginDirectory(pluginDirectory, version: Version.number) }

  private func load(_ file: SiteFile) throws(StartFailure) -> Loaded {
    let secretFaults = SecretFiles.diagnostics(for: file.reading.secretFiles, purpose: .run)
    let programs = Programs.diagnostics(for: file.reading)
    let unread = DropInFolder.unread(beside: path)
    let diagnostics = (file.reading.diagnostics + secretFaults + programs + unread).sorted { $0.mark < $1.mark }
    let lines = diagnostics.map { file.parts.line(of: $0) }
    guard let site = file.reading.site, !secretFaults.contains(where: { $0.severity == .error }) else {
      throw StartFailure(.failure, lines: lines)
    }
    do throws(SecretFailure) {
      return Loaded(
        site: site, octets: file.parts.octets, secrets: try Secrets.read(for: site), remarks: lines,
        asides: file.folder?.remarks ?? [])
    } catch {
      throw StartFailure(.failure, "\(error)")
    }
  }
}
