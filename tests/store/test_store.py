"""Versions are whole or absent, immutable, numbered, and few."""

import os

import pytest

from poet.errors import StoreError, TamperedVersion
from poet.store import folder_for, folders_in
from poet.store.files import locked, write_atomic
from poet.store.folder import MOST_VERSIONS

META = {"fingerprint": "f1", "spec_digest": "s1", "provenance": {"ladder": "blueprint"}}


@pytest.fixture
def folder(tmp_path):
    """The folder of `users.py:fetch`."""
    return folder_for(tmp_path / ".poet", tmp_path / "users.py", "fetch", "users")


def add(folder, text="x = 1\n", current=True, **more):
    """Store a version and let it take over."""
    with folder.locked():
        version = folder.add({"enhanced.py": text}, {**META, **more})
        if current:
            folder.make_current(version, "test")
    return version


def test_a_version_is_found_for_its_source_and_spec_only(folder):
    """A stale version never runs."""
    add(folder)
    assert folder.usable("f1", "s1").number == 1
    assert folder.usable("f2", "s1") is None
    assert folder.usable("f1", "s2") is None


def test_an_older_version_serves_again_when_the_source_changes_back(folder):
    """Checking out an older commit does not generate anew."""
    add(folder)
    add(folder, fingerprint="f2")
    assert folder.usable("f1", "s1").number == 1
    assert folder.usable("f2", "s1").number == 2


def test_a_rolled_back_version_never_runs_again(folder):
    """Rolling back bars a version, also where it would fit."""
    add(folder)
    add(folder, text="x = 2\n")
    with folder.locked():
        good = folder.roll_back(None, "worse")
    assert good.number == 1
    assert folder.usable("f1", "s1").number == 1
    assert folder.version(2).status == "rolled back"
    with pytest.raises(StoreError, match="no earlier version"), folder.locked():
        folder.roll_back(None, "again")


def test_an_edited_file_is_noticed_before_it_runs(folder):
    """The hash is checked at every load."""
    version = add(folder)
    version.code_path.write_text("x = 3\n")
    assert version.is_edited()
    with pytest.raises(TamperedVersion, match="poet enhance"):
        version.code()


def test_current_must_stay_inside_its_own_function(folder, tmp_path):
    """A link that leads elsewhere is refused."""
    add(folder)
    folder.link.unlink()
    folder.link.symlink_to("../../evil")
    with pytest.raises(StoreError, match="poet rollback"):
        folder.current()


def test_a_half_written_version_does_not_exist(folder):
    """What a dead process left behind is neither seen nor in the way."""
    add(folder)
    left = folder.path / ".v2.999.tmp"
    left.mkdir()
    (left / "enhanced.py").write_text("half")
    (folder.path / "v7").mkdir()
    assert [v.number for v in folder.versions()] == [1]
    add(folder)
    assert not left.exists()


def test_versions_are_few_and_the_current_stays(folder):
    """The oldest go; the current one and the one before never do."""
    for _ in range(MOST_VERSIONS + 4):
        add(folder)
    assert len(folder.versions()) == MOST_VERSIONS
    assert folder.current().number == MOST_VERSIONS + 4


def test_two_files_with_one_name_never_share_a_folder(tmp_path):
    """Functions of one name in two modules do not clash."""
    root = tmp_path / ".poet"
    one = folder_for(root, tmp_path / "a.py", "f", "a")
    one.claim()
    two = folder_for(root, tmp_path / "b.py", "f", "b")
    two.claim()
    assert (one.name, two.name) == ("f", "f@b")
    assert folder_for(root, tmp_path / "a.py", "f", "__main__").name == "f"
    assert [f.name for f in folders_in(root)] == ["f", "f@b"]


def test_events_stay_out_of_version_control(folder):
    """The store says what is to be committed."""
    add(folder)
    assert "events/" in (folder.root / ".gitignore").read_text()


def test_lock_is_one_at_a_time(tmp_path):
    """A second one waits, and says that it did not get it."""
    with locked(tmp_path / "x.lock", 1) as first, locked(tmp_path / "x.lock", 0.05) as second:
        assert first
        assert not second


def test_a_write_is_whole_or_absent(tmp_path):
    """A failing write leaves the old content."""
    path = tmp_path / "a.json"
    write_atomic(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_atomic(path, "\udcff")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.json"]
