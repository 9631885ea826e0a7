"""The nodes, the links, and the addresses that the lessons name."""

from labkernel import Lab, Link, Node
from labkernel.needs import CABLES, LACP
from labkernel.vm.identity import machine_id

PREFIX = "2001:db8:b::/64"
SERVER_ID = machine_id("bonding", "server")

#: the addresses that the lesson chooses, for the server's bond, the switch's, and by a file
GIVEN, OTHER = "02:b0:4d:00:00:01", "02:b0:4d:00:00:02"
DECLARED, PLANNED = "02:b0:4d:00:00:03", "02:b0:4d:00:00:04"

#: what the client's DHCP server writes down
LEASES = "/run/leases"

OLD_POLICY = """\
cat > /etc/systemd/network/05-bond.link <<END
[Match]
OriginalName=bond*
[Link]
MACAddressPolicy=none
END
udevadm control --reload"""

lab = Lab(
    "bonding",
    title="Bonding: which MAC address a bond takes, and what that breaks",
    minutes=40,
    needs=[CABLES, LACP],
    nodes=[
        Node("server", image="bonding", kernel=True, memory=256),
        Node("switch", image="bonding", kernel=True, memory=256),
        Node("client", image="bonding"),
    ],
    links=[
        *(Link(f"port{n}", f"server:eth{n}", f"switch:eth{n}") for n in range(4)),
        Link(
            "lan",
            "client:eth0",
            "switch:uplink",
            addresses={"client:eth0": ["2001:db8:b::1/64", "192.0.2.1/24"]},
        ),
    ],
    setup={
        "server": f"modprobe bonding max_bonds=0\n{OLD_POLICY}",
        "switch": "modprobe bonding max_bonds=0\n"
        "ip link add lan type bridge mcast_snooping 0\n"
        "for port in eth0 eth1 eth2 eth3 uplink; do ip link set $port master lan; done\n"
        "ip link set lan up",
        "client": f"""\
cat > /etc/radvd.conf <<END
interface eth0 {{
  AdvSendAdvert on;
  MinRtrAdvInterval 3;
  MaxRtrAdvInterval 4;
  prefix {PREFIX} {{ }};
}};
END
radvd --logmethod=stderr_syslog 2>/dev/null""",
    },
)
