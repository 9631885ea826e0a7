"""Start time and memory against the number of certificates: measured, fitted, predicted."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from labkernel import running_lab
from labkernel.errors import LabError
from labkernel.labs._memory import available_memory
from labkernel.labs.hitch.commands.certificates import make
from labkernel.labs.hitch.commands.files import ALL
from labkernel.labs.hitch.views.showing import page
from labkernel.labs.hitch.views.starts import STACKS, Stack, Start, Starts, read

if TYPE_CHECKING:
    from labkernel.attempt import Workbench
    from labkernel.progress import OnProgress


NUMBERS = (1_000, 5_000, 15_000)
#: what a file of a few hundred octets takes of a node's memory
_FILE_KILOBYTES = 5


class Measurement(Starts):
    """The starts of several stacks; shown as a plot and a table."""

    def _repr_html_(self) -> str:
        """The plot and the table, as HTML for the notebook."""
        return page(self)


def require_memory(available_mib: float, stack: Stack, number: int) -> None:
    """See that there is memory for a start.

    :raises LabError: with the numbers.
    """
    needed = 50 + number * (stack.kilobytes + _FILE_KILOBYTES) / 1000
    if available_mib < needed:
        raise LabError(
            f"{number:,} certificates in {stack.title} take about {needed:,.0f} MiB, "
            f"and {available_mib:,.0f} MiB are available",
            "end something else, or fewer",
        )


def measure(
    numbers: Iterable[int] = NUMBERS,
    stacks: Iterable[str] = tuple(STACKS),
    kind: str = "ec",
    lab: "Workbench | None" = None,
    on_progress: "OnProgress | None" = None,
) -> Measurement:
    """Start each stack with each number of certificates; what runs on the nodes meanwhile, stays.

    :param numbers: 50,000 and 100,000 take minutes, and up to 4 GiB.
    :param stacks: names of :data:`STACKS`.
    :param kind: of certificates, see :data:`certificates.KINDS`.
    :param lab: this module's in this notebook, if not given.
    :raises LabError: there is no such stack, not the memory for it, or it does not start.
    """
    chosen = {name: _stack(name) for name in stacks}
    ascending = sorted(set(numbers))
    tell = on_progress or (lambda *_: None)
    running = (lab or running_lab("hitch")).up()
    for stack in chosen.values():
        require_memory(available_memory(running, stack.node), stack, ascending[-1])
    archives = make(ascending[-1], kind, tell)
    for node in dict.fromkeys(stack.node for stack in chosen.values()):
        tell(f"handing {ascending[-1]:,} certificates to {node}", None)
        running.put(node, _directory(kind), archives)
    measurement, total, done = Measurement(), sum(ascending) * len(chosen), 0
    for name, stack in chosen.items():
        for number in ascending:
            tell(f"{stack.title}: {number:,} certificates", done / total)
            measurement.starts.append(_start(running, name, number, _directory(kind)))
            done += number
    tell(str(measurement), 1.0)
    return measurement


def _stack(name: str) -> Stack:
    if name not in STACKS:
        raise LabError(f'there is no stack "{name}"; stacks: {", ".join(STACKS)}')
    return STACKS[name]


def _directory(kind: str) -> str:
    """The nodes' directory of certificates of a kind: each kind has its own authority."""
    return ALL if kind == "ec" else f"{ALL}-{kind}"


def _start(lab: "Workbench", name: str, number: int, directory: str) -> Start:
    stack = STACKS[name]
    words = ["env", f"CERTIFICATES={directory}", "time-start", stack.program, str(number)]
    output = lab.run(stack.node, words, timeout=1000, expect=0).output
    return read(output, name)[0]
