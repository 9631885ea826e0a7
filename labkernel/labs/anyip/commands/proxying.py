"""Commands and files for the prefix on the link."""

from labkernel.labs._commands import stop_all

STOP_NDPPD = stop_all("/usr/sbin/ndppd")

NDPPD = (
    "cat > /etc/ndppd.conf <<END\n"
    "proxy eth0 {\n"
    "  rule 2001:db8:2:0:8000::/65 {\n"
    "    static\n"
    "  }\n"
    "}\n"
    "END\n"
    f"{STOP_NDPPD}\n"
    "ndppd -d -p /run/ndppd.pid"
)
