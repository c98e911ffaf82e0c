"""What will be used: the demand of months to come, by a simple method that has to earn its place.

1. Demand is what was used in each month, one after the other; a month without use counts as zero.
2. The baseline is naive and seasonal: what was used in the same month of the year before, or in the
   last month where there is no year before yet.
3. The method is simple exponential smoothing, by statsmodels, where that is installed (the extra
   ``forecast``).
4. Both are tried on the last months, each told in advance out of those before it, with what was
   learned before all of them. The method is used where its mean absolute error is the smaller one,
   else the baseline is.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import import_module
from typing import Any

SEASON = 12
"""Months after which demand repeats itself."""

HELD = 6
"""How many months are held back to try a method on (c)."""

LEAST = 6
"""How many months there must be before those, to learn anything from (c)."""

BEGINNING = 3
"""Of how many months the mean is what smoothing begins with (c)."""

Told = Callable[[Sequence[int], int], list[float]]
"""What a method tells of each of a series' last months, one month ahead, and of the next one. What
it is to learn it learns of the months before those."""


class Method(StrEnum):
    """How a forecast came about."""

    SEASONAL_NAIVE = "seasonal_naive"
    EXPONENTIAL_SMOOTHING = "exponential_smoothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """The demand of each month to come, and how far the method was off.

    Of the months that were held back (`held`): `mae`, the mean absolute error; `baseline_mae`, that
    of the baseline; `wape`, the sum of the errors over the sum of the demand; `mase`, the mean
    error over that of the baseline in the months before (Hyndman and Koehler 2006). They are None
    where there are too few months, or nothing to divide by.
    """

    method: Method
    demand: tuple[float, ...]
    held: int
    mae: float | None
    baseline_mae: float | None
    wape: float | None
    mase: float | None


def forecast(series: Sequence[int], months: int, method: Told | None = None) -> Forecast:
    """The demand of so many months after a series of one month or more.

    `method` is what is tried beside the baseline; without one, there is only that.
    """
    held = HELD if len(series) >= HELD + LEAST else 0
    off = _apart(seasonal_naive(series, held), series)
    told = None if method is None or not held else method(series, held)
    told_off = None if told is None else _apart(told, series)
    if told is not None and told_off is not None and sum(told_off) < sum(off):
        used, name = told_off, Method.EXPONENTIAL_SMOOTHING
        demand = (max(0.0, told[-1]),) * months
    else:
        used, name = off, Method.SEASONAL_NAIVE
        known = [*series]
        for _ in range(months):
            known.append(_naive(known))
        demand = tuple(map(float, known[len(series) :]))
    mae = _over(sum(used), held)
    return Forecast(
        method=name,
        demand=demand,
        held=held,
        mae=mae,
        baseline_mae=_over(sum(off), held),
        wape=_over(sum(used), sum(series[-held:])) if held else None,
        mase=_mase(series[: len(series) - held], mae),
    )


def seasonal_naive(series: Sequence[int], held: int) -> list[float]:
    """The baseline: the same month of the year before, or else the last month."""
    return [float(_naive(series[:at])) for at in range(len(series) - held, len(series) + 1)]


def _naive(series: Sequence[int]) -> int:
    return series[-SEASON] if len(series) >= SEASON else series[-1]


@cache
def smoothing() -> Told | None:
    """Simple exponential smoothing by statsmodels; None where that is not installed."""
    try:
        holtwinters: Any = import_module("statsmodels.tsa.holtwinters")
    except ImportError:
        return None

    def smoothed(series: Sequence[int], held: int) -> list[float]:
        begins = sum(series[:BEGINNING]) / len(series[:BEGINNING])

        def of(months: Sequence[int]) -> Any:
            return holtwinters.SimpleExpSmoothing(
                [*map(float, months)], initialization_method="known", initial_level=begins
            )

        with warnings.catch_warnings():
            # Where demand is all the same there is nothing to fit, and it says so at length.
            warnings.simplefilter("ignore")
            learned = of(series[: len(series) - held]).fit().params["smoothing_level"]
            fitted = of(series).fit(smoothing_level=learned, optimized=False)
            return [*map(float, fitted.fittedvalues[-held:]), float(fitted.forecast(1)[0])]

    return smoothed


def _apart(told: Sequence[float], series: Sequence[int]) -> list[float]:
    """By how much each of the last months was told wrong."""
    held = len(told) - 1
    last = series[len(series) - held :]
    return [abs(each - actual) for each, actual in zip(told, last, strict=False)]


def _mase(before: Sequence[int], mae: float | None) -> float | None:
    if mae is None:
        return None
    lag = SEASON if len(before) > SEASON else 1
    apart = [abs(before[at] - before[at - lag]) for at in range(lag, len(before))]
    return _over(mae, sum(apart) / len(apart))


def _over(numerator: float, denominator: float) -> float | None:
    return round(numerator / denominator, 4) if denominator else None
