"""`isolation="process"`: calls in restricted workers, with limits that are enforced."""

from __future__ import annotations

import asyncio
import dataclasses
import time

import pytest

from poet.domains import load
from poet.errors import DeadlineExceeded, MemoryExceeded, PoetError
from poet.generate.gate.trial import job_for, readable_for
from poet.generate.sandbox import backends
from poet.generate.sandbox.plain import Plain
from poet.generate.sandbox.pool import Pool
from poet.generate.sandbox.probe import probe
from poet.source import FunctionSource
from poet.spec import Spec

MODULE = """
import os, time
def work(x, mode=""):
    if mode == "sleep":
        time.sleep(60)
    if mode == "spin":
        while True:
            pass
    if mode == "memory":
        return len(bytearray(1 << 30))
    if mode == "error":
        raise KeyError("k", x)
    if mode == "die":
        os._exit(3)
    if mode == "object":
        return lambda: 1
    if mode == "pid":
        return os.getpid()
    if mode == "passwd":
        return open("/etc/passwd").read()
    return x
"""
USABLE = [Plain()] + [b for b in backends() if b.isolates and not b.missing() and probe(b).holds]


def pool_for(tmp_path, backend, **options):
    file = tmp_path / "isolated_subject.py"
    file.write_text(MODULE)
    source = FunctionSource.in_file(file, "work")
    domain = load("reliability")
    job, _, _ = job_for(domain.blueprint(source, Spec()), source, Spec(), domain, {})
    return Pool(backend, job, readable_for(source, job), **options)


@pytest.fixture(params=USABLE, ids=lambda b: b.name)
def pool(request, tmp_path):
    made = pool_for(tmp_path, request.param, seconds=1.0)
    yield made
    made.close()


def test_values_come_back_with_their_types(pool):
    """Data is data, on the way there and back."""
    for value in (1, 2.5, "é", [1, (2, {"a": None})], {1, 2}, b"\x00"):
        back = pool.call(value)
        assert back == value
        assert type(back) is type(value)


def test_exceptions_are_the_functions_own(pool):
    """With their arguments, and the worker goes on."""
    with pytest.raises(KeyError) as caught:
        pool.call(7, "error")
    assert caught.value.args == ("k", 7)
    assert pool.call(1) == 1


@pytest.mark.parametrize("mode", ["sleep", "spin"])
def test_the_deadline_is_enforced_from_outside(pool, mode):
    """Neither sleeping nor computing outlasts it, and another worker takes over."""
    began = time.perf_counter()
    with pytest.raises(DeadlineExceeded, match="1 s"):
        pool.call(1, mode)
    assert time.perf_counter() - began < 3
    assert pool.call(2) == 2


def test_memory_is_limited(pool):
    """A gigabyte is too much; the error says so, and the next call works."""
    with pytest.raises(MemoryExceeded, match="more memory"):
        pool.call(1, "memory")
    assert pool.call(2) == 2


def test_a_worker_that_dies_is_replaced(pool):
    """The call fails clearly; the pool goes on."""
    with pytest.raises(PoetError, match="ended"):
        pool.call(1, "die")
    assert pool.call(2) == 2


def test_what_is_no_data_is_refused(pool):
    """Both ways, with a word on what to do."""
    with pytest.raises(PoetError, match="isolation='inprocess'"):
        pool.call(object())
    with pytest.raises(PoetError, match="cannot come back"):
        pool.call(1, "object")


def test_files_are_kept_away(pool):
    """An isolating backend lets a worker read nothing of the user's."""
    if not pool.backend.isolates:
        pytest.skip("the plain process does not isolate")
    with pytest.raises(OSError):  # noqa: PT011 - which one depends on the backend
        pool.call(1, "passwd")


def test_async_calls_run_side_by_side(tmp_path):
    """The event loop is not blocked, and there are as many workers as allowed."""
    pool = pool_for(tmp_path, Plain(), size=2)

    async def both():
        return await asyncio.gather(*(pool.acall(1, "pid") for _ in range(6)))

    try:
        assert 1 <= len(set(asyncio.run(both()))) <= 2
    finally:
        pool.close()


def test_arrays_go_through_shared_memory(pool):
    """Large ones, both ways, to the bit; a change in the worker stays there."""
    numpy = pytest.importorskip("numpy")
    array = numpy.arange(1_000_000.0).reshape(1000, 1000)
    back = pool.call({"a": array, "b": [array[:10]]})
    assert back["a"].tobytes() == array.tobytes()
    assert back["b"][0].shape == (10, 1000)


def test_a_workers_answer_runs_nothing():
    """Names, imports and unknown forms in an answer are refused, not looked up."""
    from poet.generate.sandbox.codec import NotData, decode, known_error

    for forged in (
        {"name": "os:system"},
        {"module": "antigravity"},
        {"record": ["subprocess:Popen", {}]},
        {"record": ["tests.nowhere:X", {}]},
        {"row": ["os:stat_result", [1]]},
        {"shared": ["<f8", [10**9], 0]},
        {"shared": ["|O", [2], 0]},
        {"member": ["os:system", "x"]},
    ):
        with pytest.raises(NotData):
            decode(forged, trusted=False)
    error = known_error(
        {"type": ["os", "system"], "args": ["id"], "state": {"dict": []}, "text": "x"}
    )
    assert isinstance(error, PoetError)


def test_records_are_those_of_loaded_modules():
    """A dataclass comes back as itself, without running its __init__."""
    from poet.generate.sandbox.codec import decode, encode

    example = Spec(retries=3)
    back = decode(encode(example), trusted=False)
    assert back == example
    assert dataclasses.is_dataclass(back)
