"""The description of a VM in an OVA (OVF 1.0, DMTF DSP0243), as VirtualBox imports it."""

from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

_NAMESPACES = (
    'xmlns="http://schemas.dmtf.org/ovf/envelope/1" '
    'xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" '
    'xmlns:rasd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/'
    'CIM_ResourceAllocationSettingData" '
    'xmlns:vssd="http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/'
    'CIM_VirtualSystemSettingData" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)
_FORMAT = "http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"
# VirtualBox's word: any other gives an Intel card, for which a kernel for clouds has no driver
_NIC = "VirtioNet"
# CIM's numbers of kinds of hardware
_PROCESSOR, _MEMORY, _SATA, _ETHERNET, _DISK = 3, 4, 20, 10, 17


@dataclass(frozen=True)
class Machine:
    """The virtual machine in a description.

    :param name: its name in the hypervisor.
    :param disk: the name of the disk's file in the archive.
    :param disk_bytes: the size of that file.
    :param capacity: the size of the disk for the machine, in bytes.
    :param memory: its RAM, in MiB.
    :param processors: the number of its processors.
    """

    name: str
    disk: str
    disk_bytes: int
    capacity: int
    memory: int = 512
    processors: int = 1


def describe(machine: Machine) -> str:
    """The OVF document: a 64-bit Debian with a SATA disk and one NIC, by NAT."""
    name, disk = quoteattr(machine.name), quoteattr(machine.disk)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Envelope ovf:version="1.0" xml:lang="en-US" {_NAMESPACES}>
  <References>
    <File ovf:id="file1" ovf:href={disk} ovf:size="{machine.disk_bytes}"/>
  </References>
  <DiskSection>
    <Info>The disks of the machine</Info>
    <Disk ovf:diskId="disk1" ovf:fileRef="file1" ovf:capacity="{machine.capacity}"
          ovf:format="{_FORMAT}"/>
  </DiskSection>
  <NetworkSection>
    <Info>The networks of the machine</Info>
    <Network ovf:name="NAT"><Description>By which commands come in</Description></Network>
  </NetworkSection>
  <VirtualSystem ovf:id={name}>
    <Info>A machine of labkernel</Info>
    <OperatingSystemSection ovf:id="96">
      <Info>Debian GNU/Linux, 64-bit</Info>
      <Description>Debian_64</Description>
    </OperatingSystemSection>
    <VirtualHardwareSection>
      <Info>The hardware of the machine</Info>
      <System>
        <vssd:ElementName>Virtual Hardware Family</vssd:ElementName>
        <vssd:InstanceID>0</vssd:InstanceID>
        <vssd:VirtualSystemIdentifier>{escape(machine.name)}</vssd:VirtualSystemIdentifier>
        <vssd:VirtualSystemType>virtualbox-2.2</vssd:VirtualSystemType>
      </System>
{_hardware(machine)}
    </VirtualHardwareSection>
  </VirtualSystem>
</Envelope>
"""


def _hardware(machine: Machine) -> str:
    megabytes = [("AllocationUnits", "byte * 2^20"), ("VirtualQuantity", machine.memory)]
    items = [
        _item(1, _PROCESSOR, [("VirtualQuantity", machine.processors)]),
        _item(2, _MEMORY, megabytes),
        _item(3, _SATA, [("Address", 0), ("ResourceSubType", "AHCI")]),
        _item(4, _DISK, [("AddressOnParent", 0), ("HostResource", "/disk/disk1"), ("Parent", 3)]),
        _item(
            5,
            _ETHERNET,
            [("AutomaticAllocation", "true"), ("Connection", "NAT"), ("ResourceSubType", _NIC)],
        ),
    ]
    return "\n".join(items)


def _item(number: int, kind: int, more: list[tuple[str, object]]) -> str:
    """One piece of hardware; the schema wants its elements in the order of their names."""
    message = dict(more) | {
        "ElementName": f"item{number}",
        "InstanceID": number,
        "ResourceType": kind,
    }
    lines = [f"        <rasd:{name}>{message[name]}</rasd:{name}>" for name in sorted(message)]
    return "\n".join(["      <Item>", *lines, "      </Item>"])
