"""Usual mistakes and other right answers: a socket bound to one address."""

from labkernel import Mistake, Right
from labkernel.labs import anyip

MISTAKES = {
    anyip.freebind: [
        Mistake("true", says="there is none"),
        Mistake("serve-one :: 8080", says="On [::] or * it listens on every address"),
        Mistake(
            "serve-one --freebind 2001:db8:100::bad 8080",
            says="it listens on [2001:db8:100::bad]:8080",
        ),
        Mistake(
            "ip -6 address add 2001:db8:100::b1d/128 dev lo",
            says="now an interface has the address",
            fix="ip -6 address del 2001:db8:100::b1d/128 dev lo",
            fix_first=True,
        ),
        Mistake(  # on its ordinary address
            "serve-one 2001:db8:2::2 8080",
            says="it listens on [2001:db8:2::2]:8080",
        ),
    ],
}

ALSO_RIGHT = {
    anyip.freebind: [
        Right(
            "sysctl -w net.ipv6.ip_nonlocal_bind=1\nserve-one 2001:db8:100::b1d 8080",
            undo=f"sysctl -w net.ipv6.ip_nonlocal_bind=0\n{anyip.freebind.undo}",
        ),
        Right(
            "echo 1 > /proc/sys/net/ipv6/ip_nonlocal_bind\nserve-one 2001:db8:100::b1d 8080",
            undo=f"sysctl -w net.ipv6.ip_nonlocal_bind=0\n{anyip.freebind.undo}",
        ),
        Right(  # nginx, on that address alone
            "cat > /etc/nginx/one.conf <<END\n"
            "pid /run/one.pid;\nerror_log /dev/null;\nevents {}\n"
            "http { access_log off; server { listen [2001:db8:100::b1d]:8080; return 200 one; } }\n"
            "END\nsysctl -w net.ipv6.ip_nonlocal_bind=1\nnginx -c /etc/nginx/one.conf",
            undo="start-stop-daemon --stop --quiet --oknodo --retry 5 --pidfile /run/one.pid\n"
            "sysctl -w net.ipv6.ip_nonlocal_bind=0",
        ),
    ],
}
