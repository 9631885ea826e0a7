"""Bonding: four links as one, which MAC address that has, and what breaks when it changes."""

from labkernel import cables, capture
from labkernel.checks import eventually
from labkernel.labs.bonding import checks, tasks
from labkernel.labs.bonding.commands import (
    AGGREGATE,
    AS_THEN,
    AS_TODAY,
    BOND_AGAIN,
    DECLARE,
    GIVEN,
    LEASE_TWICE,
    PLAN,
    PULL,
    PULL_THREE,
    SERVE,
    SERVE_NO_MORE,
    SWITCH_AGGREGATES,
    SWITCH_SWITCHES,
    TEN_BOOTS,
    UNDECLARE,
    UNPLAN,
    WAIT,
    bond,
)
from labkernel.labs.bonding.topology import SERVER_ID, lab

LOSS = r"(?P<received>\d+) received, (?P<loss>[\d.]+% packet loss), time (?P<time>\d+ms)"
LOSS += r"|packets lost: (?P<lost>\d+) of"

# -- the race --------------------------------------------------------------------------------------

four = lab.step(
    "four",
    "Bond four links",
    on="server",
    run=bond("0 1 2 3"),
    check=checks.bond_has_the_address_of("eth0"),
    undo="ip link del bond0",
    about="One interface, bond0, over four links. It takes its MAC address from one of them.",
)

boots = lab.step(
    "boots",
    "Boot ten times",
    on="server",
    run=TEN_BOOTS,
    check=checks.four_addresses,
    wrong="for boot in 1 2; do\n"
    'echo "boot $boot: eth0 came first, bond0 is $(cat /sys/class/net/eth0/address)"\ndone',
    view=checks.table,
    timeout=300,
    about="A boot makes the bond afresh; each time another member comes first.",
)

moved = lab.step(
    "moved",
    "Find the server after its next boot",
    on="server",
    run=bond("1 2 3 0"),
    check=eventually(checks.answers_as("eth1"), within=10),
    undo=bond("0 1 2 3"),
    about="The client's router advertises 2001:db8:b::/64, and the server makes its address from "
    "the bond's MAC address (EUI-64). The check asks from the client for both addresses.",
)

offered = lab.step(
    "offered",
    "Give out addresses by DHCP",
    on="client",
    run=SERVE,
    check=checks.serves,
    undo=SERVE_NO_MORE,
    about="dnsmasq on the client leases 192.0.2.100 to .199 by MAC address, and by DHCPv6 "
    "2001:db8:b::1000 to ::1fff by DUID. It writes down to whom.",
)

leased = lab.step(
    "leased",
    "Ask for an address at two boots",
    on="server",
    run=LEASE_TWICE,
    check=checks.two_leases,
    wrong="printf '%s\\n' 'bond0 is 02:00:00:00:00:00' 'bond0 UP 192.0.2.9/24'",
    view=checks.leases_table,
    timeout=180,
    volatile=r"^bond0 +(?:UP|UNKNOWN) +",
    about="At the first boot eth0 comes first, at the second eth1. The check looks at what the "
    "DHCP server has written down.",
)

# -- then ------------------------------------------------------------------------------------------

waited = lab.step(
    "waited",
    "Wait for the cards",
    on="server",
    run=WAIT,
    check=checks.waiting_helps_while_it_is_long_enough,
    wrong="echo after sleep 4 bond0 is unknown",
    about="eth1 is there at once, the other cards after two seconds. The members are added in the "
    "order of the file, as ifupdown does: all that are there after the sleep.",
)

fixed = lab.task(
    "fixed",
    "Give the bond an address of its own",
    on="server",
    solution=bond("2 3 0 1", f"address {GIVEN}"),
    check=tasks.has_the_given_address,
    undo=bond("2 3 0 1"),
    about=f"What the original does by hwaddress in /etc/network/interfaces. Make bond0 so that it "
    f"has {GIVEN}, whoever comes first of its four members.",
    hint=[
        "The bond took an address of its first member because nobody had given it one.",
        "`ip link add` takes an address before the type: `ip link add bond0 address … type bond`.",
        "The members are added as in the first step: down first, then `master bond0`.",
    ],
)

# -- today -----------------------------------------------------------------------------------------

declared = lab.step(
    "declared",
    "Write the address into a file of networkd",
    on="server",
    run=DECLARE,
    check=eventually(checks.declared, within=2),
    undo=f"{UNDECLARE}\n{bond('2 3 0 1', f'address {GIVEN}')}",
    observe=[capture("client:eth0", only="udp port 547")],
    about="A .netdev file makes the bond, with MACAddress= before it has members. bond0 also asks "
    "for a lease by DHCPv6, with a DUID of the kind that is made from a MAC address.",
)

planned = lab.step(
    "planned",
    "Have netplan write it",
    on="server",
    run=PLAN,
    check=checks.planned,
    undo=f"{UNPLAN}\n{bond('2 3 0 1', f'address {GIVEN}')}",
    timeout=180,
    about="netplan, which Ubuntu's servers have, makes networkd's files from one of YAML: "
    "`macaddress:` becomes MACAddress=. The bond asks for a lease by DHCP.",
)

today = lab.step(
    "today",
    "Let systemd choose, as it does since 2019",
    on="server",
    run=AS_TODAY,
    check=checks.bond_has_an_address_of_its_own,
    undo=AS_THEN,
    timeout=180,
    about="MACAddressPolicy=persistent: an address from the interface's name and the machine-id.",
)

cloned = lab.step(
    "cloned",
    "Clone a machine",
    on="switch",
    run=f"""\
echo {SERVER_ID} > /etc/machine-id
ip link add bond0 type bond
udevadm settle
cat /sys/class/net/bond0/address""",
    check=checks.same_address,
    undo=f"ip link del bond0\necho {SERVER_ID[::-1]} > /etc/machine-id",
    about="The switch gets the server's machine-id, as every machine does that is copied from one "
    "image without `systemd-machine-id-setup`.",
)

itself = lab.task(
    "itself",
    "Give the clone an identity of its own",
    on="switch",
    solution=f"""\
rm -f /etc/machine-id /run/machine-id
systemd-machine-id-setup
{BOND_AGAIN}""",
    check=tasks.is_itself_again,
    undo=f"echo {SERVER_ID} > /etc/machine-id\n{BOND_AGAIN}",
    volatile=r"^Initializing machine ID from (?P<source>.*)\.$",
    about="The switch shall have a machine-id that no other machine has, and a bond0 with the "
    "address that follows from it.",
    hint=[
        "What is a bond's address made from, and which of it do both machines share?",
        "systemd-machine-id-setup makes an id where there is none, and says what it is made from.",
        (
            "A bond keeps its address. Delete it, `systemctl restart systemd-udevd` (it remembers "
            "the old id), and make it again."
        ),
    ],
)

# -- failing over ----------------------------------------------------------------------------------

pulled = lab.step(
    "pulled",
    "Pull a link during a ping",
    on="server",
    run=PULL,
    check=checks.went_on,
    wrong="echo 200 packets transmitted, 0 received",
    observe=[cables()],
    timeout=180,
    volatile=LOSS,
    about="When the command says so, the lab pulls the cable: both of its ends lose their carrier, "
    "as with a real one. In the end it is put back.",
)

# -- both ends -------------------------------------------------------------------------------------

partner = lab.task(
    "partner",
    "Have the switch aggregate its ports",
    on="switch",
    solution=SWITCH_AGGREGATES,
    check=tasks.aggregates,
    undo=SWITCH_SWITCHES,
    about="Make one port of the switch's four: a bond0 that speaks LACP, in place of them in the "
    "bridge lan.",
    hint=[
        "The server's bond was in the mode active-backup. Which mode speaks LACP?",
        "`ip link add bond0 type bond mode 802.3ad miimon 100`, then eth0 to eth3 as its members.",
        "The ports have left the bridge: `ip link set bond0 master lan up`.",
    ],
)

aggregate = lab.step(
    "aggregate",
    "Aggregate with a partner (802.3ad)",
    on="server",
    run=AGGREGATE,
    check=eventually(checks.aggregated, within=30),
    undo=bond("0 1 2 3"),
    timeout=180,
    observe=[capture("server:eth0", only="ether proto 0x8809")],
    about="Both ends say by LACP what they may aggregate, and what they have understood.",
)

three = lab.step(
    "three",
    "Pull three of four links during a ping",
    on="server",
    run=PULL_THREE,
    check=checks.went_on_by_one,
    wrong="echo 400 packets transmitted, 0 received",
    observe=[cables()],
    timeout=240,
    volatile=LOSS,
    about="A flow of packets takes one of the members, chosen by its addresses. Three go, one "
    "after the other.",
)
