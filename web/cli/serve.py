"""`almoner serve`: the API for whoever has a token, and the read models behind it."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import click
import flask
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from facilities.bulk import settle
from web import bootstrap
from web.cli import logs
from web.cli.companion import Companion, end_with
from web.cli.printing import say

log = logging.getLogger(__name__)

DRAIN = 20
"""Seconds that requests in work are given when the server is to end."""

_REACHABLE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
"""Where one gets to what listens everywhere."""

INSIST_EVERY = 0.5

Command = TypeVar("Command", bound=Callable[..., Any])


def serving_options(*, log_level: str) -> Callable[[Command], Command]:
    """The options of whatever serves."""
    options = (
        click.option(
            "--host",
            default="127.0.0.1",
            show_default=True,
            help="The address to listen at; 0.0.0.0 is every IPv4 address of this machine.",
        ),
        click.option(
            "--port",
            type=click.IntRange(0, 65535),
            default=8080,
            show_default=True,
            help="The port to listen at; 0 takes one that is free.",
        ),
        click.option(
            "--workers",
            type=click.IntRange(1, 64),
            default=2,
            show_default=True,
            help="Processes that answer requests.",
        ),
        click.option(
            "--threads",
            type=click.IntRange(1, 512),
            default=16,
            show_default=True,
            help="Requests each process works on at once.",
        ),
        click.option(
            "--log-level",
            type=click.Choice(logs.LEVELS),
            default=log_level,
            show_default=True,
            help="From which level on events are told on stderr.",
        ),
        click.option("--access-log", is_flag=True, help="Tell of every request, too."),
    )

    def add(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add


@click.command("serve")
@serving_options(log_level="info")
def serve(host: str, port: int, **how: Any) -> None:
    """Serve the JSON API, and keep the read models up to date.

    Ends on Ctrl-C or SIGTERM, after the requests in work are answered. There is no encryption here:
    put a proxy that speaks TLS in front of it before anybody reaches it from another machine.
    """
    logs.configure(how["log_level"])
    place = Place.free(host, port)
    with bootstrap.Almoner.from_environment() as almoner:
        # Started and migrated once, before there are several processes; a key is good, or refused.
        if almoner.seals.sealing:
            almoner.sealer()
        if almoner.keyring is not None:
            almoner.keyring.check()
    run(place, lambda: say([f"Serving {place.url}"]), **how)


class Place:
    """Where to listen."""

    def __init__(self, host: str, address: str, port: int) -> None:
        self.host, self.address, self.port = host, address, port

    @classmethod
    def free(cls, host: str, port: int) -> Place:
        """The place, once it is certain that nobody else listens there.

        The web server's processes share a port, so without asking first a second server would
        quietly share it, too.
        """
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        except (OSError, UnicodeError) as error:
            raise click.BadParameter(
                f"{host!r} is not an address of this machine: {error}.", param_hint="'--host'"
            ) from None
        family, _, _, _, where = found[0]
        with socket.socket(family, socket.SOCK_STREAM) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(where)
                listener.listen(1)
            except OSError as error:
                raise click.ClickException(
                    f"Cannot listen at {host} port {port}: {os.strerror(error.errno or 0)}. "
                    "Stop what listens there, or choose another --port."
                ) from None
            return cls(host, str(where[0]), int(listener.getsockname()[1]))

    @property
    def url(self) -> str:
        """How a client on this machine gets there."""
        reachable = _REACHABLE.get(self.host, self.host)
        name = f"[{reachable}]" if ":" in reachable else reachable
        return f"http://{name}:{self.port}"

    def answers(self) -> bool:
        """Whether somebody listens there."""
        reachable = _REACHABLE.get(self.address, self.address)
        family = socket.AF_INET6 if ":" in reachable else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as client:
            client.settimeout(1.0)
            return client.connect_ex((reachable, self.port)) == 0


def run(
    place: Place,
    announce: Callable[[], None],
    *,
    workers: int,
    threads: int,
    log_level: str,
    access_log: bool,
) -> None:
    """Serve until a signal comes; `announce` is called when requests are answered.

    The database is open and migrated, and this process has no connections: the web server forks.
    """
    server = _WebServer(
        "web.bootstrap:wsgi",
        address=place.address,
        port=place.port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=DRAIN,
        log_level=LogLevels(log_level),
        log_dictconfig=logs.GRANIAN,
        log_access=access_log,
        log_access_format=logs.ACCESS,
        factory=True,
    )
    companion = Companion("web.cli.follow", log_level)
    ended = threading.Event()

    def announce_once() -> None:
        # Not in the middle of a fork: the child would find the lock of our stdout taken.
        while len(server.wrks) < workers or not place.answers():
            if ended.wait(0.05):
                return
        announce()

    announcing = threading.Thread(target=announce_once, name="announce", daemon=True)
    server.on_startup(companion.start)
    server.on_startup(announcing.start)
    try:
        server.serve(
            target_loader=partial(load_application, os.getpid(), log_level), wrap_loader=False
        )
    finally:
        ended.set()
        companion.stop()


class _WebServer(Server):  # type: ignore[misc,valid-type]  # one of two, by the Python
    """granian's server. Its handlers of signals also run in a worker that was forked a moment ago
    and has none of its own yet; and it ends when its terminal is closed, where granian starts over.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._process = os.getpid()
        self._under_nohup = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
        self._insisting = threading.Thread(target=self._insist, name="insist", daemon=True)

    def signal_handler_interrupt(self, *arguments: Any, **named: Any) -> None:
        if os.getpid() != self._process:
            os._exit(0)
        super().signal_handler_interrupt(*arguments, **named)
        if not self._insisting.is_alive():
            self._insisting.start()

    def _insist(self) -> None:
        """Tell the workers to end until they do: one that has just begun to serve may miss it."""
        while True:
            time.sleep(INSIST_EVERY)
            for each in [*self.wrks]:
                if each.is_alive():
                    each.terminate()

    def signal_handler_reload(self, *arguments: Any, **named: Any) -> None:
        if os.getpid() == self._process and not self._under_nohup:
            self.signal_handler_interrupt(*arguments, **named)


def load_application(parent: int, level: str) -> flask.Flask:
    """The application, in a process of the web server's."""
    end_with(parent)
    logs.configure(level)
    application = bootstrap.wsgi()
    settle()
    return application
