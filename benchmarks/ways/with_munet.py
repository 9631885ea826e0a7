"""munet: ``with_munet.py NODES RUNDIR``, one network and nodes on it, by its Python API."""

import asyncio
import logging
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from munet.parser import async_build_topology
from protocol import serve

count = int(sys.argv[1])
patient = Path(sys.argv[2], "bin", "pgrep")


def wait_for_children() -> None:
    """Munet asks pgrep for a child that it has only just had started, and gives up if it is not
    there yet, as on a busy machine: let pgrep wait for it."""
    patient.parent.mkdir()
    patient.write_text(f'#!/bin/sh\nuntil {shutil.which("pgrep")} "$@"; do sleep 0.01; done\n')
    patient.chmod(0o755)
    os.environ["PATH"] = f"{patient.parent}:{os.environ['PATH']}"


logging.disable(logging.INFO)  # it starts at DEBUG
loop = asyncio.new_event_loop()
nets: list[Any] = []


def up() -> None:
    config = {
        "config_pathname": f"{sys.argv[2]}/munet.yaml",
        "topology": {
            "networks-autonumber": True,
            "networks": [{"name": "lan"}],
            "nodes": [{"name": f"n{n}", "connections": ["lan"]} for n in range(1, count + 1)],
        },
    }
    net = loop.run_until_complete(async_build_topology(config, rundir=sys.argv[2]))
    nets.append(net)
    addresses = [str(host.get_intf_addr("eth0").ip) for host in net.hosts.values()]
    # -r and -t as for the others; IPv4, which munet numbers its networks with by itself
    net.hosts["n1"].cmd_raises(["fping", "-4", "-q", "-i", "0", "-r", "20", "-t", "50", *addresses])


def down() -> None:
    loop.run_until_complete(nets.pop().async_delete())


wait_for_children()
serve(up, down)
