"""Cases of `functions.effects`; files in the working folder, prints and log lines are compared."""

import os
import sqlite3
from pathlib import Path

from functions import effects as m

from . import Cases, Fresh, call

cases = Cases(m)
good, bad, right = cases.good, cases.bad, cases.right


def database():
    db = sqlite3.connect(":memory:")
    db.execute("create table orders (id integer primary key, sku text, count int)")
    db.execute("insert into orders (sku, count) values ('tea', 3)")
    return db


DB = Fresh(database)

good(m.save_order, (DB, "tea"), (DB, "milk", 2), (DB, "", 0), call(Fresh(lambda: sqlite3.connect("orders.db")), "x"), (DB, "ä", -1))
bad(m.save_order, "sku", (DB, None), (DB, 5), (DB, b"tea"))
bad(m.save_order, "count", (DB, "tea", "2"), (DB, "tea", None), (DB, "tea", 1.5))
right(m.save_order, (DB, "tea", True))
good(m.stock_of, (DB, "tea"), (DB, "milk"), (DB, ""), (Fresh(lambda: sqlite3.connect(":memory:")), "x"))
bad(m.stock_of, "sku", (DB, None), (DB, 5), (DB, 1.5))
good(m.write_report, ("r.txt", ["a", "b"]), ("r.txt", []), call("r.txt", ["new"]).with_files(r_txt="old"), ("no/r.txt", []))
bad(m.write_report, "path", (Path("r.txt"), ["a"]), (b"r.txt", []))
bad(m.write_report, "lines", ("r.txt", ("a",)), ("r.txt", "ab"), ("r.txt", {"a": 1}))
good(m.place, ({"sku": "a"},), ({},), ({"id": 9},), ({"sku": "b"},))
good(m.say, ("a", 1), (), call("a", "b", sep="-"), call("x", to_stderr=True))
bad(m.say, "sep", call("a", "b", sep=None))
bad(m.say, "to_stderr", call("a", to_stderr="no"), call("a", to_stderr=None))
good(m.audit, ("login",), ("x", "warning"), ("", "debug"), ("x", "loud"))
bad(m.audit, "action", (5,), (None,), (["a"],))
good(m.sort_in_place, ([2, 1],), ([],), ([1, 2], True), (["b", "a"],))
good(m.drain, ([1, 2, 3], 2), ([],), ([1],), ([1, 2], 0))
bad(m.drain, "limit", ([1, 2], 1.5), ([1], 0.5))
right(m.drain, ([1, 2], True))
good(m.rotate, call(Path(".")).with_files(a_log="", b_log="", c_log=""), (Path("none"),), call(Path("."), 0).with_files(a_log="x", b_txt="y"), (Path("."), 5))
bad(m.rotate, "keep", (Path("."), 1.5), call(Path("."), 2.5).with_files(a_log=""))
good(m.set_env, ("CORPUS_A", "1"), ("CORPUS_A", "2"), ("CORPUS_B", ""), ("", "x"))
good(m.old_way, (1,), (0,), (-1,), (10**20,))
bad(m.old_way, "n", (1.5,), (1j,))
os.environ.pop("CORPUS_A", None)
os.environ.pop("CORPUS_B", None)
