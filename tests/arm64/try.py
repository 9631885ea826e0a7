"""What is tried on the arm64 machine; each line of its results begins with a mark of its own."""

import json
import platform
import traceback
from collections.abc import Callable

from labkernel import RunningLab, images, labs
from labkernel.errors import LabError

MARK = "labkernel-result "


def tell(what: str, value: object) -> None:
    print(MARK + json.dumps({what: value}), flush=True)


def refusal(work: Callable[[], object]) -> str:
    """What a LabError says; empty where there is none."""
    try:
        work()
    except LabError as error:
        return str(error)
    return ""


def main() -> None:
    tell("processor", platform.machine())
    tell("vm", refusal(lambda: images.build("vm")))
    images.build("base", lambda what, _: print(what, flush=True))
    with RunningLab(labs.load("start")) as lab:
        for step in lab.lab.steps:
            tell("refused", refusal(lambda step=step: lab.evidence(step)))  # type: ignore[misc]
            tell("passed", lab.do(step).passed)
        tell("node", lab.run("bravo", "uname -m").output)


try:
    main()
except BaseException:
    tell("failed", traceback.format_exc())
