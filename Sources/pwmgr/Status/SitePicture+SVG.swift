extension SitePicture {
  /// The picture as a file of its own for a browser: SVG 1.1, nothing loaded from elsewhere, light and dark.
  var svg: String {
    var drawing = Drawing()
    drawing.draw(self)
    return drawing.text
  }

  /// Distances in pixels.
  private enum Measure {
    static let width = 960
    static let siteWidth = 140
    static let tunnelX = 260
    static let pseudowireX = 560
    static let rowHeight = 24
    static let tunnelHeight = 62
    static let margin = 12
    static let titleHeight = 34
    /// The width of a letter, rather too wide than too narrow.
    static let letter = 8
  }

  private struct Drawing {
    private(set) var text = ""
    private var y = Measure.titleHeight

    mutating func draw(_ picture: SitePicture) {
      let heights = picture.tunnels.map { tunnel in
        max(Measure.tunnelHeight, tunnel.pseudowires.count * Measure.rowHeight + Measure.margin)
      }
      let body = max(heights.reduce(0, +), Measure.tunnelHeight)
      let height = Measure.titleHeight + body + Measure.margin
      let centre = Measure.titleHeight + body / 2
      begin(height, picture)
      for (tunnel, height) in zip(picture.tunnels, heights) {
        draw(tunnel, middle: y + height / 2, centre)
        y += height
      }
      line("<rect class=\"site\" x=\"2\" y=\"\(centre - 28)\" width=\"\(Measure.siteWidth)\" height=\"56\" rx=\"8\"/>")
      let x = 2 + Measure.siteWidth / 2
      put("name", x, centre + 5, picture.site, room: Measure.siteWidth - 12, "text-anchor=\"middle\"")
      line("</svg>")
    }

    private mutating func begin(_ height: Int, _ picture: SitePicture) {
      let (width, title) = (Measure.width, Self.escaped(picture.caption))
      line(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width)\" height=\"\(height)\" "
          + "viewBox=\"0 0 \(width) \(height)\" role=\"img\" aria-label=\"\(title)\">")
      line("<title>\(title)</title>")
      line("<style>")
      line("svg { background: #fff; font: 13px system-ui, sans-serif; } text { fill: #18202a; }")
      line(".name, .word { font-weight: 600; } .faint { fill: #525e6c; }")
      line(".site { fill: none; stroke: #18202a; stroke-width: 2; } .wire { fill: none; stroke-width: 2.5; }")
      for state in State.allCases {
        line(".wire.\(state) { stroke: #\(state.colour);\(state.dashes) } .word.\(state) { fill: #\(state.colour); }")
      }
      line("@media (prefers-color-scheme: dark) {")
      line("svg { background: #10141a; } text { fill: #e9edf2; } .faint { fill: #a5b0bd; } .site { stroke: #e9edf2; }")
      for state in State.allCases {
        line(".wire.\(state) { stroke: #\(state.darkColour); } .word.\(state) { fill: #\(state.darkColour); }")
      }
      line("}")
      line("</style>")
      put("faint", 2, 18, picture.caption, room: width)
    }

    private mutating func draw(_ tunnel: Tunnel, middle: Int, _ centre: Int) {
      let (from, to) = (Measure.siteWidth + 2, Measure.tunnelX - 8)
      let bend = (from + to) / 2
      line(
        "<path class=\"wire \(tunnel.state)\" d=\"M\(from) \(centre) C\(bend) \(centre) \(bend) \(middle) "
          + "\(to) \(middle)\"/>")
      let room = Measure.pseudowireX - Measure.tunnelX - 60
      put("name", Measure.tunnelX, middle - 9, tunnel.name, room: room)
      put("word \(tunnel.state)", Measure.tunnelX, middle + 7, tunnel.state.words, room: room)
      put("faint", Measure.tunnelX, middle + 22, tunnel.peer, room: room)
      let top = middle - tunnel.pseudowires.count * Measure.rowHeight / 2
      for (index, pseudowire) in tunnel.pseudowires.enumerated() {
        draw(pseudowire, y: top + index * Measure.rowHeight + Measure.rowHeight / 2, middle)
      }
    }

    private mutating func draw(_ pseudowire: Pseudowire, y: Int, _ middle: Int) {
      let (from, to) = (Measure.pseudowireX - 56, Measure.pseudowireX - 8)
      line("<path class=\"wire \(pseudowire.state)\" d=\"M\(from) \(middle) L\(from + 16) \(y) H\(to)\"/>")
      let room = Measure.width - Measure.pseudowireX - Measure.margin
      let word = pseudowire.state.words
      let letters = room / Measure.letter - word.count - 3
      let name = Self.shortened(pseudowire.name, letters: letters)
      let rest = max(0, letters - name.count)
      let note = Self.shortened(pseudowire.note, letters: rest)
      line(
        "<text x=\"\(Measure.pseudowireX)\" y=\"\(y + 5)\">"
          + "<title>\(Self.escaped("\(pseudowire.name): \(pseudowire.note)"))</title>"
          + "<tspan class=\"name\">\(Self.escaped(name))</tspan>"
          + "<tspan class=\"word \(pseudowire.state)\" dx=\"8\">\(word)</tspan>"
          + "<tspan class=\"faint\" dx=\"8\">\(Self.escaped(note))</tspan></text>")
    }

    private mutating func put(
      _ style: String, _ x: Int, _ y: Int, _ words: String, room: Int, _ more: String = ""
    ) {
      let shown = Self.shortened(words, letters: room / Measure.letter)
      let title = shown == words ? "" : "<title>\(Self.escaped(words))</title>"
      line("<text class=\"\(style)\" x=\"\(x)\" y=\"\(y)\" \(more)>\(title)\(Self.escaped(shown))</text>")
    }

    private mutating func line(_ line: String) { text += line + "\n" }

    private static func shortened(_ text: String, letters: Int) -> String {
      text.count <= letters ? text : letters < 2 ? "" : text.prefix(letters - 1) + "…"
    }

    /// A text in the file: nothing in it means anything to a reader of XML, and there is nothing that XML forbids.
    private static func escaped(_ text: String) -> String {
      printable(text).replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
        .replacing("\"", with: "&quot;")
    }
  }
}

extension SitePicture.State {
  /// `rrggbb`: one that is readable on a dark ground.
  fileprivate var darkColour: String {
    switch self {
    case .up: "56cf8a"
    case .alarm: "f2b64c"
    case .unsure: "b8a3ff"
    case .down: "ff8289"
    case .off: "9aa6b3"
    }
  }

  /// How a line of the state is broken, so that nobody needs to tell colours apart.
  fileprivate var dashes: String {
    switch self {
    case .up: ""
    case .alarm: " stroke-dasharray: 22 3 3 3;"
    case .unsure: " stroke-dasharray: 14 4;"
    case .down: " stroke-dasharray: 7 5;"
    case .off: " stroke-dasharray: 2 5;"
    }
  }
}
