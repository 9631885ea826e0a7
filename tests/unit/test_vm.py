"""What VMs are made from: the seed's CD, the description of an OVA, whether KVM works."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkernel import vm
from labkernel.errors import ImageError
from labkernel.vm import iso, kvm, ovf

_SECTOR = 2048


def _files(cd: bytes) -> dict[str, bytes]:
    """The files of a CD as its directory says, read by the standard's offsets (ECMA-119)."""
    volume = cd[16 * _SECTOR :]
    place = int.from_bytes(volume[158:162], "little") * _SECTOR
    found = {}
    while size := cd[place]:
        record = cd[place : place + size]
        name = record[33 : 33 + record[32]]
        start, length = (int.from_bytes(record[at : at + 4], "little") for at in (2, 10))
        assert start == int.from_bytes(record[6:10], "big")
        if name not in (b"\0", b"\1"):
            text = name.decode().removesuffix(";1").lower()
            found[text] = cd[start * _SECTOR :][:length]
        place += size
    return found


_names = st.text("abcdefghijklmnopqrstuvwxyz0123456789_", min_size=1, max_size=30)


@given(st.dictionaries(_names, st.binary(max_size=5000), max_size=8))
def test_a_cd_has_its_files(files: dict[str, bytes]) -> None:
    """Every file of a CD is found again by its directory, octet for octet."""
    cd = iso.image("LABKERNEL", files)
    assert _files(cd) == files
    assert len(cd) == int.from_bytes(cd[16 * _SECTOR + 80 :][:4], "little") * _SECTOR


@pytest.mark.parametrize("name", ["", "Upper", "ü", "a" * 31])
def test_a_name_that_a_cd_cannot_keep(name: str) -> None:
    """A name that would come back as another one is refused."""
    with pytest.raises(ValueError, match="can't be called"):
        iso.image("LABKERNEL", {name: b""})


def test_a_seed_has_the_name_and_keys() -> None:
    """The seed has the machine's name, the lab's public key and the machine's private one, never
    the private key that logs in."""
    keys = vm.Keys.new()
    cd = vm.Seed("alpha", keys).cd()
    files = _files(cd)
    assert cd[16 * _SECTOR + 40 :].startswith(b"LABKERNEL ")
    assert files["hostname"] == b"alpha\n"
    assert files["authorized_keys"].split()[1].decode() == keys.client.get_base64()
    assert files["host_key"].startswith(b"-----BEGIN EC PRIVATE KEY-----")
    assert cd.count(b"PRIVATE KEY-----") == 2
    assert keys.client.get_base64() != keys.host.get_base64()


def test_names_are_escaped() -> None:
    """A name with markup in it stays a name."""
    assert "<b>" not in ovf.describe(ovf.Machine("<b>", "a&b.vmdk", 1, 2))


def test_the_nic_is_one_that_the_kernel_has() -> None:
    """An OVA asks for a virtio card in VirtualBox's own word, with which its import (7.2.22) gives
    one; with "virtio" it gave an Intel 82540EM."""
    told = ovf.describe(ovf.Machine("vm", "vm.vmdk", 1, 2))
    assert "<rasd:ResourceSubType>VirtioNet</rasd:ResourceSubType>" in told


def test_kvm_is_tried_and_not_looked_for(tmp_path: Path) -> None:
    """A device that is there and is not KVM is not taken for it."""
    assert "there is no" in kvm.unusable_reason(str(tmp_path / "kvm"))
    assert kvm.unusable_reason("/dev/null").startswith("/dev/null makes no VM: ")


def test_kvm_without_the_cpu_is_no_kvm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the CPU has no virtualisation QEMU emulates, whatever the device says."""
    monkeypatch.setattr(kvm, "_cpu_helps", lambda: False)
    assert kvm.unusable_reason()
    assert kvm.accelerator() == "tcg,thread=multi"


def test_kvm_is_chosen_where_it_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing stands against KVM QEMU does not emulate; else it does."""
    monkeypatch.setattr(kvm, "unusable_reason", lambda: "")
    assert kvm.accelerator() == "kvm"
    monkeypatch.setattr(kvm, "unusable_reason", lambda: "no KVM")
    assert kvm.accelerator() == "tcg,thread=multi"


def test_a_format_that_nobody_knows(tmp_path: Path) -> None:
    """A file whose name ends otherwise is refused with the ends that there are."""
    with pytest.raises(ImageError, match=r"must end in \.qcow2, \.ova, \.vmdk, \.raw"):
        vm.export("vm", tmp_path / "vm.vdi")
