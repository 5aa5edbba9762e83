"""Every doubt about a function's effects counts against repeating it."""

import ast
import textwrap

import pytest

from poet.effects import effects_of


def judge(body, head="import requests, os, json, httpx, random, time\nfrom pathlib import Path"):
    """Return the effects of the last function in a module."""
    tree = ast.parse(head + "\n" + textwrap.dedent(body))
    return effects_of([n for n in tree.body if hasattr(n, "args")][-1], tree)


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("pure", "def f(a, b): return a + b"),
        ("pure", "def f(xs):\n  out = []\n  for x in xs: out.append(x)\n  return out"),
        ("pure", "def f(t): return json.loads(t)['a'].strip().lower()"),
        ("pure", "def f(xs): return sorted(set(xs), key=lambda x: -x)"),
        ("reads", "def f(u): return requests.get(u).json()"),
        ("reads", "def f(p): return open(p).read()"),
        ("reads", "def f(p): return Path(p).read_text()"),
        ("reads", "def f(): return os.environ['HOME']"),
        ("reads", "def f(): return random.random()"),
        ("reads", "def f(u):\n  with httpx.Client() as c:\n    return c.get(u).json()"),
        ("reads", "def g(u): return requests.get(u)\ndef f(u): return g(u).json()"),
        ("reads", "def f(cur): return cur.execute('SELECT 1').fetchall()"),
        ("writes", "def f(u): return requests.post(u, json={}).json()"),
        ("writes", "def f(p): open(p, 'w').write('x')"),
        ("writes", "def f(p): Path(p).write_text('x')"),
        ("writes", "def f(xs): xs.append(1)"),
        ("writes", "def f(d): d['a'] = 1"),
        ("writes", "def f(self): self.n += 1"),
        ("writes", "def f(): print('x')"),
        ("writes", "def f(cur): cur.execute('INSERT INTO t VALUES (1)')"),
        ("writes", "def f(u):\n  with httpx.Client() as c:\n    return c.post(u).json()"),
        ("writes", "n = 0\ndef f():\n  global n\n  n += 1"),
        ("writes", "def g(u): return requests.delete(u)\ndef f(u): return g(u)"),
        ("writes", "def f(p, m): return open(p, m)"),
        (
            "writes",
            "from urllib.request import *\nimport urllib.request\ndef f(u, b):\n"
            "  r = urllib.request.Request(u, data=b, method='POST')\n  return urllib.request.urlopen(r)",
        ),
        (
            "writes",
            "import urllib.request\ndef f(u, b):\n"
            "  return urllib.request.urlopen(urllib.request.Request(u, b))",
        ),
        (
            "reads",
            "import urllib.request\ndef f(u, h):\n"
            "  r = urllib.request.Request(u, headers=h)\n  return urllib.request.urlopen(r).read()",
        ),
        ("reads", "import urllib.request\ndef f(url): return urllib.request.urlopen(url).read()"),
        ("unknown", "import urllib.request\ndef f(req): return urllib.request.urlopen(req).read()"),
        ("unknown", "def f(gateway, amount): return gateway.settle(amount)"),
        ("unknown", "from shop import bill\ndef f(x): return bill(x)"),
        ("unknown", "def f(callback, x): return callback(x)"),
        ("writes", "def f(client, amount): return client.charge(amount)"),
    ],
)
def test_kind(kind, body):
    """Reading may be repeated; writing and what is unknown may not."""
    assert judge(body).kind == kind, judge(body).reasons


def test_reasons_name_the_line_and_the_library():
    """A person can check the verdict."""
    effects = judge("def f(u):\n    return requests.get(u)", head="import requests")
    assert effects.reasons == ("line 3: requests.get asks the network",)
    assert effects.network
    assert effects.libraries == ("requests",)


def test_decorators_and_defaults_are_not_the_call():
    """What ran when the function was defined is no effect of calling it."""
    body = "from poet import poet\n@poet(domain='api')\ndef f(u, t=print('x')):\n  return requests.get(u)"
    assert judge(body).kind == "reads"


def test_one_write_outweighs_all_reads():
    """A function that reads and then writes is not repeated."""
    assert not judge("def f(u):\n  r = requests.get(u)\n  requests.post(u, r)").repeatable
