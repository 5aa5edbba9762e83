"""Watch a deployed model for ten weeks, and learn from the people who are woken up.

    python examples/model_monitor/monitor.py            # writes report.html beside this file

A shop's fraud model scores orders. Weekends differ from working days (nothing is wrong then), in
week 6 a supplier's price list doubles the amounts of some orders, and from week 8 on a form loses
the customer's age. The orders are simulated, so that the truth is known; put your own table in
place of `orders`. Two monitors are run side by side: one that compares each day with all of the
past, and one that was told `false on weekends` and compares like with like.
"""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from poet import poet
from poet.domains.ml_monitoring.toolkit import Alarm, Reference, cheapest_threshold, matched

START = np.datetime64("2026-01-05T00", "h")  # a Monday
DAY, WEEKS, USUAL = 24, 10, 4  # orders are made up hour by hour; four weeks are the reference


@poet(domain="ml_monitoring")
def check_day(current, reference, min_effect=0.05):
    """Compare one day's orders with what is usual."""
    return {
        "drift_detected": False,
        "score": 0.0,
        "severity": "none",
        "drifted_features": [],
        "message": "",
        "recommendations": [],
    }


def orders(weeks: int, seed: int = 7) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return simulated orders, twenty an hour, and their times."""
    rng = np.random.default_rng(seed)
    hours = START + np.arange(weeks * 7 * DAY)
    times = np.repeat(hours, 20)
    n = len(times)
    week = (times - START).astype(int) // (7 * DAY)
    weekend = ((times - START).astype(int) // DAY) % 7 >= 5
    amount = rng.lognormal(3.0 + 0.5 * weekend, 0.6, n)
    amount[(week == 6) & (rng.random(n) < 0.4)] *= 2
    age = rng.normal(41 - 6 * weekend, 12, n)
    age[(week >= 8) & (rng.random(n) < 0.25)] = np.nan
    channel = np.where(rng.random(n) < 0.35 + 0.3 * weekend, "app", "web").astype(object)
    score = 1 / (1 + np.exp(4 - 0.02 * amount - 0.01 * np.nan_to_num(age, nan=41)))
    return {"amount": amount, "age": age, "channel": channel, "score": score}, times


def truth(day: int) -> bool:
    """Tell whether something really was wrong on a day."""
    return day // 7 == 6 or day // 7 >= 8


@dataclass
class Log:
    """What one monitor did."""

    name: str
    scores: list[float] = field(default_factory=list)
    drifted: list[bool] = field(default_factory=list)
    alerts: list[str] = field(default_factory=list)

    def counts(self, first: int) -> tuple[int, int]:
        """Return the days with a false alarm, and those missed."""
        days = range(first, first + len(self.drifted))
        false = sum(d and not truth(day) for d, day in zip(self.drifted, days, strict=True))
        missed = sum(truth(day) and not d for d, day in zip(self.drifted, days, strict=True))
        return false, missed


def rows(table: dict[str, np.ndarray], which: np.ndarray | slice) -> dict[str, np.ndarray]:
    """Return some rows of a table."""
    return {name: values[which] for name, values in table.items()}


def watch() -> tuple[list[Log], str]:
    """Run both monitors over all days after the reference."""
    table, times = orders(WEEKS)
    day_of = (times - START).astype(int) // DAY
    past = day_of < USUAL * 7
    usual, usual_times = rows(table, past), times[past]
    known = Reference(usual)
    logs = [Log("all of the past"), Log("the same weekdays")]
    alarms = [Alarm(raise_after=1, clear_after=2, budget=4, period=14) for _ in logs]
    for day in range(USUAL * 7, WEEKS * 7):
        now = day_of == day
        like = matched(usual, usual_times, times[now], by="weekday")
        for log, alarm, reference in zip(logs, alarms, (known, like), strict=True):
            found = check_day(rows(table, now), reference)
            log.scores.append(found["score"])
            log.drifted.append(found["drift_detected"])
            alert = alarm.raise_or_clear(found["drift_detected"], found["severity"])
            if alert:
                log.alerts.append(f"{START + day * DAY}: {alert}. {found['message']}")
    labels = [truth(day) for day in range(USUAL * 7, WEEKS * 7)]
    learned = cheapest_threshold(logs[1].scores, labels, now=0.05)
    note = (
        f"From {learned.labelled} judged days the cheapest limit is {learned.threshold:.3f}; the"
        f" judged days would have cost {learned.cost:.0f} instead of {learned.cost_now:.0f}."
    )
    return logs, note


def chart(log: Log, first: int) -> str:
    """Return a bar for each day: grey, nothing said; red, false; green, right; hollow, missed."""
    bars = []
    for i, (score, said) in enumerate(zip(log.scores, log.drifted, strict=True)):
        real = truth(first + i)
        colour = ("#2a7" if real else "#c33") if said else ("#fff" if real else "#bbb")
        height = 8 + 150 * score
        bars.append(
            f'<rect x="{i * 16}" y="{170 - height:.0f}" width="13" height="{height:.0f}"'
            f' fill="{colour}" stroke="#777"><title>day {first + i}: {score:.2f}</title></rect>'
        )
    return f'<svg viewBox="0 0 {len(bars) * 16} 172" width="100%">{"".join(bars)}</svg>'


def page(logs: list[Log], note: str) -> str:
    """Return the report as a web page that stands alone."""
    parts = []
    for log in logs:
        false, missed = log.counts(USUAL * 7)
        alerts = "".join(f"<li>{html.escape(a)}</li>" for a in log.alerts)
        parts.append(
            f"<h2>Compared with {log.name}</h2><p>{false} days with a false alarm, {missed} missed,"
            f" {len(log.alerts)} messages.</p>{chart(log, USUAL * 7)}<ol>{alerts}</ol>"
        )
    style = "body{font:16px/1.5 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    return (
        f'<!doctype html><meta charset="utf-8"><title>Model monitor</title><style>{style}</style>'
        f"<h1>Six weeks of a fraud model</h1><p>Height: how much moved. Green: drift that was"
        f" real. Red: a false alarm. White: missed.</p>{''.join(parts)}"
        f"<h2>Learned</h2><p>{html.escape(note)}</p>"
    )


def main() -> None:
    """Run, say what happened, write the page."""
    logs, note = watch()
    for log in logs:
        false, missed = log.counts(USUAL * 7)
        print(f"{log.name:>18}: {false} false-alarm days, {missed} missed days, "
              f"{len(log.alerts)} messages")  # fmt: skip
    print(note)
    target = Path(__file__).with_name("report.html")
    target.write_text(page(logs, note), encoding="utf-8")
    print(f"Written: {target.name}")


if __name__ == "__main__":
    main()
