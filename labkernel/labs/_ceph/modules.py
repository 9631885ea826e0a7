"""The manager's modules, all but one of them empty.

A manager waits for each of its modules at its start, and one that is always on must not be missing
(MGR_MODULE_ERROR).  What a cluster of minutes has no use for is there without content.
"""

#: where they are, beside those of Ceph
MODULES = "/usr/share/ceph/mgr-few"

#: the command that makes the directory
FEW_MODULES = f"""\
mkdir -p {MODULES} && cd {MODULES} && ln -sf ../mgr/*.py ../mgr/status .
for each in ../mgr/*/; do
  name=$(basename $each)
  [ -e $name ] && continue
  mkdir $name
  printf 'from .module import Module\\n' > $name/__init__.py
  printf 'from mgr_module import MgrModule\\n\\n\\nclass Module(MgrModule):\\n' > $name/module.py
  printf '    NOTIFY_TYPES = []\\n' >> $name/module.py
done"""
