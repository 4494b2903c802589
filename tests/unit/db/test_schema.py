from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from db.engine import build_engine, parse_place
from db.errors import CorruptStoreError, ProjectExistsError, ProjectNotFoundError, SchemaTooNewError, StoreAccessError
from db.models import Base
from db.schema import MIGRATIONS, Migrations, ensure_current_schema
from db.store import Store
from tests.helpers.kept_schema import upgrade_by_migrations
from tests.helpers.store_builders import add_people, decide, fit_person, guide, move_joint, snapshot

SCHEMAS = Path(__file__).parents[2] / "data" / "schemas"

NEXT_MIGRATION = """
import sqlalchemy as sa
from alembic import op

revision = "0099"
down_revision = "{head}"


def upgrade() -> None:
    op.add_column("images", sa.Column("photographer", sa.Text(), nullable=True))
    {last_step}
"""


@pytest.fixture(autouse=True)
def by_migrations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here new projects are made as the program makes them."""
    monkeypatch.setattr("db.schema._upgrade", upgrade_by_migrations)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "project.db"
    with Store.create(path) as store:
        add_people(store, [17, 4])
    return path


@pytest.fixture
def engine(database: Path) -> Iterator[Engine]:
    made = build_engine(parse_place(database), 1.0)
    yield made
    made.dispose()


def make_future(folder: Path, last_step: str) -> Migrations:
    """Our migrations and one more, as the next version of the program would have them."""
    shutil.copytree(MIGRATIONS.folder, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "versions" / "0099_next.py").write_text(NEXT_MIGRATION.format(last_step=last_step, head=MIGRATIONS.head))
    return Migrations(folder, (*MIGRATIONS.revisions, "0099"))


def read_version(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def test_migrations_make_exactly_the_tables_of_the_models(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_the_list_of_revisions_is_the_folder() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS.folder))
    config.set_main_option("path_separator", "os")
    found = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert tuple(reversed(found)) == MIGRATIONS.revisions


def test_an_existing_file_is_never_made_anew(database: Path) -> None:
    content = database.read_bytes()
    with pytest.raises(ProjectExistsError, match="exists already; open it"):
        Store.create(database)
    assert database.read_bytes() == content


def test_a_project_in_a_missing_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreAccessError, match="folder exists"):
        Store.create(tmp_path / "missing" / "project.db")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_project_is_not_made_by_opening(tmp_path: Path) -> None:
    with pytest.raises(ProjectNotFoundError, match=r"no project database at .*project\.db"):
        Store.open(tmp_path / "project.db")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(CorruptStoreError, match="not a file"):
        Store.open(tmp_path)


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE notes (x)")
    content = path.read_bytes()
    with pytest.raises(CorruptStoreError, match="not one of this program"):
        Store.open(path)
    assert path.read_bytes() == content


def test_a_newer_schema_is_refused_untouched(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0999'")
        connection.commit()
    with pytest.raises(SchemaTooNewError, match=r"0999.*install that version"):
        Store.open(database)
    assert read_version(database) == "0999"


def test_an_older_project_is_backed_up_and_upgraded(database: Path, engine: Engine, tmp_path: Path) -> None:
    future = make_future(tmp_path / "migrations", "pass")
    ensure_current_schema(engine, future)
    assert read_version(database) == "0099"
    with closing(sqlite3.connect(database)) as connection:
        assert connection.execute("SELECT count(photographer), count(*) FROM images").fetchone() == (0, 2)
    backup = tmp_path / f"project.db.backup-{MIGRATIONS.head}"
    assert read_version(backup) == MIGRATIONS.head
    with Store.open(backup) as old:
        assert old.verify_heads() == ()


def test_a_failed_upgrade_leaves_the_project_whole(database: Path, engine: Engine, tmp_path: Path) -> None:
    with Store.open(database) as store:
        before = snapshot(store)
    future = make_future(tmp_path / "migrations", 'op.execute("SELECT * FROM nowhere")')
    with pytest.raises(OperationalError, match="nowhere"):
        ensure_current_schema(engine, future)
    assert read_version(database) == MIGRATIONS.head
    with Store.open(database) as store:
        assert snapshot(store) == before


@pytest.mark.parametrize("version", MIGRATIONS.revisions)
def test_a_project_of_every_past_schema_opens_and_works(version: str, tmp_path: Path) -> None:
    path = tmp_path / "project.db"
    shutil.copy(SCHEMAS / f"{version}.db", path)
    with Store.open(path) as store:
        with store.read() as reader:
            assert reader.progress.counts() == {
                "unfittable": 1,
                "unfitted": 1,
                "fitted": 1,
                "stale": 1,
                "in_review": 0,
                "disputed": 0,
                "accepted": 1,
                "rejected": 1,
                "second_look": 1,
            }
            assert reader.settings.get("body") == "mannequin"
            (accepted,) = reader.queue.ids(states=["accepted"])
            fit = reader.fits.current(accepted)
            assert fit is not None
            assert fit.rotations.shape == (24, 3, 3)
            assert dict(fit.flags) == ({} if version == "0001" else {"trunk_tilted": -31.0})
            assert reader.queue.ids(flagged=True) == ([] if version == "0001" else [accepted])
            guidance = reader.guidance.current(accepted)
            assert (guidance is None) == (version < "0003")
            if guidance is not None:
                assert guidance.depth_hints == {"left_forearm": "toward"}
            assert len(list(reader.people.iter_all())) == 7  # not whoever was drawn and removed, from 0009 on
            gold = [record.person_id for record in reader.gold.list_all()]
            assert gold == ([accepted] if version >= "0006" else [])
            votes = [reader.studies.count_votes(study.id) for study in reader.studies.list_all()]
            assert votes == ([1] if version >= "0010" else [])
        assert store.verify_heads() == ()
        guide(store, accepted)
        move_joint(store, accepted, 3, 77.0)
        fit_person(store, accepted)
        decide(store, accepted, "reject")
        store.undo()
        with store.read() as reader:
            assert reader.queue.get_head(accepted).state == "fitted"
