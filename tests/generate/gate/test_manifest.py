"""Manifests: what the original may do is read from its module, and only grants widen it."""

from __future__ import annotations

import pytest

from poet import domains
from poet.generate.gate.manifest import hosts_in, manifest_of
from poet.source import FunctionSource
from poet.spec import Spec

MODULE = """
import csv, os
import urllib.request
from pathlib import Path
import numpy as np

API = "https://api.example.com:8443/v1"
CACHE = "cache/last.json"
NAME = "APP_REGION"

def save(text):
    open(CACHE, "w").write(text)
    Path("notes.txt").read_text()
    os.environ["HOME_FOLDER"], os.getenv(NAME)

def load(path):
    with open(path) as lines:
        return list(csv.reader(lines))
"""


def manifest(text=MODULE, name="load", grants=()):
    source = FunctionSource.in_text(text, name, module="app")
    return manifest_of(source, Spec(grants=tuple(grants)), domains.load("reliability"))


def test_whole_module_counts():
    """Packages, paths with their modes, variables and hosts of the module, literal or named."""
    found = manifest()
    assert found.packages >= {"csv", "os", "urllib", "pathlib", "numpy"}
    assert found.modules >= {"urllib.request", "pathlib"}
    assert "urllib.parse" not in found.modules
    assert found.environment == {"HOME_FOLDER", "APP_REGION"}
    assert found.reads == {"*", "notes.txt"}
    assert found.writes == {"cache/last.json"}
    assert found.hosts == {"api.example.com"}
    assert not found.process


@pytest.mark.parametrize(
    ("grant", "holds"),
    [
        ("net:backup.example.org", lambda m: m.may_reach("backup.example.org")),
        ("net:*.example.org", lambda m: m.may_reach("a.b.example.org")),
        ("fs.write:out/", lambda m: m.may_open("out/a/b.txt", writing=True)),
        ("fs.read:data/x.csv", lambda m: m.may_open("data/x.csv", writing=False)),
        ("env:TZ", lambda m: "TZ" in m.environment),
        ("import:httpx", lambda m: "httpx" in m.packages),
        ("process", lambda m: m.process),
        ("thread", lambda m: m.thread),
        ("signal", lambda m: m.signal),
    ],
)
def test_grants_widen(grant, holds):
    """Each grant gives exactly its capability."""
    text = "def f(x):\n    return x\n"
    assert not holds(manifest(text, "f"))
    assert holds(manifest(text, "f", [grant]))


def test_a_granted_folder_cannot_be_left():
    """`..` does not lead out of what was granted, and a prefix is not a folder."""
    found = manifest(grants=["fs.write:out/"])
    assert not found.may_open("out/../secret", writing=True)
    assert not found.may_open("outside", writing=True)
    assert not found.may_reach("api.example.com.evil.net")


def test_text_is_readable():
    """A person can check the line."""
    assert manifest("def f(x):\n    return x\n", "f").text() == "only computes"
    assert "hosts: api.example.com" in manifest().text()
    assert "reads: computed paths, notes.txt" in manifest().text()


def test_hosts_in():
    """User, port and path are not the host."""
    assert hosts_in("see http://me:pw@A.example.com:80/x and redis://cache:6379/0") == [
        "a.example.com", "cache"]  # fmt: skip
