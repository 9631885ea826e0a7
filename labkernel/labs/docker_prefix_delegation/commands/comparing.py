"""Commands and files for the three ways."""

COMPARE = """\
each() { for i in $(seq 101 120); do echo $1$i; done; }
ask() { fping -q -C 1 -t 2000 $(each $1) 2>&1 | awk '$3 != "-" { n++; s += $3 }
  END { printf "%d of %d answered in %.2f ms", n, NR, n ? s / n : 0 }'; }
compare() {
  echo "$1: $(ask $2), again: $(ask $2)," \\
    "$(ip -6 neigh show dev lan0 | grep -c "^$2") neighbours"
}
ip -6 neigh flush dev lan0
compare routed  2001:db8:2000:8::
compare proxied 2001:db8:1000:0:d::
compare ndppd   2001:db8:1000:0:d:e:0:"""

VOLATILE = r"in (?P<time>[\d.]+) ms"
