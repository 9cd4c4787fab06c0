"""The manual's code runs as it stands."""

import re
import unittest
from pathlib import Path

from katydid import describe, hooks

README = Path(__file__).parent.parent / "README.md"


class Manual(unittest.TestCase):
    def test_each_block(self):
        blocks = re.findall(r"^```python\n(.*?)^```$", README.read_text(), re.MULTILINE | re.DOTALL)
        self.assertGreater(len(blocks), 7)
        before = hooks.DECLARED[:]
        for place, block in enumerate(blocks):
            with self.subTest(block=block.split("\n")[0], place=place):
                namespace = {"__name__": f"block_{place}"}
                exec(compile(block, f"block {place}", "exec"), namespace)
                if "(User)" in block:
                    self.assertTrue(describe.scenario_of(namespace).classes)
        hooks.DECLARED[:] = before

    def test_the_first_block_is_the_script(self):
        script = (README.parent.parent.parent / "scripts/python/api_user.py").read_text()
        block = re.search(r"^```python\n(.*?)^```$", README.read_text(), re.MULTILINE | re.DOTALL)
        self.assertTrue(script.endswith(block[1]))
        self.assertEqual(script.count("\n"), block[1].count("\n") + 2)


if __name__ == "__main__":
    unittest.main()
