"""Commands and files for NAT of the source."""

ASK = "docker exec web wget -q -T 3 -O - http://[2001:db8:f::1]/"

RULE = """\
ip6tables -t nat -F POSTROUTING
ip6tables -t nat -A POSTROUTING -s fd00::/64 ! -o docker0 -j MASQUERADE"""
