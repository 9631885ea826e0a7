"""Commands and files for the routed prefix."""

from labkernel.labs._commands import stop

STOP_NGINX = stop("/run/nginx.pid")
