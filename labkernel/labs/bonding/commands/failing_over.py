"""Commands and files for failover."""

LOSS = r"(?P<received>\d+) received, (?P<loss>[\d.]+% packet loss), time (?P<time>\d+ms)"
LOSS += r"|packets lost: (?P<lost>\d+) of"

PULL = """\
active() { cat /sys/class/net/bond0/bonding/active_slave; }
received() { grep -c ttl= /tmp/ping; }
until ping -n -q -c 1 -w 30 2001:db8:b::1 > /dev/null 2>&1; do sleep 0.2; done
ping -n -i 0.02 -c 200 2001:db8:b::1 > /tmp/ping &
until (($(received) >= 50)) || ! kill -0 $! 2> /dev/null; do sleep 0.1; done
member=$(active)
echo pull $member
wait
echo "$member is $(cat /sys/class/net/$member/operstate), bond0 uses $(active)"
echo plug $member
grep received /tmp/ping"""
