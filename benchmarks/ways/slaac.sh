# The network of the IPv6 lab by hand, until the client has an address of the router's prefix and
# reaches the internet node. Waits for what the kernel reports.
set -e
join() { # join NODE INTERFACE BRIDGE
    ip link add "$1-$2" type veth peer name "$2" netns "$1"
    ip link set "$1-$2" master "$3" up
    ip -n "$1" link set "$2" up
}
for bridge in wan lan; do
    ip link add $bridge type bridge mcast_snooping 0
    ip link set $bridge up
done
for node in internet router client laptop; do ip netns add $node; done
join internet eth0 wan
join router eth0 wan
join router eth1 lan
ip netns exec router sysctl -q -w net.ipv6.conf.all.forwarding=1
ip -n internet address add 2001:db8:f::1/64 dev eth0 nodad
ip -n router address add 2001:db8:f::2/64 dev eth0 nodad
ip -n router address add 2001:db8::1/64 dev eth1 nodad
ip -n internet route add 2001:db8::/64 via 2001:db8:f::2
cat >/etc/radvd.conf <<END
interface eth1 {
  AdvSendAdvert on;
  MinRtrAdvInterval 5;
  MaxRtrAdvInterval 60;
  prefix 2001:db8::/64 { };
};
END
join client eth0 lan
join laptop eth0 lan
# an interface's first link-local address is detected, too, before a router can speak by it
usable() { # usable NODE INTERFACE SCOPE
    ip -n "$1" -6 address show dev "$2" scope "$3" -tentative | grep -q inet6
}
await() {
    exec 3< <(exec ip -n "$1" monitor address)
    local monitor=$!
    until usable "$@"; do read -r -u 3; done
    kill $monitor
    exec 3<&-
}
await router eth1 link
ip netns exec router radvd --pidfile /run/radvd.pid
await client eth0 global
ip netns exec client ping -n -q -c 1 2001:db8:f::1 >/dev/null
