"""One place scopes every query: no raw SQL elsewhere, and no session without an organisation but those named here."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.house import ROOT, committed_files

RAW_SQL = {"text", "exec_driver_sql", "literal_column", "TextClause", "DDL"}
SPEAKS_RAW_SQL = {"app/database.py", "app/engine.py", "app/group_commit/store.py", "app/migration.py"}
SESSIONS = {"reading", "writing"}
OF_NOBODY = {
    ("app/web/links.py", "_read"): "a code says whose it is only when it has been found",
    ("app/web/links.py", "_read_home"): "asks for the one host that all links lead to, for who mistyped one",
    ("app/web/pages/shared_calendar.py", "opened"): "a link says whose it is only when it has been found",
    ("app/intake/hook_source.py", "find_hook_source"): "an address says whose it is only when it has been found",
    ("app/web/session.py", "_caller"): "a token says whose it is only when it has been found",
    ("app/web/session.py", "_count_unknown"): "a token that nobody was given belongs to nobody",
    ("app/cli/runtime.py", "organisation"): "finds the organisation that the command line names",
    ("app/cli/doctor.py", "examine"): "lists the organisations and then looks at each by itself",
    ("app/cli/asset_files.py", "check"): "lists the organisations and then looks at each by itself",
    ("app/cli/plan.py", "create_organisation"): "founds an organisation, which belongs to nobody yet",
    ("app/cli/plan.py", "list_organisations"): "lists the organisations of the installation",
    ("app/web/health.py", "read_readiness"): "workers and queues are the installation's",
    ("app/web/metrics.py", "collect"): "a monitor looks at the whole installation",
    ("app/worker/due.py", "enqueue_due"): "looks through all organisations for what is due",
    **{
        ("app/worker/loop.py", function): "a worker claims tasks of any organisation, and gives signs of life"
        for function in ("_claim", "_look", "_take_sign_away")
    },
    ("app/worker/handlers.py", "retain"): "sessions and links belong to people, not to an organisation",
    ("app/demo/fill.py", "_found"): "founds the demo's city",
    **{
        ("app/access/signing_in.py", function): "who signs in may belong to several organisations, or to none"
        for function in (
            "_begin", "_open", "_tell_failure", "by_code", "by_identity", "by_link", "by_password", "confirm",
            "find_member",
        )
    },
    ("app/cli/people.py", "first_invitations"): "looks for the organisations that nobody administers yet",
    ("app/cli/people.py", "reset"): "a person's password belongs to no organisation",
    **{
        ("app/web/pages/invitation.py", function): "a link says whose it is only when it has been found"
        for function in ("_invitation_page", "_join", "_reset_page", "_taking", "go")
    },
    ("app/web/pages/accessibility.py", "_tell_as_stranger"): "who met a barrier at the door may tell of it",
    **{
        ("app/web/pages/sign_in.py", function): "a session belongs to a person, who may belong to several organisations"
        for function in ("_end_here", "go")
    },
}  # fmt: skip
"""Where a session is opened without an organisation, and why it must be."""


def calls(path: Path) -> Iterator[tuple[str, str, ast.Call]]:
    """Every call in a file: the function it stands in, what is called, and the call."""
    tree = ast.parse(path.read_text())
    yield from _calls(tree, "")


def _calls(node: ast.AST, inside: str) -> Iterator[tuple[str, str, ast.Call]]:
    if isinstance(node, ast.FunctionDef):
        inside = node.name
    if isinstance(node, ast.Call):
        name = str(getattr(node.func, "id", getattr(node.func, "attr", "")))
        yield inside, name, node
    for child in ast.iter_child_nodes(node):
        yield from _calls(child, inside)


def raw_sql(source: Path) -> set[str]:
    """What a file calls or imports that takes SQL as text, and statements that are executed as text."""
    tree = ast.parse(source.read_text())
    imported = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy")
        for alias in node.names
    }
    found = imported & RAW_SQL
    for _inside, name, call in calls(source):
        said = call.args[0] if call.args else None
        if name == "exec_driver_sql" or (name == "text" and isinstance(call.func, ast.Attribute) and said is not None):
            owner = call.func.value if isinstance(call.func, ast.Attribute) else None
            if name == "exec_driver_sql" or getattr(owner, "id", "") in ("sa", "sqlalchemy"):
                found.add(name)
        if name in ("execute", "executemany") and isinstance(said, ast.Constant | ast.JoinedStr):
            found.add(name)
    return found


def sessions_of_nobody(source: Path) -> set[str]:
    """The functions that open a session without an organisation."""
    return {
        inside
        for inside, name, call in calls(source)
        if name in SESSIONS and isinstance(call.func, ast.Attribute) and not call.args and not call.keywords
    }


def modules() -> dict[str, Path]:
    return {str(path.relative_to(ROOT)): path for path in committed_files("app/*.py")}


def test_raw_sql_is_spoken_beside_the_database_only() -> None:
    # SQLite is told its pragmas on the driver's own connection, before there is any table.
    found = {name: raw for name, path in modules().items() if (raw := raw_sql(path))}
    assert set(found) == SPEAKS_RAW_SQL, found


def test_sessions_without_an_organisation_are_opened_in_named_places_only() -> None:
    found = {(name, function) for name, path in modules().items() for function in sessions_of_nobody(path)}
    assert found == set(OF_NOBODY)


@pytest.mark.parametrize(
    "source",
    [
        "from sqlalchemy import text\nsession.execute(text('SELECT 1'))",
        "import sqlalchemy as sa\nsession.execute(sa.text('SELECT 1'))",
        "connection.exec_driver_sql('SELECT 1')",
        "connection.execute('SELECT 1')",
        "connection.execute(f'SELECT {n}')",
        "from sqlalchemy import literal_column",
    ],
)
def test_raw_sql_in_any_spelling_is_found(tmp_path: Path, source: str) -> None:
    file = tmp_path / "module.py"
    file.write_text(source)
    assert raw_sql(file)


def test_a_session_of_nobody_is_found(tmp_path: Path) -> None:
    file = tmp_path / "module.py"
    file.write_text("def peek(database):\n    with database.reading() as session:\n        pass")
    assert sessions_of_nobody(file) == {"peek"}
    file.write_text("def peek(database, city):\n    with database.reading(city) as session:\n        pass")
    assert sessions_of_nobody(file) == set()
