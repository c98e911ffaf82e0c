"""`almoner audit timeline`, `state`, `diff` and `causes` on a small simulated system."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from tests.web.cli.grammar import CommandLine
from web.audit_documents import SUMMARIES


@pytest.fixture
def system(shell: CommandLine) -> CommandLine:
    """A shell in which two facilities have worked for a month."""
    options = ("--facilities", "2", "--days", "30", "--seed", "3", "--until", "2026-01-31")
    shell("simulate", *options).ends(0)
    return shell


def events(shell: CommandLine, *options: str) -> list[dict[str, Any]]:
    said = shell("audit", "timeline", "--json", *options).ends(0)
    return [json.loads(line) for line in said.stdout.splitlines()]


def test_an_auditor_replays_what_a_system_did(system: CommandLine) -> None:
    paid = events(system, "--fact", "claim.paid", "--limit", "2000")
    assert {each["fact"] for each in paid} == {"claim.paid"}
    one, stream = paid[0], str(paid[0]["stream_id"])

    newest = events(system, "--newest", "--limit", "3")
    back = events(system, "--beyond", str(newest[-1]["position"]), "--limit", "2")
    assert back == [newest[1], newest[0]]

    told = system("audit", "timeline", "--stream", stream).ends(0).stdout.splitlines()
    assert f"claim.paid  {stream}#{one['version']}  " in "\n".join(told)
    assert f"amount={one['content']['amount']}" in "\n".join(told)

    state = system("audit", "state", stream, "--json", "--version", str(one["version"])).ends(0)
    assert state.json["state"]["balance"] == one["content"]["balance_after"]
    shown = system("audit", "state", stream, "--as-of", str(one["position"])).ends(0).stdout
    assert f"balance: {one['content']['balance_after']}\n" in shown

    before = str(one["position"] - 1)
    between = ("--from", before, "--to", str(one["position"]))
    (found,) = system("audit", "diff", "--json", "--stream", stream, *between).ends(0).json["items"]
    (balance,) = [each for each in found["changes"] if each["path"] == "balance"]
    assert (balance["new"], balance["by"]) == (one["content"]["balance_after"], [one["position"]])
    words = system("audit", "diff", "--stream", stream, *between).ends(0).stdout
    assert f"-> {one['content']['balance_after']}  by {one['position']}" in words

    chain = system("audit", "causes", str(one["position"]), "--limit", "5").ends(0).stdout
    assert "What led here:\n" in chain
    assert "more than the 5 events" in chain


def test_a_long_difference_is_told_as_one(system: CommandLine) -> None:
    everything = events(system, "--limit", "100000")
    assert len(everything) > 1_500  # more than one part of it
    charged = [each for each in everything if each["fact"] == "claim.charged"]
    told = system("audit", "diff", "--from", "0", "--whole", "--json").ends(0).json
    assert told["told_upto"] == everything[-1]["position"]
    (charges,) = [each for each in told["figures"] if each["figure"] == "charges"]
    by_fact = {each["fact"]: each for each in charges["moved_by"]}
    assert by_fact["claim.charged"]["events"] == len(charged)
    assert by_fact.keys() <= {"claim.charged", "claim.entry_reversed"}
    assert sum(Decimal(each["by"]) for each in by_fact.values()) == Decimal(charges["new"])
    facility = str(charged[0]["facility_id"])
    since = str(charged[100]["position"])
    later = [each for each in everything if each["position"] > int(since)]
    here = {each["stream_id"] for each in later if each["facility_id"] == facility}
    options = ("--from", since, "--whole", "--json")
    told = system("audit", "diff", "--facility", facility, *options).ends(0).json
    assert sorted(each["stream_id"] for each in told["items"]) == sorted(here)
    of_each = system("audit", "diff", "--each-facility", *options).ends(0).json
    assert len({each["group"]["facility_id"] for each in of_each["figures"]}) == 2
    for figure in (*told["figures"], *of_each["figures"]):
        by = [Decimal(each["by"]) for each in figure["moved_by"]]
        assert sum(by) == Decimal(figure["change"]), figure
        assert Decimal(figure["new"]) - Decimal(figure["old"]) == Decimal(figure["change"])
    assert {each["summary"] for each in told["figures"]} == {"facility_scorecard"}
    for name in ("payments_by_method", "receivables", "stock_on_hand"):
        assert name in SUMMARIES
        asked = ("--facility", facility, "--from", since, "--summary", name, "--json")
        figures = system("audit", "diff", *asked).ends(0).json["figures"]
        assert {each["summary"] for each in figures} == {name}


def test_what_identifies_a_person_is_shown_when_asked_for(system: CommandLine) -> None:
    drafted = ("--fact", "claim.drafted", "--limit", "1")
    masked = events(system, *drafted)
    as_they_are = ("--personal", "--who", "ana", "--why", "an inspection")
    shown = events(system, *drafted, *as_they_are)
    assert masked[0]["content"]["patient_id"] == "•••"
    patient = shown[0]["content"]["patient_id"]
    assert len(patient) == 36
    registered = events(system, "--fact", "staff_member.registered", "--limit", "1")
    staff = registered[0]["stream_id"]
    system("audit", "state", staff).ends(0)
    system("audit", "state", staff, *as_they_are).ends(0)
    nobody = "00000000-0000-4000-8000-000000000001"
    system("audit", "state", nobody, *as_they_are).refuses(1, "There is no stream")
    of_ana = [
        (each["what"], each["outcome"], each["why"], each["source"])
        for each in reads(system, "--actor", "ana")
    ]
    assert of_ana == [
        ("almoner audit timeline", 200, "an inspection", "cli"),
        ("almoner audit state", 200, "an inspection", "cli"),
        ("almoner audit state", 404, "an inspection", "cli"),
    ]
    (looked,) = reads(system, "--person", staff)
    assert looked["asked"] == f"stream=person:{looked['persons'][0]}"
    assert [each["actor"] for each in reads(system, "--person", patient)] == ["ana"]


def reads(shell: CommandLine, *options: str) -> list[dict[str, Any]]:
    """What is on record of who looked, or was looked at."""
    found = shell("privacy", "reads", "--json", *options).ends(0).json["reads"]
    assert isinstance(found, list)
    return found


@pytest.mark.slow
def test_a_difference_is_told_a_part_at_a_time(system: CommandLine) -> None:
    (last,) = events(system, "--newest", "--limit", "1", "--fact", "stock_item.issued")
    facility = str(last["facility_id"])
    told, beyond, parts, complete = set[str](), "0", 0, False
    while not complete:
        asked = ("--facility", facility, "--from", "0", "--beyond", beyond)
        part = system("audit", "diff", "--json", *asked).ends(0).json
        told |= {each["stream_id"] for each in part["items"]}
        beyond, complete, parts = str(part["told_upto"]), part["complete"], parts + 1
    here = events(system, "--facility", facility, "--limit", "100000")
    assert told == {each["stream_id"] for each in here}
    assert parts > 2
    said = system("audit", "diff", "--facility", facility, "--from", "0").ends(0).stdout
    assert "... and more: go on with --to " in said
    both = ("--beyond", "0", "--whole")
    system("audit", "diff", "--from", "0", *both).refuses(2, "--beyond or --whole")


def test_what_is_not_there_or_unclear_is_refused(shell: CommandLine) -> None:
    nowhere = "00000000-0000-4000-8000-000000000001"
    shell("audit", "state", nowhere).refuses(1, "There is no stream", nowhere)
    shell("audit", "causes", "7").refuses(1, "There is no event at position 7")
    shell("audit", "diff", "--from", "7").refuses(2, "--from", "there is no position 7 yet")
    shell("audit", "diff", "--from", "0", "--clock", "effective").refuses(2, "--clock effective")
    shell("audit", "state", nowhere, "--version", "1", "--as-of", "0").refuses(2, "--version")
    shell("audit", "timeline", "--effective-from", "2026-02-30T00:00:00Z").refuses(
        2, "--effective-from", "2026-02-30T00:00:00Z"
    )
    shell("audit", "timeline", "--fact", "claim").refuses(2, "there is no fact 'claim'", "'claim.'")
    shell("audit", "timeline", "--fact", "unheard.of").refuses(2, "there is no fact 'unheard.of'.")
    assert "Nothing is recorded" in shell("audit", "timeline", "--actor", "nobody").ends(0).stderr
    shell("audit", "timeline", "--position-from", "2", "--position-to", "1").refuses(
        2, "--position-from must not be after --position-to"
    )
    turned = ("--from", "2026-02-02T00:00:00Z", "--to", "2026-02-01T00:00:00Z")
    shell("audit", "diff", "--clock", "effective", "--stream", nowhere, *turned).refuses(
        2, "--from must not be after --to"
    )
    both = ("--stream", nowhere, "--facility", nowhere)
    shell("audit", "diff", "--from", "0", *both).refuses(2, "--stream or --facility")
