"""Paths and names of the files that the nodes are given."""

from labkernel.labs.hitch.commands.certificates import site

#: where every server has the certificates that it was given, and where Hitch looks for them
ALL, CERTS = "/srv/certificates", "/etc/hitch/certs"
#: how many it was given, and how many of these the steps take
GIVEN, TAKEN = 1000, 500

CONF = "/etc/hitch/hitch.conf"

#: of the authority, on the client
CA = "/etc/ssl/lab.pem"


#: the certificate that gets another one's key
VICTIM, OTHER = site(7), site(8)
KEYS = f"""\
mkdir -p /root/keys
for number in 8 7 9; do
  openssl pkey -in {ALL}/site00000$number.example.pem > /root/keys/renewal-$((9 - number)).key
done"""

#: the certificate that is added while handshakes go on
ADDED = site(TAKEN + 1)
