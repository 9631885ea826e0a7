# The least by hand, as root: a system for nodes, two nodes on a cable, and a packet that was answered.
set -e
mmdebstrap --quiet --variant=minbase --include="$1" --aptopt='Acquire::Check-Valid-Until "false"' \
    --keyring=/usr/share/keyrings/debian-archive-keyring.gpg trixie "$3" "$2"
for node in alpha bravo; do
    ip netns add $node
    ip -n $node link set lo up
done
ip -n alpha link add eth0 type veth peer name eth0 netns bravo
ip -n alpha address add 2001:db8::1/64 dev eth0 nodad
ip -n bravo address add 2001:db8::2/64 dev eth0 nodad
ip -n alpha link set eth0 up
ip -n bravo link set eth0 up
ip netns exec alpha chroot "$3" ping -c 1 2001:db8::2
