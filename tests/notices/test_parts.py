"""A letter in parts: nothing is lost, nothing is too long, and every part says what it belongs to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from duban.notices.letter import Letter
from duban.notices.parts import MOST_PARTS, parts_of, split, weight
from duban.notices.wording import write_letter
from tests.notices import samples
from tests.notices.samples import delivery

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=400)


@given(texts, st.integers(8, 300))
def test_a_text_is_split_without_loss_into_pieces_that_are_light_enough(text: str, most: int) -> None:
    pieces = list(split(text, most))
    assert all(weight(piece) <= most for piece in pieces)
    assert "".join(pieces).replace("\n", "") == text.replace("\n", "")


@given(texts, st.sampled_from([2048, 18_000]))
def test_every_part_is_light_enough_whatever_people_typed(title: str, most: int) -> None:
    long_one = samples.WRITTEN.model_copy(update={"task_title": title * 5})
    what = delivery(*[long_one] * 5)
    parts = parts_of(what, write_letter(what), most_bytes=most, keyword="督办")
    assert 1 <= len(parts) <= MOST_PARTS
    assert all(weight(part) <= most for part in parts)
    assert all("编号" in part.partition("\n")[0] for part in parts)


@pytest.mark.parametrize("notices", [1, 20, 50])
def test_a_bundle_of_the_largest_size_keeps_the_number_of_every_notice(notices: int) -> None:
    what = delivery(*[samples.WRITTEN] * notices)
    said = "\n".join(parts_of(what, write_letter(what), most_bytes=2048))
    assert said.count("催办通知〔2016〕1号") >= notices


def test_what_has_no_room_even_in_lines_is_counted() -> None:
    what = delivery(*[samples.WRITTEN] * 300)
    letter = Letter(
        title="改革督办通知", text="长" * 10**5, recipient="市住房城乡建设局", dated_on=write_letter(what).dated_on
    )
    said = "\n".join(parts_of(what, letter, most_bytes=2048))
    assert "……另有" in said
