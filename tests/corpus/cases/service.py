"""Cases of `functions.service`."""

from datetime import datetime, timedelta

from functions import service as m

from . import Cases, Fresh, call, loosely

cases = Cases(m)
good, bad, right = cases.good, cases.bad, cases.right
NOW = datetime(2024, 1, 10)
T = m.Ticket(1, "My kettle is broken", "Ada", ["kettle"])

good(m.classify, ("I want a refund",), ("all fine, thanks!",), ("hello",), ("",))
bad(m.classify, "text", (None,), (5,), (["refund"],))
good(m.route, (T, {"repair": ["broken"]}), (T, {}), (T, {"a": ["x"]}, "b"), (T, {"a": []}))
bad(m.route, "teams", (T, {"repair": "xyz"}), (T, {"repair": ("broken",)}), (T, {1: ["broken"]}))
bad(m.route, "default", (T, {}, None), (T, {}, 5))
good(m.reply_to, ("Ada",), ("Bob", "tea"), call("Cy", agent="Dan"), ("",))
bad(m.reply_to, "customer", (None,), (5,), (["Ada"],))
bad(m.reply_to, "topic", ("Ada", None), ("Ada", 5))
bad(m.reply_to, "agent", ("Ada", "tea", 5), ("Ada", "tea", []))
right(m.reply_to, call("Ada", agent=None))
good(m.due_at, (NOW,), (NOW, "urgent"), (NOW, "low"), call(NOW, priority="normal"))
bad(m.due_at, "priority", (NOW, "high"), (NOW, None), (NOW, 1))
good(m.tag, (T, "a"), (T,), (T, "kettle", "b"), (m.Ticket(2, ""), "x", "x"))
bad(m.tag, "tags", (T, 5), (T, None), (T, ("a", "b")))
good(m.sentiment, (["good day"],), ([],), (["awful", "bad"],), (["x"], {"x": 3}))
bad(m.sentiment, "messages", ([5],), ([None],), ((b"good",),))
bad(m.sentiment, "words", ([], []), ([], 0), (["x"], {"x": 0.5}))
right(m.sentiment, (Fresh(lambda: iter(["good"])),), (("great",),), ("good",))
good(m.anonymize, ("a@b.de wrote",), ("",), ("a@b.de", True), ("nothing",))
bad(m.anonymize, "keep_domain", ("a@b.de", "yes"), ("a@b.de", None))
good(m.open_tickets, ([T], NOW), ([], NOW), ([T], NOW, timedelta(0)), call([T, m.Ticket(2, "")], now=NOW))
good(m.suggest, *loosely("shape", (T,), (m.Ticket(2, ""),), call(ticket=T), (m.Ticket(3, "x", "y"),)))
bad(m.suggest, "ticket", ({"text": "x"},), ("broken",), (None,))
