"""A forecast is by the method that was less off, and tells how far off it was."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from facilities.forecasting import Forecast, Method, forecast, seasonal_naive, smoothing


def mean(series: Sequence[int], held: int) -> list[float]:
    """A method: what was used in the mean until then."""
    return [sum(series[:at]) / at for at in range(len(series) - held, len(series) + 1)]


def test_demand_that_repeats_itself_each_year_is_told_by_the_year_before() -> None:
    year = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120]
    told = forecast(year * 2, 3, mean)
    assert told == Forecast(
        method=Method.SEASONAL_NAIVE,
        demand=(10.0, 20.0, 30.0),
        held=6,
        mae=0.0,
        baseline_mae=0.0,
        wape=0.0,
        mase=None,
    )


def test_a_method_that_is_less_off_than_the_baseline_is_used() -> None:
    restless = [10, 30, 10, 30, 10, 30, 10, 30, 20, 10, 30, 20, 20, 20]
    told = forecast(restless, 2, mean)
    assert told.method is Method.EXPONENTIAL_SMOOTHING
    assert told.mae is not None
    assert told.baseline_mae is not None
    assert told.mae < told.baseline_mae
    assert told.wape is not None
    assert told.mase is not None
    assert told.demand[0] == told.demand[1] == pytest.approx(20, abs=1)


def test_of_a_few_months_only_the_last_one_is_told_again() -> None:
    told = forecast([4, 7], 2, mean)
    assert (told.method, told.demand, told.held) == (Method.SEASONAL_NAIVE, (7.0, 7.0), 0)
    assert told.mae is told.wape is told.mase is None
    assert seasonal_naive([7], 0) == [7.0]


def test_without_use_there_is_nothing_to_divide_by() -> None:
    told = forecast([0] * 20, 1, mean)
    assert (told.demand, told.mae, told.wape, told.mase) == ((0.0,), 0.0, None, None)


def test_smoothing_beats_the_baseline_where_demand_has_a_level_and_no_season() -> None:
    pytest.importorskip("statsmodels", reason="the extra `forecast` is not installed")
    smooth = smoothing()
    assert smooth is not None
    noise = [3, -5, 8, -2, 6, -7, 1, 4, -6, 9, -3, 0, -8, 5, 2, -4, 7, -1, -9, 6, 3, -2, 8, -5]
    told = forecast([100 + each for each in noise], 1, smooth)
    assert told.method is Method.EXPONENTIAL_SMOOTHING
    assert told.demand[0] == pytest.approx(100, abs=5)
    assert forecast([5] * 24, 1, smooth).demand == (5.0,)
