"""The nodes, the links, and what each node is given at the start."""

from labkernel import Lab, Link, Node
from labkernel.labs.hitch.commands import certificates, holding, timing
from labkernel.labs.hitch.commands.files import ALL, GIVEN, KEYS
from labkernel.needs import SUITES

ADDRESSES = {
    "client": "2001:db8:1::1",
    "bullseye": "2001:db8:1::2",
    "bookworm": "2001:db8:1::3",
    "trixie": "2001:db8:1::4",
}

_SERVERS = ("bullseye", "bookworm", "trixie")
_IMAGES = {"bullseye": "hitch-bullseye", "bookworm": "hitch-bookworm", "trixie": "hitch"}

lab = Lab(
    "hitch",
    title="Hitch: thousands of certificates, and how long they take to load",
    minutes=50,
    nodes=[
        Node("client", image="hitch"),
        *(Node(name, image=_IMAGES[name], memory=1024) for name in _SERVERS),
        Node("web"),
    ],
    links=[
        Link("lan", *(f"{node}:eth0" for node in ADDRESSES), prefix="2001:db8:1::/64"),
        Link("inside", "trixie:eth1", "web:eth0", prefix="2001:db8:2::/64"),
    ],
    memory=1024,
    needs=[SUITES],
    files={
        f"{node}:{ALL}": lambda on_progress: certificates.make(GIVEN, on_progress=on_progress)
        for node in _SERVERS
    }
    | {"client:/etc/ssl": lambda _: certificates.authority()},
    setup={
        **dict.fromkeys(_SERVERS, timing.GIVE),
        "trixie": f"{timing.GIVE}\n{KEYS}",
        "client": holding.GIVE,
    },
)
