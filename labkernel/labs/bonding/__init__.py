"""Bonding: four links as one, which MAC address that has, and what breaks when it changes."""

from labkernel import capture
from labkernel.checks import eventually
from labkernel.labs.bonding import checks
from labkernel.labs.bonding.commands import (
    AGGREGATE,
    AS_THEN,
    AS_TODAY,
    GIVEN,
    SWITCH_AGGREGATES,
    SWITCH_SWITCHES,
    TEN_BOOTS,
    bond,
)
from labkernel.labs.bonding.topology import SERVER_ID, lab

# -- the race --------------------------------------------------------------------------------------

four = lab.step(
    "Bond four links",
    on="server",
    run=bond("0 1 2 3"),
    check=checks.bond_has_the_address_of("eth0"),
    undo="ip link del bond0",
    about="One interface, bond0, over four links. It takes its MAC address from one of them.",
)

boots = lab.step(
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
    "Find the server after its next boot",
    on="server",
    run=bond("1 2 3 0"),
    check=eventually(checks.answers_as("eth1"), within=10),
    undo=bond("0 1 2 3"),
    about="The client's router advertises 2001:db8:b::/64, and the server makes its address from "
    "the bond's MAC address (EUI-64). The check asks from the client for both addresses.",
)

# -- then ------------------------------------------------------------------------------------------

fixed = lab.step(
    "Give the bond an address of its own",
    on="server",
    run=bond("2 3 0 1", f"address {GIVEN}"),
    check=checks.bond_has(GIVEN),
    undo=bond("2 3 0 1"),
    about="What the original does by hwaddress in /etc/network/interfaces: whoever comes first, "
    "the members take the bond's address.",
)

# -- today -----------------------------------------------------------------------------------------

today = lab.step(
    "Let systemd choose, as it does since 2019",
    on="server",
    run=AS_TODAY,
    check=checks.bond_has_an_address_of_its_own,
    undo=AS_THEN,
    timeout=180,
    about="MACAddressPolicy=persistent: an address from the interface's name and the machine-id.",
)

cloned = lab.step(
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

# -- failing over ----------------------------------------------------------------------------------

pulled = lab.step(
    "Pull a link during a ping",
    on="server",
    run="""\
ping -n -i 0.1 -c 40 2001:db8:b::1 > /tmp/ping &
until grep -q icmp_seq=10 /tmp/ping; do sleep 0.1; done
member=$(cat /sys/class/net/bond0/bonding/active_slave)
ip link set $member down
wait
ip link set $member up
grep received /tmp/ping""",
    check=checks.lost_few,
    wrong="echo 40 packets transmitted, 0 received",
    timeout=180,
    volatile=r"(?P<received>\d+) received, (?P<loss>[\d.]+% packet loss), time (?P<time>\d+ms)",
)

# -- both ends -------------------------------------------------------------------------------------

partner = lab.step(
    "Have the switch aggregate its ports",
    on="switch",
    run=SWITCH_AGGREGATES,
    check=checks.switch_aggregates,
    undo=SWITCH_SWITCHES,
)

aggregate = lab.step(
    "Aggregate with a partner (802.3ad)",
    on="server",
    run=AGGREGATE,
    check=eventually(checks.aggregated, within=30),
    undo=bond("0 1 2 3"),
    timeout=180,
    capture=capture("server:eth0", only="ether proto 0x8809"),
    about="Both ends say by LACP what they may aggregate, and what they have understood.",
)
