"""Commands: pools with compression, and their sizes."""

COMPRESS = """\
for what in text zeros random; do
  for how in none snappy zstd; do
    echo osd pool create $what-$how 1
    echo osd pool application enable $what-$how lessons
    [ $how = none ] && continue
    echo osd pool set $what-$how compression_mode force
    echo osd pool set $what-$how compression_algorithm $how
  done
done | ceph > /dev/null 2>&1
seq 500000 > text
head -c 4M /dev/zero > zeros
head -c 4M /dev/urandom > random
for what in text zeros random; do
  for how in none snappy zstd; do rados -p $what-$how put object $what; done
done
df='ceph df detail -f json'
all=$((3 * $(cat text zeros random | wc -c)))
until $df | jq -e "[.pools[1:][].stats.stored] | add == $all" > /dev/null; do sleep 0.5; done
$df | jq -r '.pools[1:][] | [.name, .stats.stored, .stats.bytes_used,
  .stats.compress_bytes_used, .stats.compress_under_bytes] | map(tostring) | join(" ")'"""

NO_COMPRESSION = """\
for pool in {text,zeros,random}-{none,snappy,zstd}; do
  echo osd pool rm $pool $pool --yes-i-really-really-mean-it
done | ceph > /dev/null 2>&1"""

# each OSD takes the setting from the map, which reaches one before the other
BLOBS = """\
ceph osd pool set text-zstd compression_min_blob_size 65536
epoch=$(ceph osd dump -f json | jq .epoch)
for osd in {0..3}; do
  until [ $(ceph tell osd.$osd status | jq -r .newest_map) -ge $epoch ]; do sleep 0.1; done
done
rados -p text-zstd put object text"""
NO_BLOBS = """\
ceph osd pool set text-zstd compression_min_blob_size 0
rados -p text-zstd put object text"""
