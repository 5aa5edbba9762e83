"""Throughput, latency and cost of queries of POET's event stores, next to others.

    python benchmarks/events.py                  about two minutes
    python benchmarks/events.py --stored 10_000_000   also queries among so many events (5 GB)

Everything measured survives `kill -9` of the process. The comparison needs
`pip install persist-queue litequeue diskcache`; the Redis figures need `redis-server`.
"""

from __future__ import annotations

import argparse
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from multiprocessing import get_context
from pathlib import Path

import orjson
from uuid_utils import uuid7

from poet.events import Event, Journal, segments
from poet.events.embedded import EmbeddedQueue
from poet.events.execution import ExecutionWriter
from poet.events.positions import Positions
from poet.events.queue import EventQueue
from poet.events.sqlite import SQLiteQueue


def event(n: int) -> Event:
    name = str(uuid7())
    payload = {"execution_id": name, "function": f"app.f{n % 10}", "version": 1,
               "started_at": time.time(), "duration_ms": 1.5, "success": True, "error": None,
               "attempts": 1, "flags": [], "inputs": None, "outputs": None}  # fmt: skip
    return Event(name, "function.execution", time.time(), name, None, "poet",
                 {"version": "1", "environment": "benchmark", "service": "b"}, payload)  # fmt: skip


def each(action: Callable[[object], object], items: Iterable[object]) -> tuple[float, str]:
    """Return actions per second, and their median and 99th percentile in words."""
    took = []
    clock = time.perf_counter
    begun = clock()
    for item in items:
        start = clock()
        action(item)
        took.append(clock() - start)
    rate = len(took) / (clock() - begun)
    took.sort()
    return (
        rate,
        f"p50 {took[len(took) // 2] * 1e6:.1f} µs, p99 {took[len(took) * 99 // 100] * 1e6:.1f} µs",
    )


def write_executions(folder: Path, count: int) -> float:
    """Write as the call path does, ids included; return events per second."""
    journal = Journal(folder, housekeeping=False)
    writers = [
        ExecutionWriter(journal, function=f"app.f{n}", environment="benchmark", service="b")
        for n in range(10)
    ]
    begun = time.perf_counter()
    for n in range(count):
        now = time.time_ns()
        writers[n % 10].success(str(uuid7()), 1, now - 150_000, now)
    took = time.perf_counter() - begun
    assert journal.lost == 0
    journal.close()
    return count / took


def hot_path(folder: Path) -> None:
    print("The call path: one plain execution, its id, its event")
    best = max(write_executions(folder / f"one{i}", 200_000) for i in range(5))
    print(
        f"  one process               {best:12,.0f} events/s   {1e6 / best:.2f} µs each (goal 200,000)"
    )
    line = event(0).line()
    journal = Journal(folder / "append", housekeeping=False)
    rate, words = each(journal.append, [line] * 200_000)
    print(f"  append alone, timed each  {rate:12,.0f} events/s   {words}")
    journal.close()
    with get_context("spawn").Pool(4) as pool:
        pool.map(abs, range(64))
        begun = time.perf_counter()
        pool.starmap(write_executions, [(folder / "four", 200_000)] * 4, chunksize=1)
        took = time.perf_counter() - begun
    print(f"  four processes together   {800_000 / took:12,.0f} events/s")


class RedisServer:
    def __init__(self, folder: Path, fsync: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        folder.mkdir()
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "",
             "--appendonly", "yes", "--appendfsync", fsync, "--dir", str(folder)],
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
        self.url = f"redis://127.0.0.1:{port}/0"
        time.sleep(0.5)


def queues(folder: Path, count: int) -> dict[str, float]:
    """Measure the three stores behind the one interface; return single publishes per second."""
    made: list[tuple[str, EventQueue]] = [
        ("embedded", EmbeddedQueue(folder / "embedded")),
        ("sqlite", SQLiteQueue(folder / "events.db")),
    ]
    servers = []
    if shutil.which("redis-server"):
        from poet.events.redis_streams import RedisQueue

        for fsync in ("everysec", "always"):
            servers.append(RedisServer(folder / f"redis-{fsync}", fsync))
            made.append((f"redis, fsync {fsync}", RedisQueue(servers[-1].url)))
    else:
        print("redis-server is not installed: its figures are left out")
    print(f"\nThe queue: {count:,} events one by one, {count:,} in batches of 1,000, then handled")
    rates = {}
    for name, queue in made:
        rate, words = each(queue.publish, [event(n) for n in range(count)])
        many = [event(n) for n in range(count)]
        begun = time.perf_counter()
        for start in range(0, count, 1000):
            queue.publish_many(many[start : start + 1000])
        batched = count / (time.perf_counter() - begun)
        begun = time.perf_counter()
        handled = queue.subscribe(lambda e: None, group="g", once=True)
        consumed = handled / (time.perf_counter() - begun)
        assert handled == 2 * count
        print(
            f"  {name:22s}{rate:10,.0f}/s ({words})   batched {batched:9,.0f}/s   handled {consumed:9,.0f}/s"
        )
        rates[name] = rate
        queue.close()
    for server in servers:
        server.process.kill()
        server.process.wait()
    return rates


def others(folder: Path, count: int) -> dict[str, float]:
    """Measure other durable queues with the same bytes."""
    print(f"\nOthers, the same bytes: {count:,} put one by one, then taken and acknowledged")
    lines = [event(n).line() for n in range(count)]
    rates = {}
    for name, make in (("litequeue", _litequeue), ("persist-queue", _persist_queue),
                       ("diskcache", _diskcache)):  # fmt: skip
        try:
            put, take = make(folder / name)
        except ImportError:
            print(f"  {name:22s}not installed: pip install {name}")
            continue
        rate, words = each(put, lines)
        begun = time.perf_counter()
        for _ in range(count):
            take()
        consumed = count / (time.perf_counter() - begun)
        print(f"  {name:22s}{rate:10,.0f}/s ({words})   handled {consumed:9,.0f}/s")
        rates[name] = rate
    return rates


def _litequeue(path: Path) -> tuple[Callable[[object], object], Callable[[], object]]:
    from litequeue import LiteQueue

    path.mkdir()
    queue = LiteQueue(str(path / "queue.db"))
    return (lambda line: queue.put(line.decode()), lambda: queue.done(queue.pop().message_id))


def _persist_queue(path: Path) -> tuple[Callable[[object], object], Callable[[], object]]:
    import persistqueue

    queue = persistqueue.SQLiteAckQueue(str(path), auto_commit=True)
    return (queue.put, lambda: queue.ack(queue.get()))


def _diskcache(path: Path) -> tuple[Callable[[object], object], Callable[[], object]]:
    import diskcache

    queue = diskcache.Deque(directory=str(path))
    return (queue.append, queue.popleft)


def questions(folder: Path, sizes: list[int]) -> None:
    """Measure what it costs to ask a journal that grows, still plain and then sealed."""
    print("\nAsking the journal (ms; median and worst of 30; indexes read anew each time)")
    print(
        f"  {'events':>10s} {'':8s}{'one execution':>18s}{'an unknown id':>18s}{'newest 20 of f3':>18s}{'size':>10s}"
    )
    stored = 0
    chosen = random.Random(1)
    for size in sizes:
        write_executions(folder, size - stored)
        stored = size
        journal = Journal(folder)
        for state in ("plain", "sealed"):
            if state == "sealed":
                begun = time.perf_counter()
                journal.gc()
                sealing = time.perf_counter() - begun
            ids = _some_ids(journal, chosen)
            found = _timed(lambda name: _found(journal, name), ids)
            missing = _timed(journal.find, [str(uuid7()) for _ in range(30)])
            newest = _timed(lambda _: journal.query(function="app.f3", limit=20), range(30))
            mega = sum(p.stat().st_size for p in folder.iterdir() if p.is_file()) / 1e6
            print(f"  {size:10,d} {state:8s}{found:>18s}{missing:>18s}{newest:>18s}{mega:8,.0f} MB")
        print(f"  {'':10s} sealing took {sealing:.1f} s")


def _found(journal: Journal, name: str) -> None:
    assert journal.find(name) is not None


def _some_ids(journal: Journal, chosen: random.Random) -> list[str]:
    names = []
    while len(names) < 30:
        segment = chosen.choice(journal.segments())
        size = segment.index().size if segment.sealed else segment.path.stat().st_size
        lines = segment.read(max(0, chosen.randrange(size) - 5000), 20_000).split(b"\n")
        if len(lines) > 3:
            names.append(orjson.loads(lines[-3])["id"])
    return names


def _timed(action: Callable[[object], object], items: Iterable[object]) -> str:
    took = []
    for item in items:
        segments._indexes.clear()
        segments._summaries.clear()
        start = time.perf_counter()
        action(item)
        took.append((time.perf_counter() - start) * 1000)
    return f"{statistics.median(took):.1f} / {max(took):.1f}"


def aggregation(folder: Path) -> None:
    """Measure one pass over a million new events: count, successes, time per function."""
    write_executions(folder, 1_000_000)
    calls: Counter[str] = Counter()
    spent: Counter[str] = Counter()
    positions = Positions()
    begun = time.perf_counter()
    while lines := positions.advance(folder, 4_000_000):
        for line in lines:
            payload = orjson.loads(line)["payload"]
            calls[payload["function"]] += payload["success"]
            spent[payload["function"]] += payload["duration_ms"]
    positions.save(folder / "position.json")
    took = time.perf_counter() - begun
    assert sum(calls.values()) == 1_000_000
    print(f"\nOne pass over a million new events: {took:.1f} s (goal 5)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stored", type=lambda text: int(text.replace("_", "")), default=1_000_000)
    parser.add_argument("--count", type=int, default=20_000)
    options = parser.parse_args()
    print(f"Python {sys.version.split()[0]}")
    with tempfile.TemporaryDirectory(prefix="poet-events-") as name:
        folder = Path(name)
        hot_path(folder)
        ours, theirs = queues(folder, options.count), others(folder, options.count)
        print("\nRatios of single publishes per second")
        for mine, rate in ours.items():
            words = ", ".join(f"{rate / other:.1f} × {name}" for name, other in theirs.items())
            print(f"  {mine:22s}{words}")
        aggregation(folder / "aggregation")
        shutil.rmtree(folder / "aggregation")
        sizes = [s for s in (10**4, 10**5, 10**6, 10**7) if s <= options.stored]
        questions(folder / "questions", sizes)


if __name__ == "__main__":
    main()
