"""Commands and files for networkd and netplan."""

from labkernel.labs.bonding.topology import DECLARED, PLANNED

DECLARE = f"""\
mkdir -p /run/systemd/network
cat > /run/systemd/network/10-bond0.netdev <<END
[NetDev]
Name=bond0
Kind=bond
MACAddress={DECLARED}
[Bond]
Mode=active-backup
MIIMonitorSec=100ms
END
cat > /run/systemd/network/10-bond0-members.network <<END
[Match]
Name=eth[0-3]
[Network]
Bond=bond0
END
cat > /run/systemd/network/10-bond0.network <<END
[Match]
Name=bond0
[IPv6AcceptRA]
DHCPv6Client=always
[DHCPv6]
DUIDType=link-layer
END
ip link show bond0 >/dev/null 2>&1 && ip link del bond0
systemctl reload systemd-networkd
until [ "$(wc -w < /sys/class/net/bond0/bonding/slaves)" = 4 ]; do sleep 0.2; done 2>/dev/null
until ip -6 address show bond0 | grep -o '2001:db8:b::1.../128'; do sleep 0.2; done
cat /sys/class/net/bond0/address"""

UNDECLARE = """\
rm -f /run/systemd/network/10-bond0*
systemctl reload systemd-networkd"""

# networkd lets go of the bond first: told of both at once, it may take the new one for the old
PLAN = f"""\
rm -f /run/systemd/network/10-bond0*
ip link del bond0
systemctl reload systemd-networkd
cat > /etc/netplan/10-bond0.yaml <<END
network:
  version: 2
  renderer: networkd
  ethernets:
    members: {{match: {{name: 'eth[0-3]'}}}}
  bonds:
    bond0:
      interfaces: [members]
      macaddress: {PLANNED}
      parameters: {{mode: active-backup, mii-monitor-interval: 100}}
      dhcp4: true
      dhcp-identifier: mac
END
chmod 600 /etc/netplan/10-bond0.yaml
netplan generate
cat /run/systemd/network/10-netplan-bond0.netdev
systemctl reload systemd-networkd
until ip -4 address show bond0 2>&1 | grep -o '192.0.2.1..'; do sleep 0.2; done
cat /sys/class/net/bond0/address"""

UNPLAN = """\
rm -f /etc/netplan/10-bond0.yaml /run/systemd/network/10-netplan-*
systemctl reload systemd-networkd"""
