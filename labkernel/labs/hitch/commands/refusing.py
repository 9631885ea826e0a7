"""Commands: a certificate with another one's key, and unknown names."""

from labkernel.labs.hitch.commands.files import ALL, CERTS, CONF, OTHER, VICTIM
from labkernel.labs.hitch.commands.serving import RESTART, TEST

MIX = f"""\
cd {CERTS}
{{ openssl pkey -in {OTHER}.pem; openssl x509 -in {VICTIM}.pem; }} > /tmp/mixed
mv /tmp/mixed {VICTIM}.pem
{TEST}"""
UNMIX = f"ln -f {ALL}/{VICTIM}.pem {CERTS}/{VICTIM}.pem"

PAIR = f"""\
cd {CERTS}
wanted=$(openssl x509 -in {VICTIM}.pem -noout -pubkey)
for key in /root/keys/*; do
  if [ "$(openssl pkey -in $key -pubout)" = "$wanted" ]; then found=$key; fi
done
{{ cat $found; openssl x509 -in {VICTIM}.pem; }} > /tmp/pair
mv /tmp/pair {VICTIM}.pem"""

UNKNOWN = "unknown.example"
_NO_ABORT = f"sed -i '/^sni-nomatch-abort/d' {CONF}"
ABORT = f"{_NO_ABORT}\necho 'sni-nomatch-abort = on' >> {CONF}\n{RESTART}"
DO_NOT_ABORT = f"{_NO_ABORT}\n{RESTART}"
