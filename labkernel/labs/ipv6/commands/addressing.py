"""Commands and files for interface identifiers."""

AGAIN = "ip -6 address flush dev eth0 scope global\nrdisc6 -1 -q eth0"
