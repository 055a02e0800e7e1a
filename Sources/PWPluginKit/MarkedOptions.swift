import PWCore
import PWPluginWire

/// Options as a plugin wants them: with marks. There is no file here; each place has a mark of its own instead, and what a
/// complaint names by its mark, pwmgr is told by the way to it.
struct MarkedOptions {
  /// The options with a mark at each key and value.
  private(set) var node: OptionNode
  private var places: [Mark: Place] = [:]
  private var count = 0

  /// The key or value that a mark stands for.
  struct Place: Equatable {
    var path: [PluginResponse.PathStep]
    var isKey: Bool
  }

  init(_ value: OptionValue) {
    node = OptionNode(mark: Mark(line: 1, column: 1), content: .mapping([]))
    node = marked(value, [])
  }

  /// The place that a complaint is about; nil where its mark is none of these.
  func place(of mark: Mark) -> Place? { places[mark] }

  private mutating func mark(_ path: [PluginResponse.PathStep], isKey: Bool) -> Mark {
    count += 1
    let mark = Mark(line: count, column: 1)
    places[mark] = Place(path: path, isKey: isKey)
    return mark
  }

  private mutating func marked(_ value: OptionValue, _ path: [PluginResponse.PathStep]) -> OptionNode {
    let own = mark(path, isKey: false)
    switch value {
    case .scalar(let text): return OptionNode(mark: own, content: .scalar(text, isPlain: true))
    case .sequence(let values):
      var nodes: [OptionNode] = []
      for (index, value) in values.enumerated() { nodes.append(marked(value, path + [.index(index)])) }
      return OptionNode(mark: own, content: .sequence(nodes))
    case .mapping(let pairs):
      var nodes: [(key: String, keyMark: Mark, value: OptionNode)] = []
      for (key, value) in pairs {
        let below = path + [.key(key)]
        nodes.append((key: key, keyMark: mark(below, isKey: true), value: marked(value, below)))
      }
      return OptionNode(mark: own, content: .mapping(nodes))
    }
  }
}
