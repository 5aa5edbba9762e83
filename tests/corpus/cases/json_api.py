"""Cases of `functions.json_api`; {server} is a local server that always answers the same."""

from functions import json_api as m

from . import Cases, call

cases = Cases(m, domain="api")
good, bad, right = cases.good, cases.bad, cases.right
S = "{server}"


class Session:
    """A double that answers without a network."""

    def __init__(self, answer):
        self.answer = answer
        self.asked = []

    def get(self, url):
        self.asked.append(url)
        return self

    def json(self):
        return self.answer


good(m.fetch_user, (S, 1), (S, 2), (S, 99), call(base_url=S, user_id=1))
bad(m.fetch_user, "user_id", (S, "1"), (S, "2"))
right(m.fetch_user, (S, 1))

good(m.get_user, (S, 1), (S, "2"), (S, 99), (S, "bad/x"))

good(m.find_user, (S, 1), (S, 99), (S, 2), call(user_id=1, base_url=S))
bad(m.find_user, "user_id", (S, "1"), (S, None), (S, 1.5))

good(m.create_user, (S, "Ann"), (S, "Bob", "pro"), call(S, "Cy", age=3), (S + "/bad", "x"))
bad(m.create_user, "name", (S, 5), (S, None), (S, ["Ann"]))
bad(m.create_user, "plan", (S, "Ann", None), (S, "Ann", 3))

good(m.all_items, (S,), (S, 3), (S, 0), (S, 1))
bad(m.all_items, "limit", (S, -0.5))
right(m.all_items, (S, True))

good(m.names_of, (S, [1, 2]), (S, []), (S, [99]), (S, [2, 99]))
bad(m.names_of, "ids", (S, (1, 2)), (S, ["1", "2"]), (S, {1}), (S, "12"))

good(m.search, (S, "x"), call(S, "a b", page=2), call(S, "", fields=["a", "b"]), call(S, "ü", fields=[]))
bad(m.search, "query", (S, 5), (S, None))
bad(m.search, "page", call(S, "x", page="2"), call(S, "x", page=None))
bad(m.search, "fields", call(S, "x", fields="ab"), call(S, "x", fields=("a", "b")))

good(m.post_event, (S, {"kind": "x"}), (S, {}), (S + "/bad", {}), (S, {"a": [1, None]}))
bad(m.post_event, "event", (S, ["a"]), (S, "text"), (S, None))

good(m.status_of, (S,), (S, "/users"), (S, "/nothing"), (S, "/broken"))

good(m.read_with, (Session({"name": "Ada"}), "u"), (Session({}), "u"), (Session([]), ""), (Session({"name": None}), None))
good(m.parse_reply, ('{"ok": true}',), ("{",), ("[]",), ("",))
bad(m.parse_reply, "text", (b'{"ok": 1}',), (bytearray(b"{}"),))
