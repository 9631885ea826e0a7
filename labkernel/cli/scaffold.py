"""The files of a new lab: what they begin with proves green."""

import json
import keyword
import re
from pathlib import Path
from typing import Any

from labkernel import labs
from labkernel.errors import LabError, shown

#: of the cells that *Start this notebook* runs
_START = "labkernel-start"
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST = 63

_LAB = '''\
"""{title}: two nodes, a step, and a task with the usual mistakes."""

from labkernel import Lab, Link, Mistake, Node, Right
from labkernel.checks import both, pings, printed, route

lab = Lab(
    "{name}",
    title="{title}",
    nodes=[Node("client"), Node("server")],
    links=[Link("lan", "client:eth0", "server:eth0", prefix="2001:db8::/64")],
    # what the lesson takes for granted: run on the node before the first step
    setup={{"server": "ip -6 address add 2001:db8:1::1/128 dev lo"}},
)

ask = lab.step(
    "ask",
    "Ask the server for an echo",
    on="client",
    run="ping -c 2 -i 0.2 2001:db8::2",
    check=printed("2 received", "two replies"),
    wrong="ping -c 1 -W 1 2001:db8::3",
    about="Say in a sentence or two why this is done.",
)

reach = lab.task(
    "reach",
    "Reach the server's other address",
    on="client",
    solution="ip -6 route replace 2001:db8:1::/64 via 2001:db8::2",
    check=both(
        route("client", "2001:db8:1::/64 via 2001:db8::2"), pings("client", "2001:db8:1::1")
    ),
    undo="ip -6 route del 2001:db8:1::/64",
    hint=[
        "The vaguest hint first: who has 2001:db8:1::1, and does the client know?",
        "`ip -6 route replace PREFIX via NEXT-HOP`, on the client.",
    ],
    about="State the goal here, and leave the way to the trainee.",
    mistakes=[
        Mistake("true", says="it has none for 2001:db8:1::/64"),
        Mistake(
            "ip -6 route add 2001:db8:1::/64 via 2001:db8::3",
            says="for 2001:db8:1::/64 it has",
        ),
    ],
    also_right=[Right("ip -6 route replace 2001:db8:1::/64 via 2001:db8::2 dev eth0 metric 10")],
)
'''


def write(name: str, directory: Path) -> list[Path]:
    """Write a lab of that name, and its notebook.

    :raises LabError: the name can't be one, is taken, or the files can't be written.
    """
    if not _NAME.fullmatch(name) or len(name) > _LONGEST or keyword.iskeyword(name):
        raise LabError(
            f"\"{shown(name)}\" can't be a lab's name: a lower-case letter, then letters, "
            f"digits and single hyphens, {_LONGEST} characters at most, and no word of Python's"
        )
    module = directory / f"{name.replace('-', '_')}.py"
    if name in labs.names() or module.stem in dir(labs) or module.exists():
        raise LabError(f'there is a lab "{name}" already, or something else by that name')
    title = name.replace("-", " ").capitalize()
    notebook = directory / f"{_number(directory):02}-{name}.ipynb"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        module.write_text(_LAB.format(name=name, title=title), encoding="utf-8")
        notebook.write_text(_notebook(title, module.stem), encoding="utf-8")
    except OSError as error:
        raise LabError(f"{shown(error.filename)}: {error.strerror}", "--in DIR") from error
    return [module, notebook]


def _number(directory: Path) -> int:
    taken = {int(path.name[:2]) for path in directory.glob("[0-9][0-9]-*.ipynb")}
    free = [number for number in range(50, 100) if number not in taken]
    if not free:
        raise LabError(f"{shown(directory)} has notebooks up to 99: no number is free", "--in DIR")
    return free[0]


def _notebook(title: str, module: str) -> str:
    cells = [
        _prose("lesson", f"# {title}\n\nWhat the trainee learns here, and why."),
        _code("parameters", 'backend = ""\nrun_steps = False', tags=["parameters"]),
        _code(
            "imports",
            f"from labkernel.labs import {module}\nfrom labkernel.notebook import begin, show\n\n"
            "begin(backend, run_steps)",
        ),
        _code("lab", f"show({module}.lab)"),
        _code("ask", f"show({module}.ask)"),
        _prose("turn", "Now it is your turn."),
        _code("reach", f"show({module}.reach)"),
        _prose("recap", "## Recap\n\n- One route, and the client knows the way."),
    ]
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    made = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(made, indent=1, ensure_ascii=False) + "\n"


def _prose(name: str, text: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": name, "metadata": {}, "source": text}


def _code(name: str, source: str, tags: list[str] | None = None) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": name,
        "metadata": {"jupyter": {"source_hidden": True}, "tags": [*(tags or ()), _START]},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }
