import PWCore
import Testing

/// The checks of a value that come before its reader is asked.
struct ValueFormTests {
  private func faults(_ form: ValueForm, _ content: OptionNode.Content) -> [String] {
    form.faults(of: OptionNode(mark: Mark(line: 2, column: 9), content: content)).map {
      "\($0.mark.line):\($0.mark.column) \($0.message)"
    }
  }

  private func faults(_ form: ValueForm, _ text: String) -> [String] { faults(form, .scalar(text, isPlain: true)) }

  @Test(
    "Values of a form",
    arguments: [
      (.text, ""), (.text, "anything at all"), (.number(1...300), "1"), (.number(1...300), "300"),
      (.duration(.seconds(1) ... .seconds(60), orZero: false), "1m"),
      (.duration(.seconds(1) ... .seconds(60), orZero: true), "0s"), (.choice(["red", "blue"]), "blue"),
      (.boolean, "off"), (.path, "/etc/keys"),
    ] as [(ValueForm, String)])
  func right(form: ValueForm, text: String) {
    #expect(faults(form, text) == [])
    #expect(faults(.list(form), .sequence([OptionNode(.scalar(text)), OptionNode(.scalar(text))])) == [])
  }

  @Test(
    "Values that are wrong, and the complaints about them",
    arguments: [
      (.number(1...300), "301", "301 is out of range; write a number from 1 to 300"),
      (.number(1...300), "ten", "'ten' is not a decimal number; write one from 1 to 300"),
      (
        .duration(.seconds(1) ... .seconds(60), orZero: false), "0s",
        "'0s' is out of range; write a duration from 1s to 1m"
      ),
      (.duration(.seconds(1) ... .seconds(60), orZero: true), "9", "'9' has no unit; write '9s' or '9ms'"),
      (.choice(["red", "blue"]), "green", "'green' is not 'red' or 'blue'; write one of them"),
      (.boolean, "maybe", "'maybe' is neither; write 'true' or 'false'"),
      (.path, "keys", "'keys' is not the full path of a file; begin with '/'"),
    ] as [(ValueForm, String, String)])
  func wrong(form: ValueForm, text: String, message: String) {
    #expect(faults(form, text) == ["2:9 \(message)"])
  }

  @Test("A list where one value is wanted, one value where a list is, and a wrong value in a list at its own place")
  func structure() {
    #expect(faults(.text, .sequence([])) == ["2:9 expected one value, not a list or a mapping"])
    #expect(faults(.number(1...9), .mapping([])) == ["2:9 expected one value, not a list or a mapping"])
    #expect(
      faults(.list(.text), "a") == ["2:9 expected a list; write its values in '[' and ']', or each after a '-'"])
    let wrong = OptionNode(mark: Mark(line: 4, column: 5), content: .scalar("0", isPlain: true))
    #expect(
      faults(.list(.number(1...9)), .sequence([OptionNode(.scalar("1")), wrong])) == [
        "4:5 0 is out of range; write a number from 1 to 9"
      ])
  }

  @Test("In words, as the reference page has them")
  func words() {
    #expect(ValueForm.number(1...300).words == "number, 1 to 300")
    #expect(ValueForm.choice(["red", "blue"]).words == "`red` or `blue`")
    #expect(ValueForm.list(.path).words == "list, each full path of a file")
  }
}
