"""Commands and files for the given address."""

# the slow cards are in another network namespace for two seconds
WAIT = """\
ip netns add late
for wait in 4 0.5; do
  ip link show bond0 >/dev/null 2>&1 && ip link del bond0
  ip link add bond0 type bond mode active-backup miimon 100
  for n in 0 2 3; do ip link set eth$n netns late; done
  (sleep 2; for n in 0 2 3; do ip -n late link set eth$n netns 1; done) &
  sleep $wait
  for n in 0 1 2 3; do ip link set eth$n down && ip link set eth$n master bond0; done 2>/dev/null
  echo "after sleep $wait bond0 is $(cat /sys/class/net/bond0/address)"
  wait
done
ip netns del late"""
