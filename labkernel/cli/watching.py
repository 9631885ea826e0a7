"""``labkernel prove --watch``: an author saves a lab, and it is proved."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from labkernel import labs, plugins
from labkernel.cli import processes, terminal
from labkernel.cli.exit_codes import UNABLE
from labkernel.errors import LabError


def prove_again(name: str, options: Sequence[str]) -> int:
    """Prove a lab, and once more whenever one of its files is saved; ends with Ctrl-C.

    What is proved has its notebook's outputs brought up to date.
    """
    if sys.platform != "linux":
        terminal.say("--watch needs inotify, which Linux has")
        return UNABLE
    from labkernel.inotify import Written

    file = plugins.file_of(labs.module_of(name))
    assert file is not None
    directories = {file.parent, *(path.parent for path in _notebooks(name))}
    written = Written(map(str, directories))
    while True:
        # another process: this one has the module as it was
        if subprocess.run(processes.labkernel("prove", name, *options)).returncode == 0:
            _refresh(name)
        terminal.say(f"{name}: waiting until {file.name} is saved")
        while not any(each.endswith(".py") for each in written.wait()):
            pass


def _notebooks(name: str) -> list[Path]:
    try:
        return labs.notebooks(name)
    except LabError as error:
        terminal.say(str(error))
        return []


def _refresh(name: str) -> None:
    words = [sys.executable, "-P", "-m", "labkernel.notebook.refresh"]
    if notebooks := _notebooks(name):
        subprocess.run([*words, *map(str, notebooks)])
