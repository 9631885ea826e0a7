"""systemd's persistent address, and a clone that shares it."""

from labkernel.labs.bonding.checks.identifying import (
    bond_has_an_address_of_its_own,
    is_itself_again,
    same_address,
)
from labkernel.labs.bonding.commands.identifying import AS_THEN, AS_TODAY, BOND_AGAIN
from labkernel.labs.bonding.commands.racing import CLONED
from labkernel.labs.bonding.topology import SERVER_ID, lab

today = lab.step(
    "today",
    "Apply systemd's MACAddressPolicy=persistent",
    on="server",
    run=AS_TODAY,
    check=bond_has_an_address_of_its_own,
    undo=AS_THEN,
    timeout=180,
    about="MACAddressPolicy=persistent: an address from the interface's name and the machine-id.",
)

cloned = lab.step(
    "cloned",
    "Clone a machine-id",
    on="switch",
    run=CLONED,
    check=same_address,
    undo=f"ip link del bond0\necho {SERVER_ID[::-1]} > /etc/machine-id",
    about="The switch gets the server's machine-id, as every machine does that is copied from one "
    "image without `systemd-machine-id-setup`.",
)

itself = lab.task(
    "itself",
    "Renew the clone's machine-id",
    on="switch",
    solution=f"""\
rm -f /etc/machine-id /run/machine-id
systemd-machine-id-setup
{BOND_AGAIN}""",
    check=is_itself_again,
    undo=f"echo {SERVER_ID} > /etc/machine-id\n{BOND_AGAIN}",
    volatile=r"^Initializing machine ID from (?P<source>.*)\.$",
    about="The switch must have a machine-id that no other machine has, and a bond0 with the "
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
