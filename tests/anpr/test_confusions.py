"""The measured table of what is taken for what."""

import pytest

from anpr.confusions import LEAST, OTHER_PROVINCE, UNKNOWN, confusions, doubt, measured

TABLE = UNKNOWN | {"8|8": 0.01, "3|3": 0.01, "8|B": 4.0, "8|3": 7.0, "桂|粤": 2.0}


def test_a_common_confusion_is_cheaper_than_a_rare_one_and_than_one_never_seen():
    table = confusions(TABLE)
    costs = [table.swapped(read, "8", 0.6) for read in ("B", "3", "4")]
    assert costs == sorted(costs)
    assert costs[0] >= LEAST


def test_the_surer_the_reading_the_dearer_the_mistake():
    table = confusions(TABLE)
    costs = [table.swapped("3", "8", sure) for sure in (0.5, 0.9, 0.99, 0.999, 1.0)]
    assert costs == sorted(costs)
    assert costs[3] == costs[4]
    assert doubt(0.5) == 0


def test_another_province_is_never_dear():
    table = confusions(TABLE)
    assert table.other_province("琼", "桂", 1.0) == OTHER_PROVINCE


def test_signs_lost_and_added_are_cheaper_in_pairs():
    table = confusions(TABLE)
    assert table.lost(0.7, of_a_pair=True) < table.lost(0.7)
    assert table.added(0.7, of_a_pair=True) < table.added(0.7)


def test_without_a_table_every_confusion_costs_the_same():
    table = confusions(UNKNOWN)
    assert table.swapped("3", "8", 0.6) == pytest.approx(table.swapped("B", "8", 0.6))


def test_the_committed_table_has_what_is_needed():
    table = measured().table
    assert set(UNKNOWN) <= set(table)
    assert all(0 <= table[f"{digit}|{digit}"] < 0.1 for digit in "0123456789")
