"""The JSON Schema of the site file, as a validator of other people's makes of it."""

import importlib.util
import json
import re
import sys

from lab import CHECKOUT
from lab.daemon import PROGRAM
from lab.network import run
from lab.scenario import Scenario

MODELINE = "# yaml-language-server: $schema=../docs/site-file.schema.json\n"
DEBIAN = "/usr/lib/python3/dist-packages"
FAULTS = CHECKOUT / "Tests/PWConfigTests/Faults"
# Complaints about the structure of a file, or the form of one value, and not about what values mean together. Other
# readers than ours take anchors, and `<<` for a mapping to be merged; of what stands below `pppoe`, and of whether a
# plugin's key is a list, the schema says nothing.
STRUCTURAL = re.compile(
    r"unknown key '(?!<<)|is a list;|is one value;|is a mapping;|must be a list|has no value;|has no '|has no unit"
    r"|is out of range; write a number|is neither; |is empty; begin|nested deeper"
)
UNKNOWN = re.compile(r"'pppoe' in pseudowire|anchors \('")


def faults():
    """The files that are wrong in tests of the reader, and the complaints about each."""
    for path in sorted(FAULTS.glob("*.txt")):
        for block in path.read_text().split("=== ")[1:]:
            title, _, rest = block.partition("\n")
            text, _, complaints = rest.partition("--- says\n")
            yield f"{path.stem}: {title}", text, complaints


class Schema(Scenario):
    plane_matters = False

    def setUp(self):
        super().setUp()
        # Here, since loading it takes long in the virtual machine, which reads this file and skips what is in it.
        if not importlib.util.find_spec("jsonschema"):
            sys.path.append(DEBIAN)  # The first python3 of the path may be another one.
        import jsonschema
        import yaml

        self.yaml = yaml
        schema = json.loads(run(PROGRAM, "schema"))
        jsonschema.Draft202012Validator.check_schema(schema)
        self.validator = jsonschema.Draft202012Validator(schema)

    def complaints(self, text):
        found = self.validator.iter_errors(self.yaml.safe_load(text))
        return [f"{error.json_path}: {error.message}" for error in found]

    def test_every_example_is_accepted(self):
        files = sorted((CHECKOUT / "examples").glob("*.yaml"))
        self.assertGreater(len(files), 10)
        for path in files:
            with self.subTest(path=path.name):
                text = path.read_text()
                self.assertTrue(text.startswith(MODELINE), "its first line tells editors of the schema")
                self.assertEqual(self.complaints(text), [])

    def test_every_example_of_the_documents_is_accepted(self):
        for name in ("README.md", "docs/site-file.md", "docs/ppp.md"):
            for number, text in enumerate(re.findall(r"```yaml\n(site: .*?)```", (CHECKOUT / name).read_text(), re.S)):
                with self.subTest(name=name, number=number):
                    self.assertEqual(self.complaints(text), [])

    def test_switches_are_accepted_as_ours(self):
        for word, is_right in (('"On"', True), ('"YES"', True), ("off", True), ('"maybe"', False), ("1", False)):
            text = f"site: a\nrouter-id: 1\nbridges:\n  br0: {{stp: {word}}}\n"
            self.assertEqual(self.complaints(text) == [], is_right, word)

    def test_every_fault_of_structure_is_refused(self):
        tried = 0
        for title, text, complaints in faults():
            if not STRUCTURAL.search(complaints) or UNKNOWN.search(complaints):
                continue
            try:
                self.yaml.safe_load(text)
            except self.yaml.YAMLError:
                continue  # Nor does it get as far as the schema.
            tried += 1
            with self.subTest(title=title, complaints=complaints):
                self.assertNotEqual(self.complaints(text), [])
        self.assertGreater(tried, 30)
