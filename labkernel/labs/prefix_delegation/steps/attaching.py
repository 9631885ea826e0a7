"""AnyIP: a whole /64 of the prefix for one machine."""

from labkernel.labs._attached import attached
from labkernel.labs.prefix_delegation.checks.attaching import led_within
from labkernel.labs.prefix_delegation.topology import ANYIP, NEXT_PC, lab

attach = lab.step(
    "attach",
    "Add a local route for another /64 on the PC",
    on="pc",
    run=f"ip -6 route replace local {ANYIP} dev lo",
    check=attached("pc", ANYIP),
    undo=f"ip -6 route del local {ANYIP} dev lo",
)

anyip = lab.task(
    "anyip",
    "Route that /64 to the PC",
    on="cpe",
    about="The ISP leads the whole /60 to the CPE. Make 2001:db8:2000:a::cafe answer the Internet, "
    "and every other address of that /64.",
    solution=f"ip -6 route replace {ANYIP} via {NEXT_PC}",
    check=led_within(ANYIP, "2001:db8:2000:a::cafe", NEXT_PC),
    undo=f"ip -6 route flush {ANYIP}",
    hint=[
        "How far does the packet come? `traceroute -n 2001:db8:2000:a::cafe` on internet.",
        "The CPE needs a route for this /64. The next hop is the PC's address on the LAN.",
        "`ip -6 route replace 2001:db8:2000:a::/64 via 2001:db8:2000:5::10`, on the CPE.",
    ],
)
