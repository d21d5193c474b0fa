"""Whatever was lost, written by hand or sent by other jobs: what is sure was applied by the uncertain sending."""

from hypothesis import event, given, settings
from hypothesis import strategies as st
from settling_stories import Story

stories = st.randoms(use_true_random=False).map(Story)


@settings(max_examples=40)
@given(story=stories)
def test_what_is_sure_was_applied_and_is_what_is_marked(story):
    found = story.settle(before=story.before, mark=True)

    comments = story.first[found["row"].to_numpy()]
    is_sure = (found["grade"] == "sure").to_numpy()
    event(f"any is sure: {is_sure.any()}")
    assert set(comments.tolist()) == story.uncertain
    assert set(comments[is_sure].tolist()) <= story.applied
    assert found["marked"].tolist() == is_sure.tolist()
    # One comment settles one row, and those that repeat it.
    settled = found.assign(comment=comments)[is_sure].drop_duplicates("comment")
    assert not settled.duplicated(["kind", "lead", "comment_id"]).any()
    assert story.settle(before=story.before)["row"].tolist() == found["row"][~is_sure].tolist()


@settings(max_examples=10)
@given(story=stories)
def test_nothing_is_sure_without_a_journal_from_before(story):
    assert not (story.settle()["grade"] == "sure").any()
