"""The commands by which several parts of the lesson work on the router's radvd."""

from labkernel.labs._commands import stop

START_RADVD = "radvd --pidfile /run/radvd.pid"
STOP_RADVD = stop("/run/radvd.pid")


def edit_radvd(expression: str) -> str:
    """Edit radvd.conf by an expression of sed, and have radvd read it."""
    return f"sed -i '{expression}' /etc/radvd.conf\nkill -HUP $(cat /run/radvd.pid)"
