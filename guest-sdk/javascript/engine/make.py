#!/usr/bin/env python3
"""Makes the engine that `build/started.mjs` puts a scenario into: QuickJS, with the sources in C beside this file.

    python3 -m venv venv && venv/bin/pip install -r guest-sdk/c/requirements.txt
    venv/bin/python guest-sdk/javascript/engine/make.py

It is kept in the tree, so that nobody needs a compiler for C who writes in JavaScript. `--check` writes nothing: it
ends with 1 where the engine is not what its sources make. QuickJS's own come with a package of Cargo's, pinned in
`tests/bindings`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
ENGINE = HERE / "quickjs.engine"
PACKAGE, MANIFEST = "rquickjs-sys", HERE / "../../../tests/bindings/Cargo.toml"
OWN = ["document.c", "imports.c", "exports.c", "engine.c", "libc.c", "world.c", "../../c/bindings/load.c"]
QUICKJS = ["quickjs.c", "libregexp.c", "libunicode.c", "dtoa.c"]
TARGET = ["cc", "-target", "wasm32-wasi", "-O2"]
COMPILE = [*TARGET, "-std=gnu17", "-DNDEBUG", "-D_GNU_SOURCE"]
# The stack lies below all data: what overflows it traps. The engine is told of half of it.
STACK_BYTES = 512 << 10
LINK = [*TARGET, "-mexec-model=reactor", f"-Wl,-z,stack-size={STACK_BYTES}", "-Wl,--strip-all"]


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="only say whether it is up to date")
    check = parser.parse_args().check
    made = make()
    if not check:
        ENGINE.write_bytes(made)
        return 0
    if ENGINE.is_file() and ENGINE.read_bytes() == made:
        return 0
    print(
        f"{ENGINE.name} is not what its sources make; type:\n  {sys.executable} {__file__}", file=sys.stderr
    )
    return 1


def make() -> bytes:
    """The engine's bytes."""
    quickjs = sources()
    with tempfile.TemporaryDirectory(prefix="katydid-") as folder:
        jobs = [(HERE / source, ["-Wall", "-Wextra", "-isystem", str(quickjs)]) for source in OWN]
        jobs += [(quickjs / source, ["-w"]) for source in QUICKJS]

        def compiled(job: tuple[Path, list[str]]) -> str:
            source, flags = job
            output = os.path.join(folder, source.stem + ".o")
            zig(*COMPILE, *flags, "-c", str(source), "-o", output)
            return output

        with ThreadPoolExecutor(os.cpu_count()) as workers:
            objects = list(workers.map(compiled, jobs))
        engine = Path(folder) / ENGINE.name
        zig(*LINK, *objects, "-o", str(engine))
        return engine.read_bytes()


def sources() -> Path:
    """Where Cargo has put QuickJS's sources."""
    command = ["cargo", "metadata", "--locked", "--all-features", "--format-version", "1"]
    told = subprocess.run([*command, "--manifest-path", str(MANIFEST)], stdout=subprocess.PIPE, check=True)
    for package in json.loads(told.stdout)["packages"]:
        if package["name"] == PACKAGE:
            return Path(package["manifest_path"]).parent / "quickjs"
    sys.exit(f"{MANIFEST} does not name {PACKAGE}")


def zig(*arguments: str) -> None:
    """Calls the compiler that the SDK for C pins; what it has to say it says itself."""
    ran = subprocess.run([sys.executable, "-I", "-m", "ziglang", *arguments], cwd=HERE)
    if ran.returncode != 0:
        raise SystemExit(1)


if __name__ == "__main__":
    sys.exit(main())
