"""Commands that several parts of the lesson run: a bond of four links."""


def bond(order: str, more: str = "") -> str:
    """Make bond0 afresh, of members that come in this order."""
    first = f" {more}" if more else ""
    return f"""\
ip link show bond0 >/dev/null 2>&1 && ip link del bond0
ip link add bond0{first} type bond mode active-backup miimon 100
for n in {order}; do ip link set eth$n down; ip link set eth$n master bond0; done
ip link set bond0 up
cat /sys/class/net/bond0/address"""
