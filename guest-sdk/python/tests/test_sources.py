"""Which files a scenario consists of, and what in them cannot work."""

import contextlib
import io
import sys
import tempfile
import textwrap
import unittest
from pathlib import Path
from unittest import mock

import build
import sources


@contextlib.contextmanager
def folder(files):
    """A folder with these files."""
    with tempfile.TemporaryDirectory() as made:
        for name, text in files.items():
            path = Path(made, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text))
        yield Path(made)


class Files(unittest.TestCase):
    def test_what_is_imported_and_what_lies_beside(self):
        files = {
            "main.py": """
                import os, helper
                from shop import basket, prices as p
                import shop.deep.inner
                import missing
                """,
            "helper.py": "from shop.basket import add",
            "shop/__init__.py": "from . import names\nfrom .deep import more",
            "shop/basket.py": "from .names import NAME\nfrom ..nowhere import x",
            "shop/names.py": "NAME = 1",
            "shop/prices.py": "",
            "shop/unused.py": "import helper",
            "shop/deep/__init__.py": "",
            "shop/deep/inner.py": "",
            "shop/deep/more.py": "this is no Python",
            "shop/data.csv": "not beside the scenario",
            "users.csv": "a,b",
            ".env": "SECRET=1",
            "made.wasm": "",
            "unused.py": "",
        }
        with folder(files) as made:
            (made / "large.csv").write_bytes(b"x" * (sources.LARGEST_DATA + 1))
            found = sources.files_of(made / "main.py")
        expected = [
            "main.py",
            "helper.py",
            "shop/__init__.py",
            "shop/basket.py",
            "shop/prices.py",
            "shop/deep/__init__.py",
            "shop/deep/inner.py",
            "shop/names.py",
            "shop/deep/more.py",
            "users.csv",
        ]
        self.assertEqual(sorted(found), sorted(expected))
        self.assertEqual(found[0], "main.py")


class Checks(unittest.TestCase):
    ROWS = [
        ("from katydid import User, task", None),
        ("from katydid.locust import User, events as e\ne.request.fire(name='x')", None),
        ("from katydid import locust\nlocust.events.request_success.fire()", None),
        ("import urllib.parse, http, threading\nthreading.Lock()", None),
        ("import environment\nenvironment.stats", None),
        ("from locust import User", "1: locust: write `katydid.locust`"),
        ("import locust", "1: locust: write `katydid.locust`"),
        ("from locust.contrib import x", "1: locust.contrib: write `katydid.locust`"),
        ("\nimport gevent.pool", "2: gevent.pool: each user is alone"),
        ("import os, requests", "1: requests: call methods"),
        ("import xmlrpc.client", "1: xmlrpc.client: write `from katydid.xmlrpc import"),
        ("from urllib import request", "1: urllib.request: call methods"),
        ("from threading import Thread", "1: threading.Thread: each user"),
        ("import threading as t\nt.Timer(1, f)", "2: threading.Timer: each user"),
        ("from katydid.locust import HttpUser", "1: HttpUser: not supported; there is no HTTP client"),
        ("from katydid.locust import Nothing", "1: Nothing: not supported; the shim does not have it"),
        ("from katydid.locust.exception import Odd", "1: Odd: not supported"),
        ("import katydid.locust.stats", "1: katydid.locust.stats: katydid's shim has no such module"),
        ("import katydid.locust as l\nl.HttpUser", "2: HttpUser: not supported"),
        ("from katydid import locust\nlocust.seq_task(1)", "2: seq_task: not supported; declare"),
        (
            "from katydid.locust import events\n@events.init.add_listener\ndef f(): pass",
            "2: events.init: not supported",
        ),
        ("from katydid.locust import events as e\ne.quitting.fire()", "2: events.quitting: not supported"),
        (
            "from katydid.locust import User\ndef f(environment): environment.stats",
            "2: environment.stats: not",
        ),
        ("from katydid.locust import User\nx.environment.events.init", "2: events.init: not supported"),
        ("from katydid.locust import User\nx.environment.runner.state", "2: runner.state: not supported"),
        (
            "from katydid.locust import User\nclass A(User):\n  stop_timeout = 1",
            "3: stop_timeout: not supported",
        ),
        ("from katydid.locust import TaskSet\nx.schedule_task(1)", "2: schedule_task: not supported"),
    ]

    def test_what_cannot_work_is_told_with_its_line(self):
        for text, expected in self.ROWS:
            with self.subTest(text=text), folder({"main.py": text}) as made:
                mistakes = sources.check(made / "main.py", ["main.py"])
                if expected is None:
                    self.assertEqual(mistakes, [])
                else:
                    self.assertEqual(len(mistakes), 1, mistakes)
                    self.assertTrue(mistakes[0].startswith(f"{made / 'main.py'}:{expected}"), mistakes)

    def test_modules_of_ones_own_may_be_called_anything(self):
        files = {"main.py": "import requests\nfrom requests import get", "requests.py": "import socket"}
        with folder(files) as made:
            mistakes = sources.check(made / "main.py", sources.files_of(made / "main.py"))
        self.assertEqual(len(mistakes), 1)
        self.assertIn("requests.py:1: socket: a scenario has no network", mistakes[0])


class CommandLine(unittest.TestCase):
    def run_it(self, *arguments, tool=None):
        err = io.StringIO()
        with (
            mock.patch.object(sys, "argv", ["build.py", *map(str, arguments)]),
            contextlib.redirect_stderr(err),
        ):
            code = build.main()
        return code, err.getvalue()

    def tool(self, made, script):
        """A componentize-py that does what a test says."""
        path = made / "tool"
        path.write_text("#!/bin/sh\n" + textwrap.dedent(script))
        path.chmod(0o755)
        return path

    def test_mistakes(self):
        files = {"main.py": "import katydid", "bad.py": "import locust\nimport gevent", "load.wit": ""}
        with folder(files) as made:
            wit = ("--wit", made / "load.wit")
            fails = self.tool(made, "echo words of the tool; exit 1")
            rows = [
                ((made / "none.py",), "there is no file"),
                ((made / "bad.py",), "bad.py:1: locust: write `katydid.locust`"),
                ((made / "main.py", "--wit", made / "none"), "there is no contract"),
                ((made / "main.py", *wit, "--path", made / "none"), "there is no folder"),
                (
                    (made / "main.py", *wit, "--componentize-py", "/none"),
                    "there is no '/none' to build with; install",
                ),
                ((made / "main.py", *wit, "--componentize-py", fails), "componentize-py failed:\nwords of the tool"),
            ]
            for arguments, expected in rows:
                with self.subTest(expected=expected):
                    code, said = self.run_it(*arguments)
                    self.assertEqual(code, 1)
                    self.assertIn(expected, said)
            self.assertEqual(self.run_it(made / "main.py", "--check"), (0, ""))

    def test_a_build(self):
        tool = """
            # The folder behind the first -p is ours: its report is what was found.
            while [ "$1" != -p ]; do shift; done
            glue=$2
            test -f $glue/katydid/guest.py -a -d $VIRTUAL_ENV/lib/site-packages || exit 3
            shift 2
            test -f $2/main.py -a -f $2/users.csv || exit 4
            printf '%s' "$REPORT" > $glue/report.json
            while [ "$1" != -o ]; do shift; done
            echo component > $2
            """
        with folder({"main.py": "", "users.csv": "", "load.wit": ""}) as made:
            given = (made / "main.py", "--wit", made / "load.wit", "--componentize-py", self.tool(made, tool))
            with mock.patch.dict("os.environ", REPORT='{"classes": {"A": ["a"]}}'):
                code, said = self.run_it(*given, "-o", made / "out" / "a.wasm", "--report", made / "report")
                self.assertEqual((code, said), (0, ""))
                self.assertEqual((made / "out" / "a.wasm").read_text(), "component\n")
                self.assertIn('"A"', (made / "report").read_text())
                self.assertIn("users.csv", (made / "report").read_text())
            rows = [
                ('{"error": "two\\nlines"}', "two\nlines\n"),
                ('{"error": "why", "file": null, "line": null}', f"{made / 'main.py'}: why\n"),
                ('{"error": "why", "file": "x.py", "line": 7}', "x.py:7: why\n"),
            ]
            for report, expected in rows:
                with mock.patch.dict("os.environ", REPORT=report), self.subTest(report=report):
                    self.assertEqual(self.run_it(*given), (1, expected))


if __name__ == "__main__":
    unittest.main()
