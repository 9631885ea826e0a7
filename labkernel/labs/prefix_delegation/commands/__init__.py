"""Commands that several parts of the lesson run: the routers' radvd."""

from labkernel.labs._commands import stop

STOP_RADVD = stop("/run/radvd.pid")
START_RADVD = "radvd --pidfile /run/radvd.pid"

OLD_PREFIX = "prefix 2001:db8:1000:5::/64 { };"
DEPRECATED = "prefix 2001:db8:1000:5::/64 { AdvPreferredLifetime 0; AdvValidLifetime 7200; };"
NEW_PREFIX = "prefix 2001:db8:2000:5::/64 { };"


def write_radvd_on_lan(*prefixes: str) -> str:
    """Write radvd.conf for the LAN with these prefixes."""
    lines = "\n".join(f"  {prefix}" for prefix in prefixes)
    return f"""\
cat > /etc/radvd.conf <<END
interface lan0 {{
  AdvSendAdvert on;
{lines}
}};
END"""
