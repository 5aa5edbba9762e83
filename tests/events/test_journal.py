"""The journal's writing side: what `append` returned True for is there, whatever happens."""

import errno
import os
import resource
import shutil
import signal
import threading
import time

import pytest

from poet.events import Event, Journal, journal_for


@pytest.fixture
def journal(tmp_path):
    journal = Journal(tmp_path / "events")
    yield journal
    journal.close()


def line(text="x"):
    return Event.new("function.feedback", {"content": text}).line()


def contents(journal):
    return [e.payload["content"] for e in journal.query()]


def test_nothing_is_made_before_the_first_write(tmp_path):
    """A journal that is never written to leaves no folder."""
    Journal(tmp_path / "events")
    assert list(tmp_path.iterdir()) == []


def test_the_folder_is_kept_out_of_version_control(journal):
    """`.gitignore` names events/."""
    journal.append(line())
    assert "events/" in (journal.folder.parent / ".gitignore").read_text().splitlines()


def test_segments_are_for_the_owner_only(journal):
    """Events may hold what users passed; other accounts do not read them, sealed or not."""
    journal.append(line())
    assert journal.segments()[0].path.stat().st_mode & 0o077 == 0
    journal.close()
    journal.gc()
    assert journal.segments()[0].path.stat().st_mode & 0o077 == 0


def test_a_full_segment_is_followed_by_another(tmp_path):
    """Rotation loses nothing and keeps order."""
    journal = Journal(tmp_path / "events", segment_bytes=100_000, housekeeping=False)
    for i in range(2000):
        assert journal.append(line(i))
    assert len(journal.segments()) > 2
    assert contents(journal) == list(range(2000))
    journal.close()


def test_full_segments_are_compressed_in_the_background(tmp_path):
    """A process that runs for ever does not fill the disk with plain text."""
    journal = Journal(tmp_path / "events", segment_bytes=100_000)
    for i in range(2000):
        assert journal.append(line(i))
    journal._keeper.join()
    assert any(s.sealed for s in journal.segments())
    assert contents(journal) == list(range(2000))
    journal.close()


def test_threads_share_one_file_without_mixing_lines(tmp_path):
    """Eight threads, rotation all the while: each line whole, each once."""
    journal = Journal(tmp_path / "events", segment_bytes=70_000)

    def write(n):
        for i in range(500):
            assert journal.append(line(f"{n}-{i}"))

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = contents(journal)
    assert len(found) == len(set(found)) == 4000
    for n in range(8):
        mine = [c for c in found if c.startswith(f"{n}-")]
        assert mine == [f"{n}-{i}" for i in range(500)]
    journal.close()


def test_a_forked_child_writes_a_file_of_its_own(journal):
    """Parent and child both go on; nothing is lost."""
    journal.append(line("before"))
    child = os.fork()
    if child == 0:
        os._exit(0 if journal.append(line("child")) else 1)
    assert os.waitpid(child, 0)[1] == 0
    journal.append(line("after"))
    assert sorted(contents(journal)) == ["after", "before", "child"]
    assert len(journal.segments()) == 2


def test_a_deleted_folder_is_made_again(journal):
    """`rm -r .poet` while a program runs costs at most the events of the next 64 KiB."""
    journal.append(line())
    shutil.rmtree(journal.folder)
    for i in range(2000):
        assert journal.append(line(i))
    assert len(contents(journal)) > 1500


def test_closed_descriptors_are_noticed(journal):
    """A program that closes all descriptors, as daemons do, loses nothing."""
    journal.append(line("before"))
    os.close(journal._descriptor)
    assert journal.append(line("after"))
    assert contents(journal) == ["before", "after"]


def test_a_strangers_descriptor_is_not_closed(journal, tmp_path):
    """Where our number now belongs to somebody else's file, that file stays open."""
    journal.append(line("before"))
    stranger = os.open(tmp_path / "stranger", os.O_RDWR | os.O_CREAT)
    os.dup2(stranger, journal._descriptor)
    number = journal._descriptor
    journal.close()
    os.fstat(number)
    os.close(number)
    os.close(stranger)


def test_a_folder_that_cannot_be_made_is_said_once(tmp_path):
    """The user's call never fails; the loss is counted."""
    (tmp_path / "events").write_text("a file")
    journal = Journal(tmp_path / "events")
    with pytest.warns(UserWarning, match="cannot write events") as caught:
        assert not any(journal.append(line()) for _ in range(5))
    assert len(caught) == 1
    assert journal.lost == 5


def test_warnings_as_errors_do_not_reach_the_call(tmp_path):
    """`python -W error` turns warnings into exceptions; still `append` only returns False."""
    (tmp_path / "events").write_text("a file")
    assert Journal(tmp_path / "events").append(line()) is False


def test_a_full_disk_costs_events_and_not_calls(tmp_path):
    """A limit on file size cuts a line; the journal goes on when there is room again."""
    journal = Journal(tmp_path / "events")
    journal.append(line("first"))
    size = journal.segments()[0].path.stat().st_size
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 50, limits[1]))
    try:
        with pytest.warns(UserWarning, match="full|large"):
            assert not journal.append(line("cut"))
        assert not journal.append(line("lost"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, old)
    assert journal.lost == 2
    journal._retry_at = 0.0  # instead of waiting for a second
    assert journal.append(line("last"))
    assert contents(journal) == ["first", "last"]
    journal.close()


def test_a_disk_that_is_full_raises_nothing(tmp_path):
    """/dev/full answers every write with ENOSPC."""
    journal = Journal(tmp_path / "events")
    journal.append(line("first"))
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, journal._descriptor)
    found = os.fstat(full)
    journal._file = (found.st_dev, found.st_ino)
    with pytest.warns(UserWarning, match=os.strerror(errno.ENOSPC)):
        assert not journal.append(line("lost"))
    os.close(full)
    journal.close()


def test_one_journal_for_a_folder(tmp_path):
    """All functions of a folder share the process's file."""
    assert journal_for(tmp_path) is journal_for(tmp_path)


def test_a_killed_writer_loses_nothing_it_was_told_is_written(tmp_path):
    """kill -9, 20 times: every acknowledged event is there, once, and the journal opens."""
    reader = Journal(tmp_path / "events")
    before = 0
    for round_ in range(20):
        told, tell = os.pipe()
        child = os.fork()
        if child == 0:
            journal = Journal(tmp_path / "events", segment_bytes=200_000)
            for n in range(1 << 30):
                if not journal.append(line(n)):
                    os._exit(1)
                os.write(tell, (n + 1).to_bytes(4, "big"))
        os.close(tell)
        acknowledged = len(os.read(told, 4)) // 4
        time.sleep(0.001 * round_)
        os.kill(child, signal.SIGKILL)
        while chunk := os.read(told, 1 << 16):
            acknowledged += len(chunk) // 4
        os.close(told)
        assert os.WIFSIGNALED(os.waitpid(child, 0)[1])
        mine = contents(reader)[before:]
        assert mine == list(range(len(mine)))
        assert acknowledged <= len(mine) <= acknowledged + 1  # one may be written and not yet told
        before += len(mine)
        if round_ % 3 == 0:
            reader.gc()
            assert len(reader.query()) == before
