extension SitePicture {
  /// The picture for Graphviz (dot(1)): the site, its tunnels beside it, their pseudowires beside those.
  var dot: String {
    var lines = [
      "graph \(Self.quoted(site)) {",
      "  graph [rankdir=LR, ranksep=1, label=\(Self.quoted(caption)), labelloc=t]",
      "  node [shape=box, style=rounded, fontname=\"sans-serif\"]",
      "  edge [penwidth=2]",
      "  site [label=\(Self.quoted(site)), penwidth=2]",
    ]
    for (index, tunnel) in tunnels.enumerated() {
      let node = "tunnel\(index)"
      lines.append(Self.node(node, [tunnel.name, tunnel.peer, tunnel.state.words], tunnel.state))
      lines.append(Self.edge("site", node, tunnel.state))
      for (place, pseudowire) in tunnel.pseudowires.enumerated() {
        let leaf = "\(node)_\(place)"
        lines.append(Self.node(leaf, [pseudowire.name, pseudowire.state.words, pseudowire.note], pseudowire.state))
        lines.append(Self.edge(node, leaf, pseudowire.state))
      }
    }
    return (lines + ["}", ""]).joined(separator: "\n")
  }

  private static func node(_ name: String, _ words: [String], _ state: State) -> String {
    "  \(name) [label=\(quoted(words.joined(separator: "\n"))), color=\"#\(state.colour)\"]"
  }

  private static func edge(_ one: String, _ other: String, _ state: State) -> String {
    let style =
      switch state {
      case .up: "solid"
      case .alarm: "bold"
      case .unsure: "dashed"
      case .down, .off: "dotted"
      }
    return "  \(one) -- \(other) [color=\"#\(state.colour)\", style=\(style)]"
  }

  /// A text of the language: what would end it, or means something to it, is escaped. Entities of HTML are read in it,
  /// too.
  static func quoted(_ text: String) -> String {
    let inner = printable(text.replacing("\n", with: "\u{2028}")).replacing("\\", with: "\\\\")
      .replacing("\"", with: "\\\"").replacing("&", with: "&amp;").replacing("\u{2028}", with: "\\n")
    return "\"\(inner)\""
  }
}
