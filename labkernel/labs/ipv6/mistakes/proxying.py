"""Usual mistakes and other right answers: the repository and its proxy."""

import re

from labkernel import Mistake, Right
from labkernel.labs import ipv6

MISTAKES = {
    ipv6.proxy: [
        Mistake("true", says="nothing listens on port 8888"),
        Mistake(
            ipv6.proxy.solution.replace(f"Listen {ipv6.ROUTER}", "Listen 127.0.0.1"),
            says="the proxy listens on 127.0.0.1:8888",
        ),
        Mistake(
            ipv6.proxy.solution.replace(f"Allow {ipv6.ON_LAN}", "Allow 198.51.100.0/24"),
            says="Who may use it?",
        ),
        Mistake(  # without a PidFile
            re.sub("PidFile.*\n", "", ipv6.proxy.solution).replace(
                "Allow 2001:db8::", "Allow 2001:db8:1::"
            ),
            says="the proxy's answer is 403",
        ),
        Mistake(  # a copy, and no proxy
            "mkdir -p /srv/copy\ncurl -s http://198.51.100.1/Release > /srv/copy/Release\n"
            "cat > /etc/nginx/copy.conf <<END\n"
            "pid /run/copy.pid;\nerror_log /dev/null;\nevents {}\n"
            f"http {{ access_log off; server {{ listen [{ipv6.ROUTER}]:8888; root /srv/copy; "
            f"}} }}\n"
            "END\nnginx -c /etc/nginx/copy.conf",
            says="A copy is no proxy",
            fix="start-stop-daemon --stop --quiet --oknodo --retry 5 --pidfile /run/copy.pid",
            fix_first=True,
        ),
        Mistake(  # for all the world, with the firewall open
            ipv6.proxy.solution.replace(f"Allow {ipv6.ON_LAN}\n", "") + "\n"
            "nft insert rule inet filter input tcp dport 8888 accept",
            says="the internet node may use it as well",
            fix=ipv6.firewall.solution,
        ),
    ],
}

ALSO_RIGHT = {
    ipv6.proxy: [
        Right(ipv6.proxy.solution.replace(f"Listen {ipv6.ROUTER}\n", "")),
        Right(  # nginx forwards as well
            "cat > /etc/nginx/forward.conf <<'END'\n"
            "pid /run/forward.pid;\nerror_log /dev/null;\nevents {}\n"
            "http { access_log off; server { listen [2001:db8::1]:8888;\n"
            "  allow 2001:db8::/64; deny all;\n"
            "  location / { proxy_pass http://198.51.100.1; } } }\n"
            "END\nnginx -c /etc/nginx/forward.conf",
            undo="start-stop-daemon --stop --quiet --oknodo --retry 5 --pidfile /run/forward.pid",
        ),
    ],
}
