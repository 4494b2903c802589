"""The filter language: never fails, says what it does not understand, and comes back from its own text."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.services.errors import ServiceError
from app.services.where import EXAMPLES, KEYS, complete, parse_where, require_where, write_where
from app.services.where.words import HELP_OF
from db.conditions import NUMBER_KEYS, OPERATORS, Compare, Condition, Contains, OneOf
from db.records import PERSON_STATES, UNDECIDED_STATES

TEXTS = st.text(min_size=1).filter(lambda text: bool(text.strip()))
FREE_KEYS = ("by", "dataset", "method")


def conditions() -> st.SearchStrategy[Condition]:
    numbers = st.floats(allow_nan=False, allow_infinity=False).map(lambda number: number + 0.0)
    words = st.lists(TEXTS, min_size=1, max_size=3, unique=True).map(tuple)
    states = st.lists(st.sampled_from(PERSON_STATES), min_size=1, unique=True).map(tuple)
    return st.one_of(
        st.builds(Compare, st.sampled_from(NUMBER_KEYS), st.sampled_from(OPERATORS), numbers, st.booleans()),
        st.builds(OneOf, st.sampled_from(FREE_KEYS), words, st.booleans()),
        st.builds(OneOf, st.just("state"), states, st.booleans()),
        st.builds(Contains, TEXTS, st.booleans()),
    )


@given(st.lists(conditions(), max_size=4).map(tuple))
def test_what_is_written_is_parsed_again(wanted: tuple[Condition, ...]) -> None:
    where = parse_where(write_where(wanted))
    assert where.problems == ()
    assert where.conditions == wanted


@given(st.text(alphabet=st.sampled_from('abstate:rms<>=,"\\- .3e\n')) | st.text())
def test_no_text_is_too_odd(text: str) -> None:
    where = parse_where(text)
    for clause in where.clauses:
        assert text[clause.start : clause.end] == clause.source
        assert (clause.condition is None) == bool(clause.problem)
    between = [text[a.end : b.start] for a, b in zip(where.clauses, where.clauses[1:], strict=False)]
    assert all(gap and gap.isspace() for gap in between)
    for cursor in range(len(text) + 1):
        for completion in complete(text, cursor, {"by": ("Ann",)}):
            assert completion.start <= completion.end == cursor


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("state:fitted,stale", OneOf("state", ("fitted", "stale"))),
        ("-state:undecided", OneOf("state", UNDECIDED_STATES, negated=True)),
        ("loss>3e-4", Compare("loss", ">", 3e-4)),
        ("rms<=10", Compare("rms", "<=", 10.0)),
        ("beta=2", Compare("beta", "=", 2.0)),
        ("reason:swap,other", OneOf("reason", ("left_right", "other"))),
        ('by:"Anna B",bob', OneOf("by", ("Anna B", "bob"))),
        ("suspect:swap", OneOf("suspect", ("swap",))),
        ("has:comment", OneOf("has", ("comment",))),
        ('"state:fitted"', Contains("state:fitted")),
        ("-000123", Contains("000123", negated=True)),
        ("000.jpg", Contains("000.jpg")),
        ('"left open', Contains("left open")),
        ("-", Contains("-")),
    ],
)
def test_words_mean_what_they_say(text: str, condition: Condition) -> None:
    assert parse_where(text).conditions == (condition,)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "staet:fitted",
            "'staet:fitted': there is no key 'staet'; did you mean state? Quotes make it a text to search",
        ),
        ("http://x", "there is no key 'http'; the keys are state, "),
        ("state:acepted", "'state:acepted': state is never 'acepted'; did you mean accepted?"),
        ("state:", "'state:' has no value; write one behind the colon, such as state:unfittable."),
        ("state>3", "'state>3': state is no number; write state:unfittable."),
        ("rms:3", "'rms:3': rms is a number; write rms>1 or rms<=1."),
        ("rms>ten", "'rms>ten': 'ten' is no number; write one behind the >, such as rms>1."),
        ("rms>nan", "'nan' is no number"),
        ('""', "holds no text to search for"),
    ],
)
def test_a_word_that_is_not_understood_is_named_with_the_cure(text: str, sentence: str) -> None:
    where = parse_where(f"{text} rms>3")
    assert len(where.problems) == 1
    assert sentence in where.problems[0]
    assert where.conditions == (Compare("rms", ">", 3.0),)
    with pytest.raises(ServiceError, match="'"):
        require_where(text)


def test_every_example_and_every_named_value_is_understood() -> None:
    for text, _meaning in EXAMPLES:
        assert require_where(text)
    for row in KEYS:
        for value in row.values:
            assert require_where(f"{row.key}:{value}")


def test_completion_offers_keys_then_values_that_are_not_taken() -> None:
    def offered(text: str) -> list[str]:
        return [completion.text for completion in complete(text, len(text), {"by": ("Anna B", "bob")})]

    assert offered("sta") == ["state:"]
    assert offered("rms>3 -susp") == ["suspicion>", "suspect:"]
    assert offered("state:acc") == ["accepted"]
    assert "stale" not in offered("state:stale,")
    assert offered("by:") == ['"Anna B"', "bob"]
    assert offered("by:B") == ["bob"]
    assert offered("") == offered("rms>3 ") == []
    (completion,) = complete("state:acc rms>3", 9, {})
    assert "state:acc rms>3"[: completion.start] + completion.text == "state:accepted"


def test_limits_are_numbers_and_words_belong_to_keys() -> None:
    assert {row.key for row in KEYS if row.is_number} == set(NUMBER_KEYS)
    assert all(math.isfinite(Compare("rms", ">", 3.0).limit) for _ in HELP_OF)
