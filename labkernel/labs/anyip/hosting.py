"""What it is good for: a thousand sites with an address each, and how fast they answer."""

from labkernel.checks import shows
from labkernel.labs.anyip import serving
from labkernel.labs.anyip.rates import plot_rates
from labkernel.labs.anyip.routing import STOP_NGINX
from labkernel.labs.anyip.topology import ROUTED, lab

sites = lab.step(
    "sites",
    "Give a thousand sites an address each",
    on="server",
    run="site-list 1000 2001:db8:100::/64 |\n"
    "  awk '{ print $1, $2 \";\" }' > /etc/nginx/sites/thousand.map\n"
    f"{STOP_NGINX}\n"
    "nginx\n"
    "wc -l < /etc/nginx/sites/thousand.map\n"
    "ip -6 -brief address show scope global",
    check=shows(
        "client",
        "curl --silent --globoff http://[2001:db8:100:0:1cda:d969:23bf:74]/",
        "where site1000.example lives",
        "what the last of them says",
    ),
    undo=f"rm /etc/nginx/sites/thousand.map\n{STOP_NGINX}\nnginx",
)

thousand = lab.step(
    "thousand",
    "Ask all thousand by name",
    on="client",
    run="site-list 1000 2001:db8:100::/64 >> /etc/hosts\n"
    'site-list 1000 2001:db8:100::/64 | awk \'{ print "url = http://" $2 "/" }\' |\n'
    "  curl --silent --parallel --config - > /tmp/answers\n"
    "grep site0001 /tmp/answers\n"
    "grep --count 'by the name \\(.*\\), where \\1 lives' /tmp/answers",
    check=serving.all_sites(1000, ROUTED),
    undo="sed --in-place '/[.]example$/d' /etc/hosts && rm /tmp/answers",
)

measure = lab.step(
    "measure",
    "Measure four ways to ask random addresses",
    on="client",
    run="ask() { random-addresses --seed 1 --count $2 2001:db8:100::/64 | measure-rate $1; }\n"
    "ask ping 200\n"
    "ask http 2000\n"
    "ask fping 20000\n"
    "ask raw 30000",
    check=serving.measured("ping", "http", "fping", "raw"),
    wrong="random-addresses --seed 1 --count 20 2001:db8:100::/64 | measure-rate ping",
    view=plot_rates,
    timeout=300,  # an emulated machine sends a hundred packets where a real one sends thousands
)
