/// Lower-case hexadecimal digits of a number, as many as its type needs.
package func hex(_ number: some FixedWidthInteger & UnsignedInteger) -> String {
  let digits = String(number, radix: 16)
  return String(repeating: "0", count: max(0, type(of: number).bitWidth / 4 - digits.utf8.count)) + digits
}

/// Lower-case hexadecimal digits of octets.
package func hex(_ octets: some Sequence<UInt8>) -> String {
  var digits: [UInt8] = []
  digits.reserveCapacity(2 * octets.underestimatedCount)
  for octet in octets {
    digits.append(hexDigit(octet >> 4))
    digits.append(hexDigit(octet & 0x0F))
  }
  return String(decoding: digits, as: UTF8.self)
}

private func hexDigit(_ number: UInt8) -> UInt8 {
  number + (number < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
}
