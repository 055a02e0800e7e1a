/// Messages in a recording: their octets as digits.
extension Datagram: Codable {
  private enum CodingKeys: CodingKey {
    case octets, source, local, encapsulation, socket
  }

  /// Reads what `encode` writes.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      octets: try container.decode(OctetText.self, forKey: .octets).octets,
      source: try container.decode(Endpoint.self, forKey: .source),
      local: try container.decode(Endpoint.self, forKey: .local),
      encapsulation: try container.decode(Encapsulation.self, forKey: .encapsulation),
      socket: try container.decode(SocketID.self, forKey: .socket))
  }

  /// Writes each part under its name.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(OctetText(octets), forKey: .octets)
    try container.encode(source, forKey: .source)
    try container.encode(local, forKey: .local)
    try container.encode(encapsulation, forKey: .encapsulation)
    try container.encode(socket, forKey: .socket)
  }
}

extension Transmission: Codable {
  private enum CodingKeys: CodingKey {
    case octets, socket, destination, isFragmentable, isCut
  }

  /// Reads what `encode` writes.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      octets: try container.decode(OctetText.self, forKey: .octets).octets,
      socket: try container.decode(SocketID.self, forKey: .socket),
      destination: try container.decode(Endpoint.self, forKey: .destination),
      isFragmentable: try container.decodeIfPresent(Bool.self, forKey: .isFragmentable) ?? true,
      isCut: try container.decodeIfPresent(Bool.self, forKey: .isCut) ?? false)
  }

  /// Writes each part under its name; what is as usual is left out.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(OctetText(octets), forKey: .octets)
    try container.encode(socket, forKey: .socket)
    try container.encode(destination, forKey: .destination)
    if !isFragmentable { try container.encode(false, forKey: .isFragmentable) }
    if isCut { try container.encode(true, forKey: .isCut) }
  }
}
