"""Commands and files for a thousand sites and their rates."""

from labkernel.labs.anyip.commands.routing import STOP_NGINX

SITES = (
    "site-list 1000 2001:db8:100::/64 |\n"
    "  awk '{ print $1, $2 \";\" }' > /etc/nginx/sites/thousand.map\n"
    f"{STOP_NGINX}\n"
    "nginx\n"
    "wc -l < /etc/nginx/sites/thousand.map\n"
    "ip -6 -brief address show scope global"
)

THOUSAND = (
    "site-list 1000 2001:db8:100::/64 >> /etc/hosts\n"
    'site-list 1000 2001:db8:100::/64 | awk \'{ print "url = http://" $2 "/" }\' |\n'
    "  curl --silent --parallel --config - > /tmp/answers\n"
    "grep site0001 /tmp/answers\n"
    "grep --count 'by the name \\(.*\\), where \\1 lives' /tmp/answers"
)

MEASURE = (
    "ask() { random-addresses --seed 1 --count $2 2001:db8:100::/64 | measure-rate $1; }\n"
    "ask ping 200\n"
    "ask http 2000\n"
    "ask fping 20000\n"
    "ask raw 30000"
)
