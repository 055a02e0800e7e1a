/// Lower-case hexadecimal digits of a number, as many as its type needs.
package func hex(_ number: some FixedWidthInteger & UnsignedInteger) -> String {
  let digits = String(number, radix: 16)
  return String(repeating: "0", count: max(0, type(of: number).bitWidth / 4 - digits.utf8.count)) + digits
}

/// Lower-case hexadecimal digits of octets.
package func hex(_ octets: some Sequence<UInt8>) -> String {
  octets.reduce(into: "") { $0 += hex($1) }
}
