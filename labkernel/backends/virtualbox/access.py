"""Access to the machines: the lab's keys, the CD with a machine's identity, and SSH."""

import socket
import time
from collections.abc import Callable
from pathlib import Path

from labkernel.backends.ssh import Login, Machine
from labkernel.backends.virtualbox.records import Clone
from labkernel.errors import NodeLost
from labkernel.vm.seed import Keys, Seed

_CONSOLE_LINES = 8
_BETWEEN_TRIES = 0.2
#: seconds between two looks whether a machine still runs: VBoxManage takes a tenth of one
_BETWEEN_LOOKS = 3.0
_DIAL = 10.0


class PortTaken(NodeLost):
    """Another machine answers on a machine's port, or does not let us in."""


def save(folder: Path, keys: Keys) -> None:
    """Write a lab's keys, for its owner's eyes."""
    for name, key in (("key", keys.client), ("host_key", keys.host)):
        path = folder / name
        path.touch(mode=0o600)
        key.write_private_key_file(str(path))


def seed(folder: Path, seed: Seed) -> Path:
    """Write the CD of a machine."""
    path = folder / f"{seed.name}.iso"
    path.touch(mode=0o600)
    path.write_bytes(seed.cd())
    return path


def _login(folder: Path) -> Login:
    from paramiko import ECDSAKey

    client, host = (ECDSAKey.from_private_key_file(str(folder / n)) for n in ("key", "host_key"))
    return Login(client, host)


def machine(folder: Path, clone: Clone) -> Machine:
    """A node's machine, not connected yet."""
    address = ("127.0.0.1", clone.port)
    return Machine(
        clone.node, _login(folder), lambda: socket.create_connection(address, timeout=_DIAL)
    )


def wait(machine: Machine, console: Path, gone: Callable[[], str], within: float) -> None:
    """Wait until a machine answers, and has proved that it is the one.

    :param gone: says why it runs no more; empty while it does.
    :raises PortTaken: another one answers.
    :raises NodeLost: it has ended, or does not answer; with its console's last lines.
    """
    end = time.monotonic() + within
    look = time.monotonic() + _BETWEEN_LOOKS
    while True:
        try:
            machine.connect(_DIAL)
            return
        except NodeLost as error:
            raise PortTaken(str(error)) from None
        except OSError:
            if time.monotonic() > end:
                raise _lost(
                    machine.name, f"no answer on SSH within {within:g} s", console
                ) from None
        if time.monotonic() > look:
            if why := gone():
                raise _lost(machine.name, f"its machine has ended: {why}", console)
            look = time.monotonic() + _BETWEEN_LOOKS
        time.sleep(_BETWEEN_TRIES)  # the NAT takes connections from its start: nothing to await


def _lost(node: str, why: str, console: Path) -> NodeLost:
    try:
        text = console.read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    seen = " | ".join(lines[-_CONSOLE_LINES:]) or "nothing"
    return NodeLost(f"{node}: {why}. Its console's last lines: {seen}")


def shell(folder: Path, clone: Clone) -> list[str]:
    """The words of ssh for a shell on a machine; it trusts the lab's key and nothing else."""
    host = _login(folder).host_key
    known = folder / f"{clone.node}.known_hosts"
    line = f"[127.0.0.1]:{clone.port} {host.get_name()} {host.get_base64()}\n"
    known.write_text(line, encoding="ascii")
    options = {
        "UserKnownHostsFile": f'"{known}"',
        "GlobalKnownHostsFile": "none",
        "StrictHostKeyChecking": "yes",
        "IdentitiesOnly": "yes",
        "LogLevel": "ERROR",
    }
    words = ["ssh", "-F", "none", "-p", str(clone.port), "-i", str(folder / "key")]
    words += [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    return [*words, "root@127.0.0.1"]
