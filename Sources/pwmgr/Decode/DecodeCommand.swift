import ArgumentParser
import Foundation
import PWCore
import PWCrypto

/// `pwmgr decode [FILE]`.
struct Decode: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decode",
    abstract: "Read L2TPv3 control messages and say what they say.",
    discussion: """
      FILE is a capture, in the pcap or the pcapng format. Without it, standard input is read: a capture, or hexadecimal digits \
      with any white space. There a blank line ends a message, and so does a line break, unless the message's Length says \
      that more of it is to come and the next line does not begin like a message (c803, or 00000000c803).

      In a capture, L2TP is found inside PPPoE, MPLS, GRE, ERSPAN, IP in IP, VXLAN and TZSP, too. Frames that are inside \
      something that is not looked into, such as IPsec, are counted.

      Messages over IP begin with four zero octets. Hexadecimal messages that do are taken for that, all others for \
      messages over UDP, unless --encapsulation says which they are; of a capture it picks the packets.

      AVPs that are hidden (RFC 3931 section 5.3) are shown as they are, and in clear with the secret of --secret-file.

      Octets are counted from the flags word of the message, as its Length field does. Data messages are named, and left \
      out of the JSON.

      Exit codes: 0 all was well-formed, 1 something was malformed, 64 wrong use, 66 the file cannot be read, 69 \
      OpenSSL refuses MD5, which --secret-file needs.
      """)

  @Argument(help: "A capture file.", completion: .file(extensions: ["pcap", "pcapng", "cap"]))
  var file: String?

  @Option(help: ArgumentHelp("The encapsulation of the messages: udp or ip.", valueName: "udp|ip"))
  var encapsulation: Carrier?

  @Option(help: "A UDP port that counts as 1701 does, in a capture; who calls 1701 is followed to other ports anyway.")
  var port: UInt16?

  @Option(help: ArgumentHelp("The shared secret, to read hidden AVPs with.", valueName: "file"), completion: .file())
  var secretFile: String?

  @Flag(help: "Print an array of JSON objects instead of words.")
  var json = false

  /// EX_NOINPUT of sysexits.h.
  static let cannotReadFile = ExitCode(66)

  func run() throws {
    let findings = try findings()
    if json {
      print(try JSONValue.array(findings.compactMap(\.json)).text())
      for finding in findings where finding.isNote { StandardError.write(finding.text) }
    } else {
      for finding in findings { print(finding.text) }
    }
    if findings.contains(where: \.isMalformed) { throw ExitCode.failure }
  }

  /// The reader of hidden AVPs, if there is a secret.
  private func hiding() throws -> AVPHiding? {
    guard let secretFile else { return nil }
    if let refusal = CryptoAuthenticator.refusal {
      StandardError.write("pwmgr: \(refusal)")
      throw ExitStatus.unavailable.exit
    }
    let authenticator = CryptoAuthenticator()
    do throws(SecretFailure) {
      let secret = try Secrets.read(secretFile)
      return AVPHiding(key: MessageDigest.hidingKey(secret: secret, using: authenticator), using: authenticator)
    } catch {
      StandardError.write("pwmgr: \(error)")
      throw Self.cannotReadFile
    }
  }

  private func findings() throws -> [Finding] {
    let hiding = try hiding()
    let octets: [UInt8]
    do {
      octets = try read()
    } catch {
      StandardError.write("pwmgr: cannot read \(file ?? "standard input"): \(error.localizedDescription)")
      throw Self.cannotReadFile
    }
    do throws(CaptureFile.Failure) {
      if let capture = try CaptureFile(octets) {
        let findings = Finding.all(in: capture, only: encapsulation?.encapsulation, hiding: hiding, port: port)
        if findings.allSatisfy(\.isNote), encapsulation == nil {
          let count = capture.frames.count
          let frames = count == 1 ? "1 frame, which is not" : "\(count) frames, none of them"
          StandardError.write(
            "pwmgr: \(file ?? "standard input"): \(frames) L2TPv3: nothing is of UDP "
              + "port 1701 or of IP protocol 115, alone or inside PPPoE, MPLS, GRE, IP, VXLAN or TZSP")
        }
        return findings
      }
    } catch {
      StandardError.write("pwmgr: \(file ?? "standard input"): \(error)")
      throw ExitCode.failure
    }
    if let file {
      StandardError.write(
        "pwmgr: \(file): not a capture; hexadecimal digits are read from standard input (pwmgr decode < \(file))")
      throw ExitCode.failure
    }
    return Finding.all(inHexadecimal: octets, encapsulation: encapsulation?.encapsulation, hiding: hiding)
  }

  private func read() throws -> [UInt8] {
    guard let file else { return try [UInt8](FileHandle.standardInput.readToEnd() ?? Data()) }
    return try [UInt8](Data(contentsOf: URL(fileURLWithPath: file), options: .mappedIfSafe))
  }
}

/// `--encapsulation`.
enum Carrier: String, CaseIterable, ExpressibleByArgument {
  case udp
  case ip

  var encapsulation: Encapsulation {
    switch self {
    case .udp: .udp
    case .ip: .ip
    }
  }
}
