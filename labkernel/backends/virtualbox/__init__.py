"""The VirtualBox backend: each node is a virtual machine, under Linux, macOS and Windows.

::

    import once      the OVA of an image becomes a base machine with a snapshot (imports.py)
    for each node    a linked clone of it, its NICs on the lab's internal networks, and one by NAT
                     whose port on 127.0.0.1 leads to the node's SSH server (clones.py)
    at the end       what the lab's record names is unregistered, and nothing else (cleanup.py)

``vboxmanage.py`` runs VBoxManage, ``records.py`` has what is written down about a running lab,
``directories.py`` has the paths of all files, and ``diagnostics.py`` explains VirtualBox's errors.
"""
