"""Makes a template: boots a VM once, and saves it when it waits for its first command."""

import os
import re
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from labkernel import linux
from labkernel.backends import ssh
from labkernel.errors import BackendError, ImageError, NodeLost, last_line
from labkernel.progress import OnProgress
from labkernel.vm import disk, shape
from labkernel.vm.qmp import Control
from labkernel.vm.seed import Keys, Seed
from labkernel.vm.shape import Shape

#: seconds for the first boot: under emulation on a busy machine it takes a minute
_BOOT = 240.0
_BETWEEN_TRIES = 0.2
_LINES = 8
_FORWARDED = re.compile(r"TCP\[HOST_FORWARD\]\s+\S+\s+\S+\s+(\d+)")
_CRASH = re.compile(r"BUG:|kernel BUG|\[#\d+\]|RIP: 0010|Kernel panic")
_COMMAND_LINE = (
    "root=/dev/vda1 ro fsck.mode=skip net.ifnames=0 console=ttyS0,115200n8 8250.nr_uarts=1 quiet "
    "mitigations=off nokaslr tsc=reliable no_timer_check audit=0 apparmor=0 nowatchdog"
)
# The drivers of the lab's NICs are unbound: a restored machine binds them, which resets the NICs,
# and so they get the MAC addresses of its QEMU. The CD's driver is unbound, too: a restored machine
# has no CD, and its kernel would search for it for the first 40 seconds.
_SETTLE = """
systemctl is-system-running --wait >/dev/null
for each in /sys/class/net/*; do
    [ -e "$each/device" ] && [ "${each##*/}" != control ] || continue
    basename "$(readlink -f "$each/device/..")" >/sys/bus/pci/drivers/virtio-pci/unbind
done
for each in /sys/block/sr*; do
    [ ! -e "$each" ] || echo 1 >"$each/device/delete"
done
ip -batch /dev/null; bash -c true; python3 -c ''; sync
"""


def make(which: Shape, folder: Path, on_progress: OnProgress) -> None:
    """Make the files of a template in an empty folder.

    :raises BackendError: the VM does not boot; with its console's last lines.
    """
    on_progress(f"making a disk of {which.image.name}", None)
    disk.make(which.image, folder / "disk.raw", which.disk_megabytes)
    words = ["qemu-img", "create", "-q", "-f", "qcow2", "-b", "disk.raw", "-F", "raw"]
    subprocess.run([*words, str(folder / "disk.qcow2")], check=True)
    for path, size in shape.second_disk(which, folder, keep=True).items():
        Path(path).touch()
        os.truncate(path, size)
    keys = Keys.new()
    with os.fdopen(os.open(folder / "keys.json", os.O_CREAT | os.O_WRONLY, 0o600), "w") as file:
        file.write(keys.dumps())
    on_progress("booting a VM for the first time; from now on it is restored", None)
    _boot_and_save(which, folder, keys)


def _boot_and_save(which: Shape, folder: Path, keys: Keys) -> None:
    ours, theirs = socket.socketpair()
    cd = in_memory(Seed("template", keys).cd())
    state = os.open(folder / "state", os.O_CREAT | os.O_RDWR, 0o600)
    console = folder / "console"
    with theirs:
        words = shape.words(which, folder, str(console), str(theirs.fileno()), keep=True)
        words += _kernel(which) + shape.control_nic(0)
        words += [word for slot in range(which.slots) for word in shape.unplugged(slot)]
        words += ["-add-fd", f"fd={cd},set=1"]
        words += ["-drive", "file=/dev/fdset/1,format=raw,media=cdrom,readonly=on"]
        process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=(folder / "errors").open("wb"),
            pass_fds=[theirs.fileno(), cd],
            preexec_fn=linux.die_with_parent,  # noqa: PLW1509  one system call
        )
    os.close(cd)
    control = Control(ours)
    try:
        control.greet()
        _settle(control, keys)
        _save(control, state)
    except (NodeLost, OSError) as error:
        raise BackendError(_explain(str(error), folder)) from None
    finally:
        process.kill()
        process.wait()
        control.close()
        os.close(state)


def in_memory(data: bytes) -> int:
    """A descriptor of a file in memory, which a kill can't leave behind, with the data."""
    with os.fdopen(os.memfd_create("seed"), "wb") as file:
        file.write(data)
        file.flush()
        return os.open(f"/proc/self/fd/{file.fileno()}", os.O_RDONLY | os.O_CLOEXEC)


def _kernel(which: Shape) -> list[str]:
    """QEMU's options for a direct kernel boot, which saves seconds and allows a command line."""
    command_line = f"{_COMMAND_LINE} {which.tick}".rstrip()
    for layer in which.image.layers:
        kernels = sorted((layer / "boot").glob("vmlinuz-*"))
        if kernels:
            initrd = layer / "boot" / f"initrd.img-{kernels[-1].name.partition('-')[2]}"
            return ["-kernel", str(kernels[-1]), "-initrd", str(initrd), "-append", command_line]
    raise ImageError(f'image "{which.image.name}" has no kernel')


def _settle(control: Control, keys: Keys) -> None:
    port = forwarded(control)
    login = ssh.Login(keys.client, keys.host)
    with ssh.Machine("template", login, lambda: dial(port)) as machine:
        await_ssh(machine, _BOOT)
        done = machine.run(_SETTLE, timeout=_BOOT)
        if not done.ok:
            raise NodeLost(f"it could not be prepared: {last_line(done.output)}")


def dial(port: int) -> socket.socket:
    """Connect to a port of the loopback."""
    return socket.create_connection(("127.0.0.1", port), timeout=_BOOT)


def await_ssh(machine: ssh.Machine, within: float) -> None:
    """Wait until a starting machine accepts commands.

    :raises NodeLost: it does not, within `within` seconds.
    """
    end = time.monotonic() + within
    while True:
        try:
            machine.connect(max(end - time.monotonic(), 1.0))
            return
        except OSError as error:
            # QEMU accepts connections from its start: there is no event to wait for
            if time.monotonic() > end:
                raise NodeLost(f"no answer on SSH within {within:g} s ({error})") from None
            time.sleep(_BETWEEN_TRIES)


def forwarded(control: Control) -> int:
    """The port of the loopback that is forwarded to the machine's SSH server."""
    listing = control.ask("human-monitor-command", **{"command-line": "info usernet"})
    found = _FORWARDED.search(listing)
    if found is None:
        raise NodeLost("QEMU forwards no port to its SSH server")
    return int(found[1])


def _save(control: Control, state: int) -> None:
    control.ask("stop")
    control.ask("migrate-set-capabilities", capabilities=[IGNORE_SHARED])
    control.give("state", state)
    control.ask("migrate", uri="fd:state")
    while (reply := control.ask("query-migrate")).get("status") in ("setup", "active", "device"):
        time.sleep(0.02)
    if reply.get("status") != "completed":
        raise NodeLost(f"QEMU could not save it: {reply.get('error-desc', reply.get('status'))}")
    control.ask("quit")


#: RAM is a file of its own
IGNORE_SHARED: dict[str, Any] = {"capability": "x-ignore-shared", "state": True}


def _explain(why: str, folder: Path) -> str:
    message, console = "", ""
    with suppress(FileNotFoundError):
        message = last_line((folder / "errors").read_text(errors="replace"))
        console = (folder / "console").read_text(errors="replace")
    return (
        f"a VM does not boot: {why}.{f' QEMU: {message}.' if message else ''} {last_words(console)}"
    )


def last_words(console: str) -> str:
    """The last lines of a console, as the end of a message; after a kernel crash the lines with its
    reason, since the last ones are registers."""
    lines = [line.strip() for line in console.splitlines() if line.strip()]
    if any("Kernel panic" in line for line in lines):
        crash = [line for line in lines if _CRASH.search(line)]
        return f"Its kernel crashed: {' | '.join(crash[:_LINES])}"
    return f"Its console's last lines: {' | '.join(lines[-_LINES:]) or 'nothing'}"
