"""Mistakes and other right answers of `steps.compressing`."""

from labkernel import Mistake, Right
from labkernel.labs import ceph_bluestore as ceph
from labkernel.labs.ceph_bluestore.commands.compressing import BLOBS

_SET, _, _REST = BLOBS.partition("\n")
_PUT = "rados -p text-zstd put object text"

MISTAKES = {
    ceph.blobs: [
        Mistake(_SET, says="write the text again", fix=f"{_SET.replace('65536', '0')}\n{_PUT}"),
        Mistake(_PUT, says="compression_min_blob_size is not set"),
        Mistake(
            f"ceph osd pool set text-zstd compression_max_blob_size 65536\n{_REST}",
            says="compression_min_blob_size is not set",
            fix="ceph osd pool set text-zstd compression_max_blob_size 0",
        ),
    ],
}

ALSO_RIGHT = {
    ceph.blobs: [
        Right(BLOBS.replace("65536", "131072")),
        Right(BLOBS.replace(_PUT, "rados -p text-zstd rm object\n" + _PUT)),
    ],
}
