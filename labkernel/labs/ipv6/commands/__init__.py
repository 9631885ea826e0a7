"""Commands that several parts of the lesson run: the router's radvd."""

from labkernel.labs._commands import stop
from labkernel.labs.ipv6.topology import ON_LAN, ROUTER

START_RADVD = "radvd --pidfile /run/radvd.pid"
STOP_RADVD = stop("/run/radvd.pid")


def write_radvd(prefix: str) -> str:
    """Write radvd.conf with these options of the prefix, and start radvd anew."""
    return f"""\
cat > /etc/radvd.conf <<END
interface eth1 {{
  AdvSendAdvert on;
  MinRtrAdvInterval 5;
  MaxRtrAdvInterval 60;
  AdvOtherConfigFlag on;
  prefix {ON_LAN} {{ {prefix} }};
  RDNSS {ROUTER} {{ }};
}};
END
{STOP_RADVD}
{START_RADVD}"""


#: neighbours, which make themselves addresses
ADVERTISE = write_radvd("AdvOnLink on; AdvAutonomous on;")


def edit_radvd(expression: str) -> str:
    """Edit radvd.conf by an expression of sed, and have radvd read it."""
    return f"sed -i '{expression}' /etc/radvd.conf\nkill -HUP $(cat /run/radvd.pid)"
