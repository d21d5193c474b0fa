"""Damage anywhere in a ledger file: no comment is sent again for it, and no answer is wrong. `make soak` has more."""

import damage
import platformdirs
import pytest


@pytest.mark.parametrize("kind", damage.KINDS)
def test_no_damage_sends_a_comment_again_or_changes_an_answer(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(platformdirs, "user_state_path", lambda *_, **__: tmp_path / "state")

    found = damage.damaged(tmp_path / "kept", damage.KINDS[kind], 40, seed=5)

    assert found[damage.SENT_AGAIN] == found[damage.WRONG] == 0
    assert found[damage.REFUSED_OPENING] > 0
    assert found[damage.REFUSED_READING] > 0
