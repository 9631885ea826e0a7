"""Mininet: ``with_mininet.py NODES``, one Linux bridge and hosts on it, by its Python API."""

import sys

from mininet.net import Mininet
from mininet.nodelib import LinuxBridge
from mininet.topo import SingleSwitchTopo
from protocol import serve

count = int(sys.argv[1])
nets: list[Mininet] = []


def up() -> None:
    net = Mininet(topo=SingleSwitchTopo(count), switch=LinuxBridge, controller=None)
    nets.append(net)
    net.start()
    addresses = " ".join(host.IP() for host in net.hosts)
    # -r and -t as for the others; IPv4, which Mininet gives its hosts by itself
    said = net.hosts[0].cmd(f"fping -4 -q -i 0 -r 20 -t 50 {addresses}; echo code $?")
    if not said.endswith("code 0\r\n"):
        sys.exit(f"not every node has answered: {said}")


def down() -> None:
    nets.pop().stop()


serve(up, down)
