"""Commands and files for the containers' firewall."""

GUARD = """\
ip6tables -P FORWARD ACCEPT
ip6tables -F FORWARD
ip6tables -A FORWARD -o docker0 -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
ip6tables -A FORWARD -o docker0 -p ipv6-icmp -j ACCEPT
ip6tables -A FORWARD -o docker0 -p tcp --dport 80 -j ACCEPT
ip6tables -A FORWARD -o docker0 -j REJECT"""
