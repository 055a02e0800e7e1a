import ArgumentParser

/// How long a recording may become: whoever floods the daemon is not to fill its disk.
struct RecordingLimit: Equatable, Sendable {
  /// The largest size of the file, in octets.
  let octets: Int

  /// Where nobody says otherwise: 1 GiB.
  static let usual = RecordingLimit(octets: 1 << 30)

  /// The units, the largest first.
  private static let units = [(name: "GiB", octets: 1 << 30), (name: "MiB", octets: 1 << 20)]
  /// The least and the most that may be asked for: a start with a few tunnels, and more than disks hold.
  private static let range = (1 << 20)...(1 << 50)

  /// As `--record-limit` takes it: `500MiB`.
  var text: String {
    let unit = Self.units.first { octets % $0.octets == 0 }
    return unit.map { "\(octets / $0.octets)\($0.name)" } ?? "\(octets) octets"
  }
}

extension RecordingLimit: ExpressibleByArgument {
  init?(argument: String) {
    guard let unit = Self.units.first(where: { argument.hasSuffix($0.name) }),
      let count = Int(argument.dropLast(unit.name.count))
    else { return nil }
    let (octets, isTooLarge) = count.multipliedReportingOverflow(by: unit.octets)
    guard !isTooLarge, Self.range.contains(octets) else { return nil }
    self.octets = octets
  }

  var defaultValueDescription: String { text }
}
