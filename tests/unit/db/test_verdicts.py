"""What several decisions come to: a table by hand, and a second reading of the rules on random sequences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.records import AnnotatorId, DecisionId, DecisionRole, PersonState, Verdict
from db.verdicts import Vote, weigh

ANNA, BOB, CLARA = AnnotatorId(1), AnnotatorId(2), AnnotatorId(3)


def votes(text: str) -> list[Vote]:
    """``A+`` Anna accepts, ``B-`` Bob rejects, ``C?`` a second look, ``A0`` reopened, ``C!+`` Clara rules."""
    verdicts: dict[str, Verdict] = {"+": "accept", "-": "reject", "?": "second_look", "0": "reopen"}
    people = {"A": ANNA, "B": BOB, "C": CLARA}
    found = []
    for number, word in enumerate(text.split(), 1):
        role: DecisionRole = "adjudication" if "!" in word else "review"
        reasons = (f"by_{word[0].lower()}",) if word[-1] == "-" else ()
        found.append(Vote(DecisionId(number), verdicts[word[-1]], role, people[word[0]], reasons))
    return found


@pytest.mark.parametrize(
    ("text", "alone", "by_two"),
    [
        ("", None, None),
        ("A+", "accepted", "in_review"),
        ("A+ A-", "rejected", "in_review"),
        ("A+ B+", "accepted", "accepted"),
        ("A- B-", "rejected", "rejected"),
        ("A+ B-", "rejected", "disputed"),
        ("A+ B- A-", "rejected", "rejected"),
        ("A+ B+ C-", "rejected", "disputed"),
        ("A+ B- C!+", "accepted", "accepted"),
        ("A+ B- A!-", "rejected", "rejected"),
        ("A+ B- C!+ A!-", "rejected", "rejected"),
        ("A+ B?", "second_look", "second_look"),
        ("A?", "second_look", "second_look"),
        ("A+ A? A-", "rejected", "in_review"),
        ("A+ A? B+", "accepted", "in_review"),
        ("A+ B+ A0", None, None),
        ("A+ B- C!+ A0 B+", "accepted", "in_review"),
    ],
)
def test_what_they_come_to(text: str, alone: PersonState | None, by_two: PersonState | None) -> None:
    assert weigh(votes(text), 1).state == alone
    assert weigh(votes(text), 2).state == by_two


def test_who_is_waited_for_and_what_must_not_be_known() -> None:
    once = weigh(votes("A-"), 2)
    assert (once.decided_by, once.reasons, once.secret) == (ANNA, (), {ANNA})
    assert not once.conflict
    aside = weigh(votes("A- B?"), 2)
    assert (aside.state, aside.reasons, aside.secret) == ("second_look", (), {ANNA})
    agreed = weigh(votes("A- B-"), 2)
    assert (agreed.decided_by, agreed.reasons, agreed.secret) == (BOB, ("by_a", "by_b"), frozenset())
    disputed = weigh(votes("A- B+"), 2)
    assert (disputed.reasons, disputed.conflict, disputed.secret) == (("by_a",), True, frozenset())
    ruled = weigh(votes("A- B+ C!+"), 2)
    assert (ruled.decided_by, ruled.reasons, ruled.conflict) == (CLARA, (), True)
    assert weigh(votes("A-"), 1).secret == frozenset()


WORDS = st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from(["+", "-", "?", "0", "!+", "!-"])), max_size=12)


@given(WORDS)
def test_the_rules_read_another_way_come_to_the_same(words: list[tuple[str, str]]) -> None:
    since = list(words)
    while any(what == "0" for _who, what in since):
        since = since[[what for _who, what in since].index("0") + 1 :]
    last = {who: what for who, what in since if "!" not in what}
    standing = {who: what for who, what in last.items() if what in "+-"}
    # A ruling holds until somebody decides anew after it.
    after = [what for _who, what in since if what != "?"]
    ruling = after[-1][-1] if after and "!" in after[-1] else None
    titles = {"+": "accepted", "-": "rejected"}
    if not since:
        expected = None
    elif since[-1][1] == "?":
        expected = "second_look"
    elif ruling is not None:
        expected = titles[ruling]
    elif len(set(standing.values())) == 2:
        expected = "disputed"
    elif len(standing) < 2:
        expected = "in_review"
    else:
        expected = titles[next(iter(standing.values()))]
    assert weigh(votes(" ".join(who + what for who, what in words)), 2).state == expected
