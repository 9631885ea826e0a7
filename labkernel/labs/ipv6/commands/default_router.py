"""Commands and files for the router lifetime."""

from labkernel.labs.ipv6.commands import edit_radvd

SILENT = edit_radvd("/AdvDefaultLifetime/d; s/AdvSendAdvert on;/&\\n  AdvDefaultLifetime 0;/")
LOUD = edit_radvd("/AdvDefaultLifetime/d")
