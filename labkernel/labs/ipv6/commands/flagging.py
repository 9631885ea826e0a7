"""Commands and files for the flags and lifetimes of a prefix."""

from labkernel.labs.ipv6.commands import edit_radvd
from labkernel.labs.ipv6.topology import ON_LAN

OFF = edit_radvd("s/AdvOnLink on/AdvOnLink off/")
ON = edit_radvd("s/AdvOnLink off/AdvOnLink on/")
OLD = edit_radvd("s/ AdvPreferredLifetime [^;]*;//; s/AdvAutonomous on;/& AdvPreferredLifetime 0;/")
YOUNG = edit_radvd("s/ AdvPreferredLifetime [^;]*;//g")

# What a redirect leaves is flushed here: once the prefix has a route of its own again, `ip` does
# not find it any more, and every later flush tries for 30 seconds.
REDIRECTED = f"""\
ip -6 route del {ON_LAN} dev eth0 2> /dev/null
ip -6 route flush cache
rdisc6 -1 -q eth0
ping -n -c 2 -i 0.3 2001:db8::2
ip -6 route get 2001:db8::2 | grep -o "^2001:db8::2 from :: dev eth0"
ip -6 route flush cache"""
