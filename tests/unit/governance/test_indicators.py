"""Indicators, by the definitions of domain.md §2.3."""

from datetime import UTC, datetime, timedelta

import pytest

from server.governance.indicators import (
    AnswerFact,
    ClockFact,
    Entry,
    FlagFact,
    Indicator,
    Share,
    UnitIndicators,
    Weights,
    WhistleFact,
    find_median_hours,
    measure_accuracy,
    measure_clocks,
    measure_flags,
    measure_recurrence,
    measure_resolution,
    measure_satisfaction,
    rank_units,
    weigh,
    wilson_lower,
)

NOW = datetime(2026, 3, 2, tzinfo=UTC)
DAY = timedelta(days=1)


def clock(ref, due, ended=None, *, cancelled=False):
    return ClockFact(
        ref, "roads", NOW - 9 * DAY, NOW + due * DAY, None if ended is None else NOW + ended * DAY, cancelled
    )


def test_response_counts_what_was_answered_in_time_of_all_that_had_to_be_answered():
    share = measure_clocks(
        [
            clock("in time", -2, -3),
            clock("at the last moment", -2, -2),
            clock("late", -2, -1),
            clock("never", -2),
            clock("still time", 1),
            clock("recalled", -2, -1, cancelled=True),
        ],
        NOW,
    )
    assert [(entry.ref, entry.credit) for entry in share.entries] == [
        ("in time", 1),
        ("at the last moment", 1),
        ("late", 0),
        ("never", 0),
    ]
    assert share.listed == (("still time", "running"), ("recalled", "cancelled"))
    assert (share.numerator, share.denominator, share.value) == (2, 4, 0.5)


ANSWERS = [
    AnswerFact("1", "roads", "reached", "yes", "very_satisfied"),
    AnswerFact("2", "roads", "reached", "yes", "acceptable"),
    AnswerFact("3", "roads", "reached", "partly", "dissatisfied"),
    AnswerFact("4", "roads", "unreachable", None, None),
    AnswerFact("5", "roads", None, None, None),
]


def test_who_was_not_reached_is_listed_and_not_counted():
    share = measure_resolution(ANSWERS)
    assert (share.numerator, share.denominator) == (2, 3)
    assert share.listed == (("4", "unreachable"), ("5", "not_asked"))


@pytest.mark.parametrize(("acceptable", "numerator"), [(1.0, 2.0), (0.8, 1.8)])
def test_what_acceptable_is_worth_is_a_parameter(acceptable, numerator):
    share = measure_satisfaction(ANSWERS, acceptable)
    assert (share.numerator, share.denominator) == (numerator, 3)


def test_exempted_cases_are_shown_with_and_without():
    raw = measure_resolution(ANSWERS)
    adjusted = raw.without({"3", "4"})
    assert (raw.value, adjusted.value) == (2 / 3, 1.0)
    assert adjusted.listed == (*raw.listed, ("3", "exempted"))


def test_the_lower_end_of_wilson_tells_few_answers_from_many():
    assert wilson_lower(0, 0) is None
    assert wilson_lower(9, 10) == pytest.approx(0.5958, abs=1e-4)
    assert wilson_lower(90, 100) == pytest.approx(0.8256, abs=1e-4)
    assert wilson_lower(0, 10) == 0.0
    assert Share().value is None
    assert Share().lower is None


def whistle(ref, days, accuracy=None, building="3号楼", category="parking"):
    return WhistleFact(ref, "jinxiu", category, building, NOW + days * DAY, accuracy)


def test_a_whistle_is_accurate_or_not_once_it_is_known():
    share = measure_accuracy(
        [whistle("1", 0, "accurate"), whistle("2", 0, "wrong_unit"), whistle("3", 0), whistle("4", 0, "withdrawn")]
    )
    assert (share.numerator, share.denominator) == (1, 2)
    assert share.listed == (("3", "open"), ("4", "withdrawn"))


def test_a_matter_recurs_when_it_was_whistled_for_within_ninety_days():
    now = [whistle("again", 0), whistle("elsewhere", 0, building="4号楼"), whistle("old", 0, category="noise")]
    earlier = [whistle("first", -89), whistle("long ago", -91, category="noise")]
    share = measure_recurrence([*now, whistle("third", 5)], earlier)
    assert {entry.ref: entry.credit for entry in share.entries} == {"again": 1, "elsewhere": 0, "old": 0, "third": 1}


def test_the_median_is_of_those_that_ended():
    assert find_median_hours([]) is None
    assert find_median_hours([timedelta(hours=1), timedelta(hours=2), timedelta(hours=9)]) == 2


WEIGHTS = Weights(0.30, 0.35, 0.35, 1.0, 30)


def shares(response, resolution, satisfaction):
    names = (Indicator.RESPONSE, Indicator.RESOLUTION, Indicator.SATISFACTION)
    return dict(zip(names, (response, resolution, satisfaction), strict=True))


def test_three_rates_make_one_number_by_the_weights():
    half = Share((Entry("1", 1), Entry("2", 0)))
    whole = Share((Entry("1", 1),))
    assert weigh(shares(half, whole, whole), WEIGHTS) == pytest.approx(0.85)
    assert weigh(shares(half, whole, Share()), WEIGHTS) is None


def unit(name, satisfied, answered):
    entries = tuple(Entry(str(number), float(number < satisfied)) for number in range(answered))
    return UnitIndicators(name, {}, {Indicator.SATISFACTION: Share(entries)})


def test_units_with_fewer_than_thirty_answers_have_no_rank_and_one_case_does_not_turn_the_order():
    units = [unit("few", 29, 29), unit("many", 950, 1000), unit("some", 30, 30), unit("same", 30, 30)]
    assert rank_units(units, 30) == {"many": 1, "some": 2, "same": 2}
    assert rank_units([unit("none", 0, 0)], 0) == {}


def test_flags_that_are_not_known_are_listed():
    share = measure_flags([FlagFact("1", "roads", holds=True), FlagFact("2", "roads", holds=None)])
    assert (share.numerator, share.listed) == (1, (("2", "open"),))
