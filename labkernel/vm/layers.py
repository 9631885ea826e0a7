"""Which image has a kernel, and all that another one has."""

from labkernel import images

_KERNEL = "vm"


def bootable(name: str) -> str:
    """The name of the image that boots by itself and has what the image of that name has.

    :raises ImageError: there is no image of that name.
    """
    chain = [each.name for each in images.find(name).chain]
    if any(each.partition("-on-")[0] == _KERNEL for each in chain):
        return name
    return _KERNEL if name == images.find(_KERNEL).chain[-2].name else f"{_KERNEL}-on-{name}"
