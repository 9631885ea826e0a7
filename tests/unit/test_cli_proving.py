"""The exit code of `labkernel prove`, of several labs."""

import pytest
from click.testing import CliRunner

from labkernel.cli import proving
from labkernel.cli.proving import LabProof

_CASE = {"proved": True, "skip_reason": ""}
_PROOFS = {
    "start": LabProof("start", cases=[_CASE]),
    "anyip": LabProof("anyip", cases=[_CASE | {"proved": False}]),
    "hitch": LabProof("hitch", why="no images", unavailable=True),
}


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["start"], 0),
        (["start", "hitch"], 3),
        (["start", "anyip"], 1),
        (["hitch", "anyip"], 1),
    ],
)
def test_what_is_not_proved_outweighs_what_can_not_run(
    names: list[str], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One lab that is not proved gives 1, whatever else there is; 3 is that nothing worse is."""
    monkeypatch.setattr(proving, "_prove", lambda name, *_: _PROOFS[name])
    monkeypatch.setattr(proving, "_print", lambda _: None)
    done = CliRunner().invoke(proving.prove, names, standalone_mode=False)
    assert done.return_value == code
