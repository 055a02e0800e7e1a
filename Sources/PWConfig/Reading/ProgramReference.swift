public import PWCore

/// A program that a site has run for one of its pseudowires.
public struct ProgramReference: Hashable, Sendable {
  /// Which one it is, and where the site file names it.
  public var place: ProgramPlace
  /// The pseudowire, as it is declared.
  public var owner: LinkOwner
}
