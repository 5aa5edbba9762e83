"""Put functions to a model by hand, judge its answers, and say how many passed.

    python tests/recordings/make.py ask      write the requests that are not there yet
    python tests/recordings/make.py judge    run the gate on new answers; write repair requests
    python tests/recordings/make.py report   the figures

A request is `NNNN.request.md`; whoever plays the model writes `NNNN.answer.md` beside it, from the
request alone. `judge` gives every refused answer back with the gate's report, up to three attempts
in all, as the ladder does. `index.json` says which files belong to which function.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from tasks import TASKS, Task  # noqa: E402

from poet.errors import PoetError  # noqa: E402
from poet.generate.candidate import Candidate, Provenance  # noqa: E402
from poet.generate.gate import gate  # noqa: E402
from poet.generate.model.recordings import digest_of  # noqa: E402
from poet.generate.prompt import Prompt, full_prompt, repair_prompt  # noqa: E402
from poet.generate.reply import ReplyError, read_reply  # noqa: E402

ATTEMPTS = 3
INDEX = HERE / "index.json"
Entry = dict[str, Any]


def load_index() -> list[Entry]:
    """Return what was recorded: one entry per function, with its attempts in order."""
    return json.loads(INDEX.read_text()) if INDEX.is_file() else []


def save_index(index: list[Entry]) -> None:
    """Write the index so that a difference can be read."""
    INDEX.write_text(json.dumps(index, indent=1, ensure_ascii=False) + "\n")


def request_file(number: int) -> Path:
    return HERE / f"{number:04d}.request.md"


def answer_file(number: int) -> Path:
    return HERE / f"{number:04d}.answer.md"


def answers_of(entry: Entry) -> list[str]:
    """Return a function's answers in the order in which they came."""
    files = [answer_file(a["number"]) for a in entry["attempts"]]
    return [f.read_text() for f in files if f.is_file()]


def task_of(entry: Entry) -> Task:
    return next(t for t in TASKS if t.name == entry["task"])


def prompt_for(task: Task) -> Prompt:
    return full_prompt(task.source, task.spec, task.domain, task.worked_example)


def new_number(index: list[Entry]) -> int:
    return 1 + max((a["number"] for e in index for a in e["attempts"]), default=0)


def write_request(index: list[Entry], entry: Entry, prompt: Prompt) -> None:
    number = new_number(index)
    request_file(number).write_text(prompt.text)
    entry["attempts"].append({"number": number, "passed": None, "summary": None})


def ask(domains: list[str]) -> None:
    """Write the first request of each function that has none."""
    index = load_index()
    known = {e["task"] for e in index}
    for task in TASKS:
        if task.name in known or (domains and task.domain_name not in domains):
            continue
        try:
            prompt = prompt_for(task)
        except PoetError as error:
            print(f"left out: {task.name}: {error}")
            continue
        entry: Entry = {"task": task.name, "domain": task.domain_name, "attempts": []}
        index.append(entry)
        write_request(index, entry, prompt)
    save_index(index)
    waiting(index)


def waiting(index: list[Entry]) -> None:
    """Say which requests have no answer."""
    numbers = sorted(a["number"] for e in index for a in e["attempts"])
    missing = [n for n in numbers if not answer_file(n).is_file()]
    print(f"{len(numbers)} requests, {len(missing)} without an answer")
    for number in missing:
        print(f"  {request_file(number).name} → {answer_file(number).name}")


def judged(task: Task, text: str) -> tuple[bool, str, str]:
    """Run the gate on one answer: passed, one line, and the report for the model."""
    try:
        reply = read_reply(text)
    except ReplyError as error:
        return False, str(error), str(error)
    candidate = Candidate(reply.code, Provenance("model", task.domain_name), reply.train)
    report = gate(candidate, task.source, task.spec, task.domain)
    return report.passed, report.summary, report.for_model()


def judge(again: bool) -> None:
    """Run the gate on the answers that were not judged yet, and ask for repairs."""
    index = load_index()
    for entry in index:
        task = task_of(entry)
        for attempt in list(entry["attempts"]):
            file = answer_file(attempt["number"])
            if not file.is_file() or (attempt["passed"] is not None and not again):
                continue
            text = file.read_text()
            attempt["passed"], attempt["summary"], told = judged(task, text)
            mark = "✓" if attempt["passed"] else "✗"
            print(f"{mark} {attempt['number']:04d} {entry['task']}: {attempt['summary']}", flush=True)
            is_last = attempt is entry["attempts"][-1]
            if not attempt["passed"] and is_last and len(entry["attempts"]) < ATTEMPTS:
                write_request(index, entry, repair_prompt(prompt_for(task), text, told))
            save_index(index)
    waiting(index)


def figures(index: list[Entry]) -> Iterator[tuple[str, int, int, int]]:
    """Yield (domain, functions, passed at once, passed in the end), the last for all domains."""
    done = [e for e in index if any(a["passed"] is not None for a in e["attempts"])]
    for domain in [*sorted({e["domain"] for e in done}), "all"]:
        chosen = [e for e in done if domain in (e["domain"], "all")]
        first = sum(e["attempts"][0]["passed"] is True for e in chosen)
        last = sum(any(a["passed"] for a in e["attempts"]) for e in chosen)
        yield domain, len(chosen), first, last


def report() -> int:
    """Print the figures; the exit status is 1 where fewer passed than aimed at."""
    index = load_index()
    share = at_once = 0.0
    for domain, count, first, last in figures(index):
        at_once, share = (first / count, last / count) if count else (0.0, 0.0)
        print(f"{domain:14} {count:3} functions   at once {first:3} ({at_once:.0%})   "
              f"after repair {last:3} ({share:.0%})")  # fmt: skip
    reasons = Counter(
        str(a["summary"]).split(":")[1].split()[0] if ":" in str(a["summary"]) else "answer"
        for e in index
        for a in e["attempts"]
        if a["passed"] is False
    )
    if reasons:
        print("refused by rule: " + ", ".join(f"{r} {n}" for r, n in reasons.most_common()))
    current = sum(
        digest_of(request_file(e["attempts"][0]["number"]).read_text())
        == digest_of(prompt_for(task_of(e)).text)
        for e in index
    )
    print(f"{current} of {len(index)} first requests are what would be asked today")
    return 0 if at_once >= 0.8 and share >= 0.95 else 1


def main() -> int:
    parser = argparse.ArgumentParser(description="Record a model's answers by hand.")
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("ask", help="write the requests that are not there yet")
    one.add_argument("domains", nargs="*", help="only these domains")
    two = commands.add_parser("judge", help="run the gate on new answers")
    two.add_argument("--again", action="store_true", help="judge the old ones anew as well")
    commands.add_parser("report", help="print the figures")
    options = parser.parse_args()
    if options.command == "ask":
        ask(options.domains)
    elif options.command == "judge":
        judge(options.again)
    else:
        return report()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
