import ArgumentParser
import FoundationEssentials
import PWCore
import PWCrypto
import PWLinux

/// `pwmgr decode [FILE]`.
struct Decode: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "decode",
    abstract: "Explain L2TPv3 control messages.",
    discussion: """
      FILE is a capture, in the pcap or the pcapng format. Without it, or with -, standard input is read: a capture, \
      or hexadecimal digits with any white space. There a blank line ends a message. So does a line break, unless the \
      message's Length says that more of it follows and the next line does not begin like a message (c803, or \
      00000000c803).

      In a capture, L2TP is also found inside PPPoE, MPLS, GRE, ERSPAN, IP in IP, VXLAN and TZSP. Frames inside \
      anything else, such as IPsec, are only counted.

      Messages over IP begin with four zero octets. Hexadecimal messages that begin so count as messages over IP, \
      and all others as messages over UDP, unless --encapsulation says which they are. In a capture, --encapsulation \
      selects packets.

      Hidden AVPs (RFC 3931 section 5.3) are shown as they are, and decrypted if --secret-file gives the secret.

      Octets are counted from the flags word of the message, as its Length field does. Data messages are mentioned, \
      and left out of the JSON.

      Exit codes: 0 if everything was well-formed, 1 if something was malformed, 64 for a usage error, 66 if the \
      file cannot be read, 69 if OpenSSL refuses MD5, which --secret-file needs.
      """)

  @Argument(help: "A capture file.", completion: .file(extensions: ["pcap", "pcapng", "cap"]))
  var file: String?

  @Option(help: ArgumentHelp("The encapsulation of the messages: udp or ip.", valueName: "udp|ip"))
  var encapsulation: Carrier?

  @Option(help: "In a capture: a UDP port to treat like 1701. Peers that call 1701 are followed to other ports anyway.")
  var port: UInt16?

  @Option(
    help: ArgumentHelp("The file with the secret, to decrypt hidden AVPs.", valueName: "file"), completion: .file())
  var secretFile: String?

  @Flag(help: "Print an array of JSON objects instead of text.")
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
    let file = file == "-" ? nil : file
    let octets: [UInt8]
    do throws(SystemError) {
      octets = if let file { try StandardInput.octets(ofFile: file) } else { try StandardInput.octets() }
    } catch {
      StandardError.write("pwmgr: cannot \(error)")
      throw Self.cannotReadFile
    }
    do throws(CaptureFile.Failure) {
      if let capture = try CaptureFile(octets) {
        let findings = Finding.all(in: capture, only: encapsulation?.encapsulation, hiding: hiding, port: port)
        if findings.allSatisfy(\.isNote), encapsulation == nil {
          let words = nothing(in: capture, isCertain: findings.isEmpty)
          StandardError.write("pwmgr: \(file ?? "standard input"): \(words)")
        }
        return findings
      }
    } catch {
      StandardError.write("pwmgr: \(file ?? "standard input"): \(error)")
      throw ExitCode.failure
    }
    if let file {
      if octets.isEmpty {
        StandardError.write("pwmgr: \(file): the file is empty")
        throw ExitCode.failure
      }
      StandardError.write(
        "pwmgr: \(file): not a capture; hexadecimal digits are read from standard input (pwmgr decode < \(file))")
      throw ExitCode.failure
    }
    return Finding.all(inHexadecimal: octets, encapsulation: encapsulation?.encapsulation, hiding: hiding)
  }

  /// Says that a capture has no L2TPv3, or, where notes say what could not be looked at, that none was found.
  private func nothing(in capture: CaptureFile, isCertain: Bool) -> String {
    let count = capture.frameCount
    guard isCertain else {
      return "\(count) \(count == 1 ? "frame" : "frames"), and no L2TPv3 in what could be read"
    }
    let frames = count == 1 ? "1 frame, which is not" : "\(count) frames, none of them"
    let (ports, next) = port.map { ("1701, \($0)", "") } ?? ("1701", "; --port names another UDP port")
    return "\(frames) L2TPv3: nothing uses UDP port \(ports) or IP protocol 115, alone or inside PPPoE, MPLS, GRE, IP, "
      + "VXLAN or TZSP\(next)"
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
