"""eventsourcing's own test cases for recorders, run unmodified against ours."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from eventsourcing.persistence import AggregateRecorder
from eventsourcing.tests import persistence as published

from facilities.database import Database, Role
from facilities.ledger import Ledger
from facilities.recorder import LedgerRecorder


class _OnOurLedger:
    @pytest.fixture(autouse=True)
    def _ledger(self, database: Database) -> None:
        self.ledger = Ledger(database.pool(Role.APP))

    def new_originator_id(self) -> UUID:
        return uuid4()

    def create_recorder(self) -> LedgerRecorder:
        return self.ledger.recorder


class TestApplicationRecorder(_OnOurLedger, published.ApplicationRecorderTestCase):
    INITIAL_VERSION = 1

    def test_insert_subscribe(self) -> None:
        self.optional_test_insert_subscribe()


class TestProcessRecorder(_OnOurLedger, published.ProcessRecorderTestCase):
    INITIAL_VERSION = 1


class TestTrackingRecorder(_OnOurLedger, published.TrackingRecorderTestCase):
    pass


class TestAggregateRecorder(_OnOurLedger, published.AggregateRecorderTestCase):
    INITIAL_VERSION = 1

    def create_recorder(self) -> AggregateRecorder:  # type: ignore[override]
        return self.ledger.factory.aggregate_recorder()
