"""A backend of util-linux and iproute2 alone: a lab ends with the process that has started it."""

import os
import subprocess
from pathlib import Path
from types import SimpleNamespace as Running
from typing import ClassVar

from labkernel import images
from labkernel.backends.base import Backend
from labkernel.backends.local_commands import LocalCommands
from labkernel.command import Command, OnOutput, Result
from labkernel.errors import BackendError, BackendUnavailable, NodeLost
from labkernel.progress import OnProgress
from labkernel.topology import Topology

USER = [] if os.geteuid() == 0 else ["--user", "--map-root-user", "--map-auto"]
# PID 1 of a node ends when its input does, and with it all that runs there
NODE = """mount -t tmpfs -o mode=755,size="$2"m tmpfs /mnt && cd /mnt && mkdir upper work root
mount -t overlay -o lowerdir="$1",upperdir=upper,workdir=work,userxattr overlay root && cd root
mount -t proc proc proc; mount -t sysfs sysfs sys; mount -t tmpfs tmpfs dev; mkdir dev/shm
for each in null zero urandom tty; do : > dev/$each; mount --bind /dev/$each dev/$each; done
hostname "$0"; printf %s "$3" > etc/hosts; echo $0; exec chroot . env --ignore-signal=CHLD cat"""


def start(*words: str) -> "subprocess.Popen[str]":
    pipe = subprocess.PIPE
    return subprocess.Popen(words, stdin=pipe, stdout=pipe, text=True)


def first_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout
    return process.stdout.readline()


class UnshareBackend(Backend):
    name = "unshare"
    labs: ClassVar[dict[str, Running]] = {}

    def __init__(self, instance: str = "", linger: float = 0) -> None:
        self.instance, self.commands = instance, LocalCommands()

    def require(self) -> None:
        if subprocess.run(["unshare", *USER, "--net", "true"], capture_output=True).returncode:
            raise BackendUnavailable("unshare", "unshare makes no namespaces", "it as root")

    def up(self, topology: Topology, on_progress: OnProgress | None = None) -> None:
        self.instance = self.instance or topology.name
        lab = self.labs.get(self.instance) or self._start(topology)
        if lab.topology.digest() != topology.digest():
            raise BackendError(f"{self.instance} runs with an earlier declaration", "Reset")

    def _start(self, topology: Topology) -> Running:
        rack = start("unshare", *USER, "--net", "sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/"
                     "default/disable_ipv6; echo up; exec cat")  # fmt: skip
        first_line(rack)
        inside = ["nsenter", f"--target={rack.pid}", *(["--user"] if USER else []), "--net"]
        lab = self.labs[self.instance] = Running(topology=topology, rack=rack, nodes={}, pids={})
        for node in topology.nodes:
            layers = ":".join(map(str, images.find(node.image).layers))
            lab.nodes[node.name] = started = start(
                *inside, "unshare", "-n", "-m", "-u", "-i", "-p", "--fork", "bash", "-c", NODE,
                node.name, layers, str(node.memory), topology.hosts())  # fmt: skip
            first_line(started)
            children = Path(f"/proc/{started.pid}/task/{started.pid}/children")
            lab.pids[node.name] = children.read_text().strip()
            settings = [f"{name}={value}" for name, value in node.settings.items()]
            self.run(node.name, f"ip link set lo up; sysctl -qw {' '.join(settings)}")
        bridges = [f"link add br-{link.name} up type bridge" for link in topology.links]
        wires = [
            f"link add wire{port.index}{port.node} up master br-{port.link} type veth peer "
            f"{port.name} address {port.mac} netns {lab.pids[port.node]}"
            for port in topology.ports
        ]
        subprocess.run([*inside, "ip", "-b", "-"], input="\n".join(bridges + wires), text=True)
        for port in topology.ports:
            for each in port.addresses:
                self.run(port.node, f"ip address add {each} dev {port.name} nodad")
            self.run(port.node, f"ip link set {port.name} up")
        return lab

    def run(self, node: str, command: Command, on_output: OnOutput | None = None,
            timeout: float | None = 60.0, *, stdin: bytes = b"") -> Result:  # fmt: skip
        if not self.is_up():
            raise NodeLost("the lab does not run", "start it")
        pids = self.labs[self.instance].pids
        if node not in pids:
            raise BackendError(f'there is no node "{node}"')
        by = ["nsenter", f"--target={pids[node]}", "--all", "--root", "--wd", "--"]
        return self.commands.run(node, by, command, on_output, timeout, stdin)

    def stop(self) -> None:
        self.commands.stop()

    def down(self) -> None:
        if lab := self.labs.pop(self.instance, None):
            for process in (*lab.nodes.values(), lab.rack):
                process.communicate()

    def is_up(self) -> bool:
        return self.instance in self.labs
