#!/usr/bin/env python3
"""Builds a scenario in Python into a component: `python build.py scenario.py -o scenario.wasm`.

Needs `componentize-py` of the version in requirements.txt; nothing else, and nothing of a system's own:

    python3 -m venv venv && venv/bin/pip install -r requirements.txt
    venv/bin/python build.py scenario.py -o scenario.wasm

Ends with 0 or, with what is wrong on standard error, with 1; 2 where it was called in a wrong way.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Optional

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import sources  # noqa: E402 - beside this file

GLUE = """\
import sys
sys.dont_write_bytecode = True
import json
from katydid.guest import load
found = load({root!r}, {main!r}, {files!r})
with open({report!r}, "w") as report:
    json.dump(found, report)
if "error" in found:
    raise SystemExit("the scenario has a mistake")
"""
"""What runs while a component is made: after it, its memory is kept. In the world's own words, the folders
that are given to the tool are `/0`, `/1` and so on."""

PACKAGES = ".venv/lib/python3*/site-packages"
"""Where a virtual environment beside the scenario has its packages."""

NATIVE = HERE / "native"
"""What the component calls the host by, and is called by: for whoever links it, a package of Python in C."""


class Wrong(Exception):
    """What a person must put right."""


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Build a Katydid scenario in Python into a component.")
    parser.add_argument("scenario", type=Path, help="the scenario's file")
    parser.add_argument("-o", "--output", type=Path, help="where to write it [default: beside it, as .wasm]")
    parser.add_argument(
        "--path",
        type=Path,
        action="append",
        default=[],
        help="a folder with packages that it imports; repeatable [default: those of the .venv beside it]",
    )
    parser.add_argument(
        "--componentize-py",
        default=os.environ.get("COMPONENTIZE_PY"),
        help="the tool to build with [default: COMPONENTIZE_PY, or that of this Python, or the one in PATH]",
    )
    parser.add_argument(
        "--wit", type=Path, default=os.environ.get("KATYDID_WIT"), help="the contract, load.wit"
    )
    parser.add_argument(
        "--report", type=Path, help="write what was found, and which files it depends on, as JSON"
    )
    parser.add_argument("--check", action="store_true", help="only look at the sources, build nothing")
    given = parser.parse_args()
    try:
        found = build(given)
    except Wrong as wrong:
        print(wrong, file=sys.stderr)
        return 1
    if given.report is not None:
        given.report.write_text(json.dumps(found, indent=1) + "\n")
    return 0


def build(given: argparse.Namespace) -> dict[str, object]:
    """Builds what the command line asks for; answers what was found."""
    scenario: Path = given.scenario
    if not scenario.is_file():
        raise Wrong(f"there is no file {str(scenario)!r}")
    files = sources.files_of(scenario)
    mistakes = sources.check(scenario, files)
    if mistakes:
        raise Wrong("\n".join(mistakes))
    depends = [str(scenario.parent / name) for name in files]
    if given.check:
        return {"files": depends}
    wit = Path(given.wit) if given.wit else HERE.parent.parent / "wit" / "load.wit"
    if not wit.exists():
        raise Wrong(f"there is no contract {str(wit)!r}: name one by --wit or KATYDID_WIT")
    for folder in given.path:
        if not folder.is_dir():
            raise Wrong(f"there is no folder {str(folder)!r} to import from")
    packages = given.path or sorted(scenario.parent.glob(PACKAGES))
    tool = find_tool(given.componentize_py)
    output = given.output or scenario.with_suffix(".wasm")
    with tempfile.TemporaryDirectory(prefix="katydid-") as folder:
        found = componentize(tool, wit, scenario, files, packages, output, Path(folder))
    # A package changes when it is installed anew, and with it the list of its files.
    records = [str(record) for folder in packages for record in sorted(folder.glob("*.dist-info/RECORD"))]
    return {**found, "files": [*found.get("read", depends), *records]}


def find_tool(named: Optional[str]) -> list[str]:
    """How componentize-py is called."""
    pinned = (HERE / "requirements.txt").read_text().split()[0]
    cure = f"install it: {sys.executable} -m pip install {pinned}"
    if named:
        found = shutil.which(named)
        if found is None:
            raise Wrong(f"there is no {named!r} to build with; {cure}")
        return [found]
    if importlib.util.find_spec("componentize_py"):
        # As its own script does it: that one may name a Python that has been moved since.
        return [sys.executable, "-c", "import sys, componentize_py; sys.exit(componentize_py.script())"]
    found = shutil.which("componentize-py")
    if found is None:
        raise Wrong(f"componentize-py is missing; {cure}")
    return [found]


def componentize(
    tool: list[str],
    wit: Path,
    scenario: Path,
    files: list[str],
    paths: list[Path],
    output: Path,
    folder: Path,
) -> dict[str, object]:
    """Makes the component in a folder of its own; answers what the scenario says of itself."""
    glue, root, empty = folder / "glue", folder / "scenario", folder / "venv"
    shutil.copytree(HERE / "katydid", glue / "katydid", ignore=shutil.ignore_patterns("__pycache__"))
    for library in NATIVE.glob("*.so"):
        shutil.copy(library, glue / "katydid")
    # Copies, since the tool walks through all that is in a folder, and may write into it.
    for name in files:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(scenario.parent / name, root / name)
    (empty / "lib" / "site-packages").mkdir(parents=True)
    shown = {f"/1/{name}": (str(scenario.parent / name), name) for name in files}
    (glue / "katydid_guest.py").write_text(
        GLUE.format(root="/1", main=scenario.name, files=shown, report="/0/report.json")
    )
    folders = [glue, root, *(path.resolve() for path in paths)]
    # The tool is told of imports only, so that it makes no exports in the way of the native ones.
    (folder / "wit" / "deps").mkdir(parents=True)
    shutil.copyfile(NATIVE / "imports.wit", folder / "wit" / "imports.wit")
    shutil.copyfile(wit, folder / "wit" / "deps" / "load.wit")
    made = folder / "made.wasm"
    command = [*tool, "-q", "-d", str(folder / "wit"), "-w", "imports", "componentize"]
    command += [part for path in folders for part in ("-p", str(path))]
    command += ["katydid_guest", "-o", str(made)]
    # Without this it would take in whatever packages happen to be installed here.
    environment = {**os.environ, "VIRTUAL_ENV": str(empty)}
    ran = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    report = glue / "report.json"
    found = json.loads(report.read_text()) if report.exists() else {}
    if "error" in found:
        raise Wrong(_mistake(found, str(scenario)))
    if ran.returncode < 0:
        why = "; is there enough memory? It takes about 400 MB" if ran.returncode == -signal.SIGKILL else ""
        raise Wrong(f"componentize-py was ended by {signal.Signals(-ran.returncode).name}{why}")
    if ran.returncode != 0 or not made.exists():
        words = ran.stdout.split("\nStack backtrace:")[0].strip()
        raise Wrong(f"componentize-py failed:\n{words}")
    output.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(made, output)
    return found


def _mistake(found: dict[str, object], scenario: str) -> str:
    if "file" not in found:
        text = str(found["error"])
        missing = re.search(r"^ModuleNotFoundError: No module named '(\w+)", text, re.MULTILINE)
        if missing:
            folder = Path(scenario).parent / ".venv"
            text += (
                f"\nA package in pure Python goes into a .venv beside the scenario: "
                f"python3 -m venv {folder} && {folder}/bin/pip install {missing[1]}"
            )
        return text
    place = f"{found['file'] or scenario}"
    if found.get("line"):
        place += f":{found['line']}"
    return f"{place}: {found['error']}"


if __name__ == "__main__":
    sys.exit(main())
