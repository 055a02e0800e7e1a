import Glibc
import PWCore

/// Reads datagrams off non-blocking sockets into one buffer that is kept.
final class DatagramReader {
  /// The result of one read.
  enum Outcome {
    /// No datagram is waiting.
    case empty
    /// A datagram: its octets lie in the reader's buffer until the next read.
    case datagram(count: Int, source: Endpoint, destination: IPAddress?)
    /// The socket reports an error, often the network's (an ICMP message): reading it has cleared it.
    case failed(SystemError)
  }

  /// The largest datagram there can be, in octets.
  private static let bufferOctets = 65_536
  /// Room for one IPV6_PKTINFO and its header, in octets.
  private static let controlOctets = 128

  private var buffer = [UInt8](repeating: 0, count: bufferOctets)
  private var control = [UInt8](repeating: 0, count: controlOctets)

  /// The first octets of the datagram that was read last.
  func octets(_ count: Int) -> [UInt8] { Array(buffer[..<count]) }

  /// The first octet of the datagram that was read last.
  var firstOctet: UInt8 { buffer[0] }

  /// Reads one datagram into the buffer; never waits.
  func read(_ descriptor: Int32) -> Outcome {
    var destination: IPAddress?
    let receipt = buffer.withUnsafeMutableBytes { data in
      control.withUnsafeMutableBytes { control in
        DatagramReceipt(descriptor, data: data, control: control) { header, octets in
          destination = AncillaryData.destination(header, octets)?.address ?? destination
        }
      }
    }
    guard receipt.count >= 0 else {
      return receipt.code == EAGAIN ? .empty : .failed(SystemError(code: receipt.code, attempt: "receive"))
    }
    guard let endpoint = receipt.address.endpoint else {
      return .failed(SystemError(code: EAFNOSUPPORT, attempt: "receive"))
    }
    return .datagram(count: receipt.count, source: endpoint, destination: destination)
  }
}
