"""Runs the machines that are registered with VirtualBox.

Every operation on a running machine is here: it is the only part that needs VirtualBox's driver.
The tests replace it by one that boots the same disks in QEMU.
"""

from labkernel.backends.virtualbox import diagnostics, processes
from labkernel.backends.virtualbox.vboxmanage import NoAnswer, Refused, VBoxManage
from labkernel.errors import BackendError

#: seconds in which a machine that works ends, also on a busy computer
_POWER_OFF = 30.0


class Hypervisor:
    """VirtualBox's own."""

    def require(self, manage: VBoxManage) -> None:
        """Raise BackendUnavailable, with the remedy, if no machine could be started here."""
        diagnostics.require_driver(manage.version())

    def start(self, manage: VBoxManage, uuid: str) -> None:
        """Start a registered machine, without a window.

        :raises BackendUnavailable: this computer can't; with the remedy.
        :raises BackendError: this machine can't.
        """
        try:
            manage.run("startvm", uuid, "--type", "headless")
        except Refused as error:
            raise diagnostics.explain(error, manage.version()) from None

    def stop(self, manage: VBoxManage, uuid: str) -> None:
        """End a machine as if its power failed; does nothing if it does not run."""
        try:
            if uuid in manage.running():
                manage.within(_POWER_OFF).run("controlvm", uuid, "poweroff")
        except Refused as error:
            if not (error.unknown or error.busy):
                raise
        except NoAnswer:
            self.kill(uuid)

    def kill(self, uuid: str) -> None:
        """End the process of a machine, whatever VirtualBox's server does; under Linux alone."""
        processes.kill(uuid)

    def set_link(self, manage: VBoxManage, uuid: str, nic: int, plugged: bool) -> None:
        """Pull the cable of a NIC of a machine that runs, or put it back.

        :param nic: from 1.
        """
        manage.run("controlvm", uuid, f"setlinkstate{nic}", "on" if plugged else "off")

    def running(self, manage: VBoxManage) -> frozenset[str]:
        """The UUIDs of the machines that run."""
        return manage.running()

    def gone(self, manage: VBoxManage, uuid: str) -> str:
        """Why a machine that was started runs no more; empty while it does."""
        if uuid in manage.running():
            return ""
        try:
            state = manage.values("showvminfo", uuid).get("VMState", "unknown")
        except BackendError as error:
            return str(error)
        return f"VirtualBox says that it is in the state {state}"
