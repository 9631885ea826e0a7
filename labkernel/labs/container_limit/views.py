"""The measurements: a table of the flood, and real containers up to the limit."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Any

from labkernel import running_lab
from labkernel.engine import connect
from labkernel.errors import LabError
from labkernel.labs._memory import available_memory
from labkernel.labs._plots import as_html
from labkernel.labs.container_limit.checks import read_flood

if TYPE_CHECKING:
    import docker
    import pandas as pd
    from matplotlib.figure import Figure

    from labkernel import Outcome
    from labkernel.attempt import Workbench


def flood_table(outcome: "Outcome") -> list[Any]:
    """A table: what was made of each frame, and what of that was lost."""
    import pandas as pd

    rows = {
        ports: (copies // frames, f"{(copies - arrived) / frames:.0f}", f"{time:.2f} ms")
        for ports, frames, copies, arrived, time in read_flood(outcome.output)
    }
    columns = ["copies of a frame", "of these lost", "time for a frame"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    table.index.name = "ports"
    return [table]


LIMIT = 1023
#: measured: what a container takes beside its share of the shim, and what the engine takes itself
MIB_EACH, MIB_BEFORE = 1.3, 150
_NETWORK, _SUBNET = "many", "10.23.0.0/16"
_AT_ONCE = 2
_SAMPLE = 50

OnContainer = Callable[[int, int], None]

"""Called with how many containers run, and how many are wanted."""


@dataclass
class Measurement:
    """The result of starting containers.

    :param wanted: how many containers were to be started.
    :param samples: of every 50th container: how many run, seconds since the start, MiB of all
        processes.
    :param error: what the engine said to the one too many; empty if none was tried.
    """

    wanted: int
    samples: list[tuple[int, float, float]] = field(default_factory=list)
    error: str = ""

    def __str__(self) -> str:
        refused = f"\nThe next one: {self.error}" if self.error else ""
        return f"{self.samples[-1][0]} containers run on one bridge.{refused}"

    def _repr_html_(self) -> str:
        """In words; of many, the curve as well."""
        words = f"<pre>{escape(str(self))}</pre>"
        return words + as_html(self.figure()) if len(self.samples) > 2 else words

    def table(self) -> "pd.DataFrame":
        """Seconds, MiB and containers a second by how many run."""
        import pandas as pd

        frame = pd.DataFrame(self.samples, columns=["containers", "seconds", "MiB"])
        frame["a second"] = frame["containers"].diff() / frame["seconds"].diff()
        return frame.set_index("containers")

    def figure(self) -> "Figure":
        """The rate and the memory, by how many containers run."""
        from matplotlib.figure import Figure

        table = self.table()
        figure = Figure(figsize=(7, 3), facecolor="none", layout="constrained")
        for index, (column, title) in enumerate(
            (
                ("a second", "containers started in a second"),
                ("MiB", "memory of all processes, MiB"),
            ),
            1,
        ):
            axes = figure.add_subplot(1, 2, index, facecolor="none")
            axes.plot(table.index, table[column], color="#4a90d9")
            axes.set_title(title, fontsize=10, color="#808080", loc="left")
            axes.set_ylim(bottom=0)
            axes.tick_params(colors="#808080")
        return figure


def require_memory(available_mib: float, count: int) -> None:
    """See that there is memory for so many containers.

    :raises LabError: with the numbers.
    """
    needed = MIB_BEFORE + MIB_EACH * count
    if available_mib < needed:
        raise LabError(
            f"{count:,} containers take about {needed:,.0f} MiB, and "
            f"{available_mib:,.0f} MiB are available",
            "end something else, or fewer: "
            f"count={max(0, int((available_mib - MIB_BEFORE) / MIB_EACH)):,}",
        )


def taken(lab: "Workbench") -> float:
    """MiB of memory of all processes of the host, what they share counted once."""
    command = (
        "cat /proc/[0-9]*/smaps_rollup 2>/dev/null | awk '/^Pss:/ { s += $2 } END { print s }'"
    )
    return int(lab.run("host", command, expect=0).output) / 1024


def measure(
    full: bool = False,
    count: int = 20,
    lab: "Workbench | None" = None,
    on_container: OnContainer | None = None,
) -> Measurement:
    """Start real containers on a bridge of their own, and measure; they stay until the lab ends.

    :param full: all 1,023, and one more, for its error; takes minutes.
    :param count: how many otherwise.
    :param lab: this module's in this notebook, if not given; its engine must have the image box.
    :raises LabError: there is not the memory for it.
    """
    running_in = (lab or running_lab("container-limit")).up()
    wanted = LIMIT if full else count
    require_memory(available_memory(running_in, "host"), wanted)
    with connect(running_in, "host", timeout=300) as client:
        _network(client)
        measurement = Measurement(wanted)
        began = time.monotonic()
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for running in _start_all(client, pool, wanted):
                if running % _SAMPLE == 0 or running in (1, wanted):
                    seconds = time.monotonic() - began
                    measurement.samples.append((running, seconds, taken(running_in)))
                if on_container:
                    on_container(running, wanted)
        if full:
            measurement.error = _one_more(client)
    return measurement


def _network(client: "docker.DockerClient") -> None:
    """A bridge that nobody else is on; what is left of an earlier measurement goes."""
    from docker.types import IPAMConfig, IPAMPool

    for each in client.containers.list(all=True, filters={"network": _NETWORK}):
        each.remove(force=True)
    for network in client.networks.list(names=[_NETWORK]):
        network.remove()
    pool = IPAMPool(subnet=_SUBNET)
    client.networks.create(_NETWORK, ipam=IPAMConfig(pool_configs=[pool]))


def _start_all(
    client: "docker.DockerClient", pool: ThreadPoolExecutor, wanted: int
) -> Iterator[int]:
    """Start them, a few at a time; the first alone, since its shim serves the others as well.

    :returns: how many run, each time one more does.
    """
    yield _start(client, 1)
    yield from pool.map(lambda index: _start(client, index), range(2, wanted + 1))


def _start(client: "docker.DockerClient", index: int) -> int:
    from docker.types import LogConfig

    api = client.api
    settings = api.create_host_config(
        network_mode=_NETWORK,
        log_config=LogConfig(type="none"),
        sysctls={"net.ipv6.conf.default.router_solicitations": "0"},
    )
    # the Python library does not know annotations; this one gives all containers one shim
    settings["Annotations"] = {"io.containerd.runc.v2.group": _NETWORK}
    made = api.create_container("box", name=f"m{index}", host_config=settings)
    api.start(made["Id"])
    return index


def _one_more(client: "docker.DockerClient") -> str:
    """The engine's error for one container too many."""
    from docker.errors import APIError

    try:
        _start(client, LIMIT + 1)
    except APIError as error:
        return str(error.explanation)
    raise LabError(f"host: {LIMIT + 1} containers run on one bridge, which should be one too many")
