"""Usual mistakes and other right answers: the repository and its proxy."""

import re

from labkernel import Mistake
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
    ],
}
