"""A process that starts a lab and runs commands in it until it, or the lab, is killed.

Arguments: for how many seconds it lingers, and "vm" if alpha is to be a VM.
"""

import sys
import threading

from labkernel.backends.namespaces import NamespacesBackend
from labkernel.errors import BackendError
from labkernel.testing import CONTRACT_TOPOLOGY
from labkernel.topology import Node, Topology

_ALPHA = Node("alpha", image="vm", kernel=True, memory=256, disk=1)
VM_TOPOLOGY = Topology("contract", (_ALPHA, CONTRACT_TOPOLOGY.nodes[1]), CONTRACT_TOPOLOGY.links)


def main(linger: float, vm: bool) -> None:
    """Say "up" once the lab is, and end when it does."""
    backend = NamespacesBackend("endless", linger)
    try:
        backend.up(VM_TOPOLOGY if vm else CONTRACT_TOPOLOGY)
        print("up", flush=True)
        threads = [
            threading.Thread(target=_keep_busy, args=(backend, node), daemon=True)
            for node in ("alpha", "bravo")
        ]
        for thread in threads:
            thread.start()
        threads[0].join()
    except BackendError as error:
        print(error, flush=True)


def _keep_busy(backend: NamespacesBackend, node: str) -> None:
    try:
        while True:
            backend.run(node, "for i in 1 2 3 4 5; do sleep 0.01; echo $i; done; sleep 1000 &")
    except (BackendError, OSError) as error:
        print(error, flush=True)


if __name__ == "__main__":
    main(float(sys.argv[1]), "vm" in sys.argv)
