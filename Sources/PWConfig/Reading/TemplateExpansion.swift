import PWCore

/// One declaration, and the pseudowires that it stands for: itself, or as many as its plugin says, with numbers.
struct TemplateExpansion {
  private let owner: LinkOwner
  private let template: PseudowireTemplate?
  /// The interface of each.
  let interfaceNames: [String]

  /// Reads the `interface` of a declaration, or derives one for each pseudowire.
  init(
    owner: LinkOwner, template: PseudowireTemplate?, _ section: Section<PseudowireKeys>, _ complaints: inout Complaints
  ) {
    self.owner = owner
    self.template = template
    guard let count = template?.count else {
      interfaceNames = [
        section.resolved(\.interface, &complaints, Names.interface)
          ?? DerivedNames.interface(tunnel: owner.tunnel, pseudowire: owner.pseudowire)
      ]
      return
    }
    let numbers = 1...max(count, 1)
    let pattern = section.resolved(\.interface, &complaints) { (scalar) throws(ValueFault) in
      try Self.pattern(scalar, upTo: numbers.upperBound)
    }
    if let pattern {
      interfaceNames = numbers.map { pattern.replacing(Self.place, with: String($0)) }
    } else {
      interfaceNames = numbers.map {
        DerivedNames.interface(tunnel: owner.tunnel, pseudowire: "\(owner.pseudowire)-\($0)")
      }
    }
  }

  /// The pseudowires, all of them as declared but for what tells them apart.
  ///
  /// - Parameter section: where it is declared.
  func pseudowires(
    like declaration: PseudowireDeclaration, _ section: Section<PseudowireKeys>
  ) -> [PseudowireDeclaration] {
    guard let template else { return [declaration] }
    let (remote, local) = (section.text(of: \.endID), section.text(of: \.localEndID))
    return interfaceNames.enumerated().map { index, interfaceName in
      var one = declaration
      one.template = owner.pseudowire
      one.calling = template.calling
      one.name = PseudowireTemplate.name(owner.pseudowire, number: index + 1)
      one.remoteEndID = RemoteEndID(text: PseudowireTemplate.name(remote ?? "", number: index + 1))
      one.localEndID = local.map { RemoteEndID(text: PseudowireTemplate.name($0, number: index + 1)) }
      one.options = template.options(at: index, of: declaration.options)
      one.interfaceName = interfaceName
      return one
    }
  }

  /// Where the number goes in an interface name.
  private static let place = "%d"

  /// An interface name with one place for a number, that fits with the largest one too.
  private static func pattern(_ scalar: Scalar, upTo number: Int) throws(ValueFault) -> String {
    guard scalar.text.components(of: place) == 2 else {
      throw ValueFault("'\(scalar.text)' is one name for many pseudowires; write '%d' once, where the number goes")
    }
    var largest = scalar
    largest.text = scalar.text.replacing(place, with: String(number))
    _ = try Names.interface(largest)
    return scalar.text
  }
}

extension String {
  /// The parts between the places where `separator` stands.
  fileprivate func components(of separator: String) -> Int {
    split(separator: separator, omittingEmptySubsequences: false).count
  }
}

extension OptionValue {
  /// The same mapping in one order, so that a file whose keys moved declares the same.
  var sortedByKey: OptionValue {
    guard case .mapping(let pairs) = self else { return self }
    return .mapping(pairs.sorted { $0.key < $1.key })
  }
}
