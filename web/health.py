"""For whoever operates the program: is it alive, is it ready, how far behind is what."""

from __future__ import annotations

import time
from collections.abc import Iterator

import flask
import psycopg
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from psycopg_pool import PoolTimeout

from facilities import dispatch
from facilities.database import DatabaseUnavailable
from facilities.dispatch import DispatchStatus
from facilities.seals.status import SealStatus, seal_status
from projections.status import ModelStatus, statuses
from web.doors import Doors, doors


def register(app: flask.Flask) -> None:
    """Add /livez, /readyz and /metrics, and count requests."""
    registry = CollectorRegistry()
    requests = Counter(
        "almoner_http_requests", "Requests answered.", ["method", "route", "status"],
        registry=registry,
    )  # fmt: skip
    seconds = Histogram(
        "almoner_http_request_seconds", "Time to answer.", ["method", "route"], registry=registry
    )
    registry.register(_LedgerFigures())

    @app.before_request
    def begin() -> None:
        flask.g.began = time.perf_counter()

    @app.after_request
    def count(response: flask.Response) -> flask.Response:
        # The rule, not the path: a path names ids, and there is no end of them.
        route = flask.request.url_rule.rule if flask.request.url_rule else "none"
        requests.labels(flask.request.method, route, response.status_code).inc()
        began = flask.g.get("began", time.perf_counter())
        seconds.labels(flask.request.method, route).observe(time.perf_counter() - began)
        return response

    @app.get("/livez")
    def livez() -> flask.Response:
        """The process answers."""
        return flask.jsonify({"status": "alive"})

    @app.get("/readyz")
    def readyz() -> flask.Response:
        """The database answers, nothing waits to be migrated, no read model and no process is
        stalled."""
        at = doors()
        try:
            pending = at.pending_migrations()
            models = _statuses(at)
            reacting = _processes(at)
            seals = _seals(at)
        except (psycopg.Error, PoolTimeout, DatabaseUnavailable) as error:
            response = flask.jsonify({"status": "unready", "database": type(error).__name__})
            response.status_code = 503
            return response
        stalled = any(each.stalled_at is not None for each in models) or any(
            each.stalled_at is not None for each in reacting
        )
        response = flask.jsonify(
            {
                "status": "unready" if pending or stalled else "ready",
                "database": "ok",
                "pending_migrations": pending,
                "models": {
                    each.name: {
                        "position": each.position,
                        "lag": each.lag,
                        "lag_seconds": round(each.lag_seconds, 3),
                        "folded_by": each.folded_by,
                        "stalled_at": each.stalled_at,
                        "stalled_reason": each.stalled_reason,
                    }
                    for each in models
                },
                "processes": {
                    each.name: {
                        "position": each.position,
                        "stalled_at": each.stalled_at,
                        "stalled_reason": each.stalled_reason,
                    }
                    for each in reacting
                },
                "seals": seals.to_json(),
            }
        )
        response.status_code = 503 if pending or stalled else 200
        return response

    @app.get("/metrics")
    def metrics() -> flask.Response:
        """Figures for Prometheus; those of requests are this worker's own."""
        return flask.Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _statuses(at: Doors) -> list[ModelStatus]:
    head = at.ledger.head()
    with at.pool.connection() as connection:
        return statuses(connection, at.models, head)


def _processes(at: Doors) -> list[DispatchStatus]:
    with at.pool.connection() as connection:
        return dispatch.statuses(connection, at.processes)


def _seals(at: Doors) -> SealStatus:
    head = at.ledger.head()
    with at.pool.connection() as connection:
        return seal_status(connection, at.seals, head)


class _LedgerFigures:
    """How long the ledger is, and how far each read model has come in it."""

    def describe(self) -> list[Metric]:
        return []

    def collect(self) -> Iterator[Metric]:
        at = doors()
        models = _statuses(at)
        position = GaugeMetricFamily("almoner_ledger_position", "The last position there is.")
        position.add_metric([], at.ledger.head())
        lag = GaugeMetricFamily(
            "almoner_read_model_lag", "Positions a model is behind.", labels=["model"]
        )
        seconds = GaugeMetricFamily(
            "almoner_read_model_lag_seconds",
            "How long ago the oldest event was recorded that a model has not folded.",
            labels=["model"],
        )
        folded = GaugeMetricFamily(
            "almoner_read_model_folded", "1 where a process folds a model.", labels=["model"]
        )
        stalled = GaugeMetricFamily(
            "almoner_read_model_stalled", "1 where a model is stalled.", labels=["model"]
        )
        for each in models:
            lag.add_metric([each.name], each.lag)
            seconds.add_metric([each.name], each.lag_seconds)
            folded.add_metric([each.name], 0 if each.folded_by is None else 1)
            stalled.add_metric([each.name], 0 if each.stalled_at is None else 1)
        stopped = GaugeMetricFamily(
            "almoner_process_stalled", "1 where a process is stalled.", labels=["process"]
        )
        for process in _processes(at):
            stopped.add_metric([process.name], 0 if process.stalled_at is None else 1)
        unsealed = GaugeMetricFamily(
            "almoner_seal_lag", "Positions beyond the newest seal; nothing vouches for these."
        )
        unsealed.add_metric([], _seals(at).behind)
        yield from (position, lag, seconds, folded, stalled, stopped, unsealed)
