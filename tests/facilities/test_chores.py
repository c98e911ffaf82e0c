"""Chores: done every so often by the calendar that acts, and by no other."""

from __future__ import annotations

import threading

import pytest

from facilities.calendar import Calendar, Chore
from facilities.database import Database, Role
from facilities.service import Service

PATIENCE = 30.0


def a_calendar(database: Database, service: Service, *chores: Chore) -> Calendar:
    return Calendar(service, lambda: database.connect(Role.APP), list, [], chores)


def test_a_chore_is_done_again_and_again(database: Database, service: Service) -> None:
    done = threading.Semaphore(0)
    with a_calendar(database, service, Chore("sweeping", 0.02, done.release)):
        assert all(done.acquire(timeout=PATIENCE) for _ in range(3))


def test_a_chore_is_left_to_the_calendar_that_acts(database: Database, service: Service) -> None:
    acting, done = a_calendar(database, service), threading.Event()
    acting.run_due()
    other = a_calendar(database, service, Chore("sweeping", 60, done.set))
    other.run_due()
    other._do(Chore("sweeping", 60, done.set))
    assert not done.is_set()
    acting.stop()
    other.run_due()
    other._do(Chore("sweeping", 60, done.set))
    assert done.is_set()
    other.stop()


def test_a_chore_that_fails_is_told_and_tried_again(
    database: Database, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    tried = threading.Semaphore(0)

    def fail() -> None:
        tried.release()
        raise OSError("no broom")

    with a_calendar(database, service, Chore("sweeping", 0.02, fail)):
        assert all(tried.acquire(timeout=PATIENCE) for _ in range(2))
    assert "sweeping: failed, to be tried again" in caplog.text
