"""What is particular to SQLite."""

import pytest

from poet.errors import StoreError
from poet.events.sqlite import SQLiteQueue


def test_a_file_that_is_no_database_is_named(tmp_path):
    """The message says which file."""
    path = tmp_path / "x.db"
    path.write_text("not a database, but long enough to look like one" * 100)
    with pytest.raises(StoreError, match="x.db"):
        SQLiteQueue(path)


def test_the_file_is_for_its_owner_only(tmp_path):
    """It may hold what users passed."""
    SQLiteQueue(tmp_path / "x.db").close()
    assert (tmp_path / "x.db").stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    """A file stands where the folder should be."""
    (tmp_path / "a").touch()
    with pytest.raises(StoreError, match="cannot be opened"):
        SQLiteQueue(tmp_path / "a" / "x.db")
