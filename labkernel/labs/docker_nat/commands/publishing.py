"""Commands and files for the published port."""

PUBLISH = """\
ip6tables -t nat -F PREROUTING
ip6tables -t nat -A PREROUTING -i eth0 -p tcp --dport 8080 \\
  -j DNAT --to-destination [fd00::242:ac11:2]:80"""
