"""Commands and files for the repository and its proxy."""

from labkernel.labs._commands import stop, stop_all
from labkernel.labs.ipv6.topology import IPV4_ONLY, ON_LAN, ROUTER

STOP_NGINX, STOP_TINYPROXY = stop("/run/repository.pid"), stop_all("/usr/bin/tinyproxy")

REPOSITORY = f"""\
mkdir -p /srv/repository
echo 'Suite: trixie' > /srv/repository/Release
cat > /etc/nginx/repository.conf <<END
pid /run/repository.pid;
error_log /dev/null;
events {{}}
http {{
  access_log off;
  server {{ listen {IPV4_ONLY}:80; root /srv/repository; }}
}}
END
{STOP_NGINX}
nginx -c /etc/nginx/repository.conf"""

PROXY = f"""\
cat > /etc/tinyproxy.conf <<END
Port 8888
Listen {ROUTER}
Allow {ON_LAN}
Timeout 10
MaxClients 10
PidFile "/run/tinyproxy.pid"
LogFile "/var/log/tinyproxy.log"
END
{STOP_TINYPROXY}
tinyproxy -c /etc/tinyproxy.conf"""
