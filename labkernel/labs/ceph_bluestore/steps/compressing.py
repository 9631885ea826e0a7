"""Compression of a pool, and what it saves."""

from labkernel.labs._ceph.view import CLUSTER
from labkernel.labs.ceph_bluestore.checks.compressing import compressed, in_big_blobs
from labkernel.labs.ceph_bluestore.commands.compressing import (
    BLOBS,
    COMPRESS,
    NO_BLOBS,
    NO_COMPRESSION,
)
from labkernel.labs.ceph_bluestore.topology import lab
from labkernel.labs.ceph_bluestore.views.compressing import plot

compress = lab.step(
    "compress",
    "Write text, zeros and random data to compressed pools",
    on="admin",
    run=COMPRESS,
    check=compressed,
    undo=NO_COMPRESSION,
    view=plot,
    observe=[CLUSTER],
)

blobs = lab.task(
    "blobs",
    "Compress the text to less than a quarter",
    on="admin",
    about="zstd could do more with the text in the pool text-zstd: it gets 8 KiB at a time, and "
    "what it saves counts in units of 4 KiB. Give it 64 KiB at a time, and write the text again.",
    solution=BLOBS,
    check=in_big_blobs,
    undo=NO_BLOBS,
    hint=[
        "A piece that is compressed as a whole is a blob. Its size is a setting of the pool.",
        "`ceph osd pool set text-zstd …` without a setting lists them; it is a minimum.",
        (
            "`ceph osd pool set text-zstd compression_min_blob_size 65536`; what is written "
            "stays as it is: `rados -p text-zstd put object text`."
        ),
    ],
)
