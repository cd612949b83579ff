"""The counting of the year, at the edges of its classes."""

from datetime import date, timedelta

import pytest

from havn_embedded.demonstration.counts import ChildStay, ResidentStay, Tables, counted


def stay(admitted_on: date, moved_out_on: date | None, home: str = "0101", *children: ChildStay) -> ResidentStay:
    return ResidentStay(home, admitted_on, moved_out_on, "family", False, False, children)


def child(birth_month: str, arrived_on: date, left_on: date | None) -> ChildStay:
    return ChildStay(birth_month, arrived_on, left_on, "family", True, False)


def count(*stays: ResidentStay) -> Tables:
    return counted(2024, 1, {}, stays)


@pytest.mark.parametrize(
    ("days", "row"),
    [
        (29, "1-to-29"),
        (30, "30-to-89"),
        (89, "30-to-89"),
        (90, "90-to-179"),
        (179, "90-to-179"),
        (180, "180-to-269"),
        (269, "180-to-269"),
        (270, "270-to-366"),
        (366, "270-to-366"),
        (367, "over-366"),
    ],
)
def test_the_length_of_a_stay_falls_into_one_class(days: int, row: str) -> None:
    out = date(2024, 6, 1)
    assert count(stay(out - timedelta(days=days), out))["stay-days"] == {row: 1}


@pytest.mark.parametrize(
    ("code", "row"),
    [
        ("0101", "copenhagen"),
        ("0157", "elsewhere-in-hovedstaden"),
        ("0270", "elsewhere-in-hovedstaden"),
        ("0400", "elsewhere-in-hovedstaden"),
        ("0253", "other-region"),
        ("0265", "other-region"),
        ("0306", "other-region"),
        ("0461", "other-region"),
    ],
)
def test_a_municipality_lies_in_one_region(code: str, row: str) -> None:
    assert count(stay(date(2024, 5, 1), date(2024, 6, 1), code))["home-region"] == {row: 1}


@pytest.mark.parametrize(
    ("birth_month", "row"),
    [("2024-05", "0-to-2"), ("2021-06", "0-to-2"), ("2021-05", "3-to-5"), ("2018-05", "6-to-9"), ("2014-05", "10-and-over")],
)
def test_a_child_is_as_old_as_on_its_arrival(birth_month: str, row: str) -> None:
    arrived, left = date(2024, 5, 20), date(2024, 6, 1)
    assert count(stay(arrived, left, "0101", child(birth_month, arrived, left)))["children-age"] == {row: 1}


@pytest.mark.parametrize(
    ("admitted_on", "moved_out_on", "there", "gone"),
    [
        (date(2023, 1, 1), date(2023, 12, 31), 0, 0),
        (date(2023, 1, 1), date(2024, 1, 1), 1, 1),
        (date(2024, 12, 31), None, 1, 0),
        (date(2024, 1, 1), date(2024, 12, 31), 1, 1),
        (date(2024, 1, 1), date(2025, 1, 1), 1, 0),
        (date(2025, 1, 1), None, 0, 0),
    ],
)
def test_who_lived_there_in_the_year(admitted_on: date, moved_out_on: date | None, there: int, gone: int) -> None:
    tables = count(stay(admitted_on, moved_out_on))
    assert tables["lived-there"]["residents"] == there
    assert tables["moved-out"]["residents"] == gone


@pytest.mark.parametrize(
    ("admitted_on", "moved_out_on", "percent"),
    [
        (date(2023, 1, 1), None, 100.0),
        (date(2023, 1, 1), date(2024, 7, 2), 50.0),
        (date(2024, 7, 2), date(2025, 3, 1), 50.0),
    ],
)
def test_occupancy_counts_nights_of_the_year(admitted_on: date, moved_out_on: date | None, percent: float) -> None:
    assert count(stay(admitted_on, moved_out_on))["measures"]["occupancy-percent"] == percent


def test_only_children_who_moved_out_are_in_the_children_tables() -> None:
    arrived = date(2024, 2, 1)
    stays_on = stay(arrived, None, "0101", child("2020-01", arrived, None), child("2020-01", arrived, date(2024, 3, 1)))
    tables = count(stays_on)
    assert tables["lived-there"]["children"] == 2
    assert tables["moved-out"]["children"] == 1
    assert tables["children-psychology-during-stay"] == {"yes": 1}
