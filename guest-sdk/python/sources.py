"""Which files a scenario consists of, and what in them cannot work: found out by reading, before anything is
built."""

from __future__ import annotations

import ast
import os
import sys
import traceback
from pathlib import Path
from typing import Iterator, NamedTuple, Optional

from katydid import locust

__all__ = ["check", "files_of"]

COMPONENT_PYTHON = (3, 14)
"""The Python that scenarios run on, which `componentize-py` brings."""

LARGEST_DATA = 1 << 20
"""Largest file beside a scenario that it can read while it is built."""
MOST_DATA = 100
"""Most of them."""

SHIM = "katydid.locust"

SHIM_NAMES = {
    SHIM: {*locust.__all__, "environment", "shape", "users"},
    f"{SHIM}.exception": {*locust.exception.__all__},
}
"""What the shim has."""

HINTS = {
    "HttpUser": "there is no HTTP client: call methods of the target by `self.client`",
    "FastHttpUser": "there is no HTTP client: call methods of the target by `self.client`",
    "HttpLocust": "there is no HTTP client: call methods of the target by `self.client`",
    "FastHttpLocust": "there is no HTTP client: call methods of the target by `self.client`",
    "run_single_user": "`katydid run FILE -u 1 -t 10s` does it",
    "seq_task": "declare the tasks of a SequentialTaskSet in their order",
    "TaskSequence": "it is called SequentialTaskSet",
}
"""What to do without a name of Locust's."""

EVENTS = {"request", "request_success", "request_failure"}
EVENT_HINTS = {
    "test_start": "what is to happen once before the run is a function with `@katydid.setup`",
    "test_stop": "what is to happen once after the run is a function with `@katydid.teardown`",
    "locust_start_hatching": "what is to happen once before the run is a function with `@katydid.setup`",
    "init": "what is to happen once is done at the top level, or in a function with `@katydid.setup`",
    "init_command_line_parser": "declare `katydid.Parameter(...)`",
    "quitting": "what is to happen once after the run is a function with `@katydid.teardown`",
    "user_error": "the host reports each exception of a task",
}
ENVIRONMENT = {"events", "host", "runner"}
RUNNER = {"quit"}
CLASS_WORDS = {
    "stop_timeout": "`katydid run -t TIME` ends a run",
    "schedule_task": "only tasks that the host picks are carried out",
}

_BY_CLIENT = "call methods of the target by `self.client`"
_WAITS = "each user is alone in its instance and simply waits"
_ALONE = "each user is alone in its instance"
_NO_NETWORK = "a scenario has no network of its own"

NOT_HERE = {
    "locust": f"write `{SHIM}` in place of `locust`",
    "locust_plugins": "the plugins of Locust's cannot be used",
    "gevent": _WAITS,
    "geventhttpclient": _BY_CLIENT,
    "requests": _BY_CLIENT,
    "httpx": _BY_CLIENT,
    "aiohttp": _BY_CLIENT,
    "urllib3": _BY_CLIENT,
    "urllib.request": _BY_CLIENT,
    "http.client": _BY_CLIENT,
    "http.server": _NO_NETWORK,
    "xmlrpc": "write `from katydid.xmlrpc import ServerProxy, Fault`",
    "socket": _NO_NETWORK,
    "socketserver": _NO_NETWORK,
    "ssl": _NO_NETWORK,
    "asyncio": _WAITS,
    "multiprocessing": _ALONE,
    "subprocess": "there are no other processes",
    "concurrent.futures": _WAITS,
}
"""Modules that would come in and then not work, or that there are none of, and what to do."""

THREADS = {"Thread", "Timer"}


def files_of(scenario: Path) -> list[str]:
    """The files that a scenario needs, by their paths from its folder: itself, the modules beside it that it
    imports and what these import, and small files of other kinds beside it, which it may read at its top
    level."""
    root = scenario.parent
    found: dict[str, None] = {}
    waiting = [scenario.name]
    while waiting:
        name = waiting.pop(0)
        if name in found:
            continue
        found[name] = None
        tree = _parsed(root / name)
        if tree is not None:
            waiting.extend(_imported_files(root, name, tree))
    return [*found, *_data_beside(root)]


def _data_beside(root: Path) -> list[str]:
    fits = []
    for path in sorted(root.iterdir()):
        ours = path.suffix not in {".py", ".pyc", ".wasm", ".so"} and not path.name.startswith(".")
        if ours and path.is_file() and path.stat().st_size <= LARGEST_DATA:
            fits.append(path.name)
    return fits[:MOST_DATA]


def _parsed(path: Path) -> Optional[ast.Module]:
    """The syntax tree; none where there is none: whoever compiles it says why, and says it better."""
    try:
        return ast.parse(path.read_bytes(), str(path))
    except (SyntaxError, ValueError):
        return None


def _syntax_error(path: Path) -> Optional[str]:
    """What Python says of a file that is none of its own. A Python that is older than the one in components
    would refuse what that one takes: then the build says it, which takes longer."""
    if sys.version_info < COMPONENT_PYTHON:
        return None
    try:
        compile(path.read_bytes(), os.fspath(path), "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        return "".join(traceback.format_exception_only(error)).rstrip()
    return None


def _imported_files(root: Path, name: str, tree: ast.Module) -> Iterator[str]:
    package = name.split("/")[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _module_files(root, alias.name.split("."))
        elif isinstance(node, ast.ImportFrom):
            outer = package[: len(package) - node.level + 1] if node.level else []
            module = outer + (node.module.split(".") if node.module else [])
            yield from _module_files(root, module)
            for alias in node.names:
                yield from _module_files(root, [*module, alias.name])


def _module_files(root: Path, parts: list[str]) -> Iterator[str]:
    """The files behind a dotted name, as far as there are any: those of the packages around it, too."""
    for length in range(1, len(parts) + 1):
        path = "/".join(parts[:length])
        for candidate in (f"{path}/__init__.py", f"{path}.py"):
            if (root / candidate).is_file():
                yield candidate


class Place(NamedTuple):
    """Where something is wrong."""

    file: str
    line: int


def check(scenario: Path, files: list[str]) -> list[str]:
    """What cannot work, a line for each: `file:line: name: why and what to do`."""
    mistakes: list[tuple[Place, str]] = []
    for name in files:
        path = scenario.parent / name
        if not name.endswith(".py"):
            continue
        tree = _parsed(path)
        if tree is None:
            error = _syntax_error(path)
            if error is not None:
                return [error]
        else:
            found = _Checker(scenario.parent, files)
            found.visit(tree)
            mistakes += [(Place(os.fspath(path), line), why) for line, why in sorted(found.mistakes)]
    return [f"{place.file}:{place.line}: {why}" for place, why in mistakes]


class _Checker(ast.NodeVisitor):
    """Looks through one file."""

    def __init__(self, root: Path, files: list[str]) -> None:
        self.mistakes: list[tuple[int, str]] = []
        self._own = {name.split("/")[0].removesuffix(".py") for name in files if name.endswith(".py")}
        # What the names of this file stand for, as far as they are imported.
        self._meant: dict[str, str] = {}
        self._speaks_locust = False

    def _add(self, node: ast.AST, name: str, why: str) -> None:
        self.mistakes.append((getattr(node, "lineno", 0), f"{name}: {why}"))

    def _check_module(self, node: ast.AST, module: str) -> bool:
        """Whether a module can be imported."""
        parts = module.split(".")
        if parts[0] in self._own:
            return True
        for length in range(1, len(parts) + 1):
            name = ".".join(parts[:length])
            if name in NOT_HERE:
                self._add(node, module, NOT_HERE[name])
                return False
        if module.startswith(f"{SHIM}.") and parts[2] not in SHIM_NAMES[SHIM]:
            self._add(node, module, "katydid's shim has no such module")
            return False
        return True

    def visit_Import(self, node: ast.Import) -> None:
        """`import a.b as c`."""
        for alias in node.names:
            if self._check_module(node, alias.name):
                bound = alias.asname or alias.name.split(".")[0]
                self._meant[bound] = alias.name if alias.asname else bound
                self._speaks_locust |= alias.name.startswith(SHIM)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """`from a import b as c`."""
        module = node.module or ""
        if node.level or not self._check_module(node, module):
            return
        self._speaks_locust |= module.startswith(SHIM)
        known = SHIM_NAMES.get(module)
        for alias in node.names:
            if known is not None and alias.name != "*" and alias.name not in known:
                self._add(
                    node, alias.name, f"not supported; {HINTS.get(alias.name, 'the shim does not have it')}"
                )
            elif f"{module}.{alias.name}" in NOT_HERE:
                self._add(node, f"{module}.{alias.name}", NOT_HERE[f"{module}.{alias.name}"])
            elif module == "threading" and alias.name in THREADS:
                self._add(node, f"threading.{alias.name}", _ALONE)
            elif module == "katydid" and alias.name == "locust":
                self._speaks_locust = True
            self._meant[alias.asname or alias.name] = f"{module}.{alias.name}"

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """`a.b`."""
        meant = self._stands_for(node.value)
        if meant == "threading" and node.attr in THREADS:
            self._add(node, f"threading.{node.attr}", _ALONE)
        if self._speaks_locust:
            self._check_attribute(node, meant)
        self.generic_visit(node)

    def _check_attribute(self, node: ast.Attribute, meant: str) -> None:
        last = meant.rsplit(".", 1)[-1]
        if meant == SHIM and node.attr not in SHIM_NAMES[SHIM]:
            self._add(node, node.attr, f"not supported; {HINTS.get(node.attr, 'the shim does not have it')}")
        elif (meant == f"{SHIM}.events" or meant.endswith("environment.events")) and node.attr not in EVENTS:
            hint = EVENT_HINTS.get(node.attr, f"there are {', '.join(sorted(EVENTS))}")
            self._add(node, f"events.{node.attr}", f"not supported; {hint}")
        elif last == "environment" and node.attr not in ENVIRONMENT:
            known = ", ".join(sorted(ENVIRONMENT))
            self._add(node, f"environment.{node.attr}", f"not supported; there are {known}")
        elif meant.endswith("environment.runner") and node.attr not in RUNNER:
            self._add(node, f"runner.{node.attr}", "not supported; there is quit")
        elif node.attr in CLASS_WORDS:
            self._add(node, node.attr, f"not supported; {CLASS_WORDS[node.attr]}")

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """What classes say in their bodies."""
        for inner in node.body if self._speaks_locust else ():
            targets = inner.targets if isinstance(inner, ast.Assign) else []
            for target in targets:
                if isinstance(target, ast.Name) and target.id in CLASS_WORDS:
                    self._add(inner, target.id, f"not supported; {CLASS_WORDS[target.id]}")
        self.generic_visit(node)

    def _stands_for(self, node: ast.expr) -> str:
        """What an expression of names and dots means, with the first name as it was imported."""
        if isinstance(node, ast.Name):
            return self._meant.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            return f"{self._stands_for(node.value)}.{node.attr}"
        return ""
