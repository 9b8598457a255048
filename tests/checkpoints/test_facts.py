"""The history is whole, and every way to alter it is found."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from checkpoints.facts import seal
from checkpoints.models import Fact
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def history() -> World:
    world = World()
    trip = world.submit("export").trips.get()
    world.enter(trip, "B2")
    seal()
    return world


def behind_the_triggers_back(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("UPDATE checkpoints_confirmation SET fact_id = NULL")
        cursor.execute("ALTER TABLE checkpoints_fact DISABLE TRIGGER appended_only")
        cursor.execute(sql)
        cursor.execute("ALTER TABLE checkpoints_fact ENABLE TRIGGER appended_only")


def test_an_untouched_history_is_whole(history, capsys):
    call_command("verify_audit")
    assert capsys.readouterr().out == f"{Fact.objects.count()} facts, 1 seals: whole\n"


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("UPDATE checkpoints_fact SET reason = 'khác' WHERE move = 'open_barrier'", "was altered"),
        ("UPDATE checkpoints_fact SET recorded_at = recorded_at - interval '1 hour' WHERE move = 'start'", "altered"),
        ("DELETE FROM checkpoints_fact WHERE move = 'record_passage'", "is missing"),
        (
            "DELETE FROM checkpoints_fact f WHERE move = 'open_barrier' AND NOT EXISTS "
            "(SELECT 1 FROM checkpoints_fact g WHERE g.chain = f.chain AND g.sequence = f.sequence + 2)",
            "does not fit|is missing",
        ),
        ("DELETE FROM checkpoints_fact WHERE chain LIKE 'declaration:%'", "seal"),
    ],
)
def test_what_was_altered_or_taken_out_is_found(history, change, found):
    behind_the_triggers_back(change)
    with pytest.raises(CommandError, match=found):
        call_command("verify_audit")


def test_nothing_new_makes_no_new_seal(history):
    assert seal() is None
