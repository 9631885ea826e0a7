"""Ours: ``with_labkernel.py NODES prepare|fresh``, a lab as a notebook declares and starts it."""

import os
import sys

from protocol import serve

from labkernel import Lab, Link, Node, RunningLab

count = int(sys.argv[1])
names = [f"n{place}" for place in range(1, count + 1)]
lab = Lab(
    "bringup",
    nodes=[Node(name) for name in names],
    links=[Link("lan", *(f"{name}:eth0" for name in names), prefix="2001:db8::/64")],
)
running = RunningLab(lab, "namespaces", instance=f"bringup-{os.getpid()}", options={"linger": 0})
PING = ["fping", "-6", "-q", "-i", "0", "-r", "20", "-t", "50"]


def up() -> None:
    running.up()
    running.run("n1", [*PING, *(f"2001:db8::{place:x}" for place in range(1, count + 1))], expect=0)


if sys.argv[2] == "prepare":
    running.backend.prepare()  # as show(lab) does, before anybody has pressed a button
serve(up, running.down)
