#!/usr/bin/env python3
"""Makes the library that `build.py` puts into each component, from the sources in C beside this file.

    python3 -m venv venv && venv/bin/pip install -r guest-sdk/c/requirements.txt
    venv/bin/python guest-sdk/python/native/make.py

It is kept in the tree, so that nobody needs a compiler for C who writes in Python. `--check` writes nothing:
it ends with 1 where the library is not what its sources make.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
LIBRARY = HERE / "_native.cpython-314-wasm32-wasi.so"
SOURCES = ["document.c", "imports.c", "exports.c", "world.c", "../../c/bindings/load.c"]
# Position-independent: whoever links it puts it beside Python's own libraries, in one memory.
COMPILE = [
    "cc",
    "-target",
    "wasm32-wasi",
    "-fPIC",
    "-Os",
    "-fvisibility=hidden",
    "-std=c17",
    "-Wall",
    "-Wextra",
]
# What it does not have itself it finds in those.
LINK = [
    "wasm-ld",
    "--experimental-pic",
    "-shared",
    "--strip-all",
    "--no-entry",
    "--unresolved-symbols=import-dynamic",
]


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="only say whether it is up to date")
    check = parser.parse_args().check
    made = make()
    if not check:
        LIBRARY.write_bytes(made)
        return 0
    if LIBRARY.is_file() and LIBRARY.read_bytes() == made:
        return 0
    print(
        f"{LIBRARY.name} is not what its sources make; type:\n  {sys.executable} {__file__}", file=sys.stderr
    )
    return 1


def make() -> bytes:
    """The library's bytes."""
    with tempfile.TemporaryDirectory(prefix="katydid-") as folder:
        objects = []
        for source in SOURCES:
            objects.append(os.path.join(folder, Path(source).stem + ".o"))
            zig(*COMPILE, "-c", source, "-o", objects[-1])
        library = Path(folder) / LIBRARY.name
        zig(*LINK, *objects, "-o", str(library))
        return library.read_bytes()


def zig(*arguments: str) -> None:
    """Calls the compiler that the SDK for C pins; what it has to say it says itself."""
    ran = subprocess.run([sys.executable, "-I", "-m", "ziglang", *arguments], cwd=HERE)
    if ran.returncode != 0:
        sys.exit(1)


if __name__ == "__main__":
    sys.exit(main())
