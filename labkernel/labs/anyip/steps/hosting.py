"""A thousand sites with an address each, and how fast they answer."""

from labkernel.checks import shows
from labkernel.labs.anyip.checks.hosting import all_sites, measured
from labkernel.labs.anyip.commands.hosting import MEASURE, SITES, THOUSAND
from labkernel.labs.anyip.commands.routing import STOP_NGINX
from labkernel.labs.anyip.topology import ROUTED, lab
from labkernel.labs.anyip.views.hosting import plot_rates

sites = lab.step(
    "sites",
    "Assign an address to each of a thousand sites",
    on="server",
    run=SITES,
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
    "Fetch all thousand sites by name",
    on="client",
    run=THOUSAND,
    check=all_sites(1000, ROUTED),
    undo="sed --in-place '/[.]example$/d' /etc/hosts && rm /tmp/answers",
)

measure = lab.step(
    "measure",
    "Measure four ways to reach random addresses",
    on="client",
    run=MEASURE,
    check=measured("ping", "http", "fping", "raw"),
    wrong="random-addresses --seed 1 --count 20 2001:db8:100::/64 | measure-rate ping",
    view=plot_rates,
    timeout=300,  # an emulated machine sends a hundred packets where a real one sends thousands
)
