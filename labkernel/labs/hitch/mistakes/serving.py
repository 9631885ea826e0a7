"""Mistakes and other right answers of `steps.serving`."""

from labkernel import Mistake
from labkernel.labs import hitch
from labkernel.labs.hitch.commands.files import CONF
from labkernel.labs.hitch.commands.serving import CONFIGURE, NO_SERVER, START, TAKE

MISTAKES = {
    hitch.configure: [
        Mistake("true", says="Unable to open configuration file"),
        Mistake(
            f"sed 's/pem-dir/pem_dir/' <<'X' > {CONF}\n{CONFIGURE}\nX",
            says="Parsing error",
            fix=f"rm {CONF}",
        ),
    ],
    hitch.second: [
        Mistake("true", says="Hitch does not run on bookworm"),
        Mistake(
            f"{TAKE}\n{CONFIGURE}\nsed -i 's/:443/:4443/' {CONF}\n{START}",
            says="bookworm listens on [::]:4443",
            fix=NO_SERVER,
        ),
        Mistake(
            f"{TAKE.replace('1,500p', '1,400p')}\n{CONFIGURE}\n{START}",
            says="it gives that of site000001.example",
            fix=NO_SERVER,
        ),
        Mistake(f"{TAKE}\n{CONFIGURE}\n", says="Start it: --config, --daemon", fix=NO_SERVER),
    ],
}
