"""From the network's output to texts: compared with summing over every path."""

import itertools

import numpy as np
import pytest

from anpr.ctc import certainties, likeliest


def collapsed(path: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(code for code, _ in itertools.groupby(path) if code)


def test_the_search_finds_the_probabilities_that_all_paths_sum_to():
    rng = np.random.default_rng(5)
    probabilities = rng.dirichlet(np.ones(4), 6)
    sums: dict[tuple[int, ...], float] = {}
    for path in itertools.product(range(4), repeat=6):
        chance = np.prod([probabilities[step, code] for step, code in enumerate(path)])
        sums[collapsed(path)] = sums.get(collapsed(path), 0.0) + float(chance)
    found = likeliest(probabilities, width=2000, floor=0.0)
    assert dict(found) == pytest.approx(sums)
    assert [codes for codes, _ in found][:5] == sorted(sums, key=sums.get, reverse=True)[:5]


def test_repeated_characters_need_a_blank_between():
    steps = np.eye(3)[[1, 1, 0, 1, 2, 2]]
    assert likeliest(steps) == [((1, 1, 2), 1.0)]


def test_each_character_is_as_sure_as_its_own_steps():
    steps = np.array([[0.1, 0.9, 0.0], [0.6, 0.4, 0.0], [0.3, 0.1, 0.6], [0.9, 0.0, 0.1]])
    assert certainties(steps, (1, 2)) == pytest.approx((0.9, 0.6))
    assert certainties(steps, ()) == ()


def test_of_what_no_path_says_likely_one_text_is_given_quickly():
    steps = np.full((96, 40), 0.5 / 39)
    steps[:, 0] = 0.5
    steps[40, :2] = steps[40, 1::-1]
    assert likeliest(steps) == [((1,), pytest.approx(0.5**96))]
