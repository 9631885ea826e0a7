"""The nodes, and what each is given at the start."""

from labkernel import Lab, Node
from labkernel.labs.nixos.commands.disk import GIVE_DISK, written

lab = Lab(
    "nixos",
    title="NixOS: a system that goes forward and back as a whole",
    minutes=50,
    nodes=[
        Node("machine", image="disks", kernel=True, memory=256),
        Node("builder", image="nix"),
    ],
    setup={
        "machine": GIVE_DISK,
        "builder": written("/etc/nixos"),
    },
)
