"""Cases of `functions.async_`; coroutines are awaited."""

import asyncio

import numpy as np
from functions import async_ as m

from . import Cases, call

cases = Cases(m)
good, bad, right = cases.good, cases.bad, cases.right


class Client:
    async def get(self, user_id):
        await asyncio.sleep(0)
        return {"name": f"user {user_id}"}


async def fails():
    raise ConnectionError("down")


async def works():
    return 5


async def breaks():
    raise KeyError("bug")


def step(state):
    state["a"] = 1


async def async_step(state):
    state["b"] = 2


good(m.double, (2,), (0,), (-1,), (10**20,))
bad(m.double, "n", ("ab",), (1.5,), ([1],), ((1,),))
right(m.double, (True,), (np.int64(4),))
good(m.gather_all, ([1, 2],), ([],), call([3], worker=m.double), ([0, 0],))
bad(m.gather_all, "values", ((1, 2),), (range(2),), ({1},), (["a"],))
good(m.first_ok, ([works],), ([fails, works],), ([fails],), ([], 7), ([breaks, works],))
good(m.with_limit, (["a", "bb"],), ([],), (["x"], 1), (("a", "b", "c"), 2))
bad(m.with_limit, "values", ([b"a"],), ([(1, 2)],), ({"a"},), ({"a": 1},))
bad(m.with_limit, "limit", ([], 1.5), ([], 0.5))
right(m.with_limit, (("a",), True))
good(m.read_name, (Client(), 1), call(Client(), 2, upper=True), (Client(), 0), (Client(), -1))
bad(m.read_name, "user_id", (Client(), "1"), (Client(), None), (Client(), 1.0))
bad(m.read_name, "upper", call(Client(), 1, upper="no"), call(Client(), 1, upper=None))
good(m.wait_for, (0,), (0.001, "x"), (5,), (-1,))
bad(m.wait_for, "answer", (0, None), (0, 5), (0, ["x"]))
right(m.wait_for, (False,), (np.float64(0),))
good(m.run_steps, ({}, step), ({},), ({}, async_step), ({"x": 1}, step, async_step))
bad(m.run_steps, "state", ([],), (None,), ("text",))
good(m.Mailbox.send, (m.Mailbox(), "a", "b"), (m.Mailbox(), "", ""), call(m.Mailbox(), to="x", text="y"), (m.Mailbox(), "a", "a"))
bad(m.Mailbox.send, "to", (m.Mailbox(), 5, "b"), (m.Mailbox(), None, "b"))
bad(m.Mailbox.send, "text", (m.Mailbox(), "a", 5), (m.Mailbox(), "a", None))
good(m.Mailbox.open, (), ("a",), ("a", "b"), ("",))
bad(m.Mailbox.open, "first", (5,), (None,), (["a"],))
good(m.total, ([1, 2],), ([],), ([1.5], 2), ([1], 0))
bad(m.total, "values", ((1, 2),), ({1: 2},), (range(3),))
bad(m.total, "rate", ([1], 1j), ([2], "ab"))
right(m.total, ([True, np.float32(1)], None))
