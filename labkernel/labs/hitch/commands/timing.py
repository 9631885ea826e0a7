"""The program that times a start: given to every server as /usr/local/bin/time-start."""

from labkernel.labs.hitch.commands.certificates import site

PATH = "/usr/local/bin/time-start"

PROGRAM = rf"""#!/bin/bash
# time-start STACK NUMBER...: how long STACK takes from its start until a TLS handshake gives the
# last of NUMBER certificates, and what memory its processes have then (what they share, once).
# CERTIFICATES names another directory of them than /srv/certificates.
# STACK: hitch, haproxy, nginx (a server block for each), lazy (nginx, one block for all)
set -euo pipefail
here=/srv/time-start all=${{CERTIFICATES:-/srv/certificates}} at=[::1]:4433
stack=$1

configure_hitch() {{
    printf '%s = "%s"\n' frontend $at backend [::1]:80 pem-dir $here/pem user _hitch group _hitch
    echo 'workers = 1'
}}
start_hitch() {{ hitch --config=$here/conf --daemon --pidfile=$here/pid; }}

configure_haproxy() {{
    echo "defaults
            mode tcp
            timeout connect 5s
            timeout client 5s
            timeout server 5s
          listen tls
            bind $at ssl crt $here/pem
            server web [::1]:80"
}}
start_haproxy() {{ haproxy -D -f $here/conf -p $here/pid; }}

block() {{ echo "server {{ listen $at ssl; server_name $1; ssl_certificate $here/pem/$2.pem;
                  ssl_certificate_key $here/pem/$2.pem; }}"; }}
configure_nginx() {{
    echo "user root; pid $here/pid; events {{}} http {{ access_log off;
          server_names_hash_max_size 100000; server_names_hash_bucket_size 128;"
    ls $here/pem | sed "s/\.pem$//" | while read -r name; do block $name $name; done
    echo '}}'
}}
start_nginx() {{ nginx -c $here/conf; }}

configure_lazy() {{
    echo "user root; pid $here/pid; events {{}} http {{ access_log off;"
    block '~.' '$ssl_server_name'
    echo '}}'
}}
start_lazy() {{ start_nginx; }}

serves() {{
    openssl s_client -connect $at -servername $1 < /dev/null 2> /dev/null |
        grep -q "^subject=.*CN \?= \?$1$"
}}

memory() {{
    for pid in $1 $(pgrep -P $1); do cat /proc/$pid/smaps_rollup; done |
        awk '/^Pss:/ {{ kib += $2 }} END {{ print kib }}'
}}

end() {{
    if [ -s $here/pid ]; then
        pid=$(head -n 1 $here/pid)
        kill $pid && tail --pid=$pid -s 0.02 -f /dev/null
    fi
    rm -rf $here
}}
trap end EXIT

for number in ${{@:2}}; do
    last={site(0).replace("000000", "$(printf %06d $number)")}
    mkdir -p $here/pem
    ls $all | sed -n 1,${{number}}p | (cd $all && xargs ln -t $here/pem)
    configure_$stack > $here/conf
    began=${{EPOCHREALTIME/./}} until=$((SECONDS + 900))
    start_$stack 2> $here/log || {{ tail -n 1 $here/log; exit 1; }}
    until serves $last; do
        [ $SECONDS -lt $until ] || {{ echo "$stack does not serve $last"; exit 1; }}
        sleep 0.02
    done
    took=$(((${{EPOCHREALTIME/./}} - began) / 1000))
    printf '%s, %d certificates: %d.%03d s, %d KiB\n' $stack $number $((took / 1000)) \
        $((took % 1000)) $(memory $(head -n 1 $here/pid))
    end
done
"""

GIVE = f"cat > {PATH} <<'END'\n{PROGRAM}END\nchmod +x {PATH}"
