"""Commands and files for destination address selection."""

from labkernel.labs.ipv6.topology import PRINTER_IPV4, PRINTER_ULA, ROUTER

PRINTER = f"""\
ip -6 address replace fd6b:1c2d:3e4f::10/64 dev eth0 nodad
ip address replace 192.0.2.10/24 dev eth0
grep -v lab.example /etc/hosts > /tmp/hosts
cat /tmp/hosts - > /etc/hosts <<END
{PRINTER_ULA} printer.lab.example
{PRINTER_IPV4} printer.lab.example
{ROUTER} router.lab.example
{PRINTER_IPV4} router.lab.example
END
getent ahosts printer.lab.example | sed -n 's/ *STREAM.*//p'"""

UNDO_PRINTER = """\
grep -v lab.example /etc/hosts > /tmp/hosts
cat /tmp/hosts > /etc/hosts
ip address del 192.0.2.10/24 dev eth0
ip -6 address del fd6b:1c2d:3e4f::10/64 dev eth0"""

PREFER = """\
cat > /etc/gai.conf <<END
precedence ::1/128       50
precedence ::/0          40
precedence ::ffff:0:0/96 35
precedence 2002::/16     30
precedence 2001::/32      5
precedence fc00::/7       3
precedence ::/96          1
END
getent ahosts printer.lab.example | sed -n 's/ *STREAM.*//p'"""
