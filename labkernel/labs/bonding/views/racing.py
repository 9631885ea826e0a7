"""Tables and plots of the bond's MAC address."""

from typing import TYPE_CHECKING, Any

from labkernel.labs.bonding.checks.racing import BOOT, slaac

if TYPE_CHECKING:
    from labkernel import Outcome


def boots_table(outcome: "Outcome") -> Any:
    """A row for each boot, with the address that the server makes of it."""
    import pandas as pd

    rows = [
        {"boot": int(boot), "first": first, "bond0": mac, "address": str(slaac(mac))}
        for boot, first, mac in BOOT.findall(outcome.output)
    ]
    return pd.DataFrame(rows).set_index("boot") if rows else None
