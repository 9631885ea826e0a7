"""Commands and files for the WAN's advertisements."""

from labkernel.labs.prefix_delegation.commands import START_RADVD, STOP_RADVD

RADVD_ISP = f"""\
cat > /etc/radvd.conf <<END
interface eth1 {{
  AdvSendAdvert on;
  MinRtrAdvInterval 3;
  MaxRtrAdvInterval 4;
  prefix 2001:db8:e::/64 {{ }};
}};
END
{STOP_RADVD}
{START_RADVD}"""
