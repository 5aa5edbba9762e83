"""What the original may do, read from its own module: a candidate gets this and what was granted.

Never computed from generated text.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...domains import Domain
    from ...source import FunctionSource
    from ...spec import Spec

_URL = re.compile(r"\b(?:https?|wss?|ftp|redis|postgresql|mysql)://(?:[^/@\s]*@)?([A-Za-z0-9.-]+)")


@dataclass(frozen=True)
class Manifest:
    """Capabilities of one function.

    Attributes:
        packages: Top-level packages that its module imports, and granted ones.
        toolkit: The module of tested helpers that its domain offers.
        environment: Names of environment variables.
        reads: Paths that are opened for reading; `"*"` when the path is computed.
        writes: Paths that are opened for writing; `"*"` when the path is computed.
        hosts: Hosts named in the module's text.
        process: Whether other programs are started.
        thread: Whether threads are started.
        attributes: Every attribute name in the module's text.
        calls: Built-in functions called in it.
        keywords: Pairs of keyword and literal value in its calls.
        names: Every identifier in it.
    """

    packages: frozenset[str] = frozenset()
    toolkit: str | None = None
    environment: frozenset[str] = frozenset()
    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()
    process: bool = False
    thread: bool = False
    attributes: frozenset[str] = frozenset()
    calls: frozenset[str] = frozenset()
    keywords: frozenset[tuple[str, str]] = frozenset()
    names: frozenset[str] = frozenset()

    def text(self) -> str:
        """Return the capabilities as one readable line."""
        parts = [
            ("imports", sorted(self.packages | ({self.toolkit} if self.toolkit else set()))),
            ("environment", sorted(self.environment)),
            ("reads", sorted(self.reads)),
            ("writes", sorted(self.writes)),
            ("hosts", sorted(self.hosts)),
        ]
        shown = [f"{name}: {', '.join(map(str, found))}" for name, found in parts if found]
        shown += [name for name, on in (("starts processes", self.process),
                                        ("starts threads", self.thread)) if on]  # fmt: skip
        return "; ".join(shown) or "only computes"


def manifest_of(source: FunctionSource, spec: Spec, domain: Domain) -> Manifest:
    """Compute what a candidate for this function may do.

    Args:
        source: The original; its whole module counts.
        spec: Its grants widen the manifest.
        domain: Its toolkit may be imported.
    """
    tree = ast.parse(source.module_text)
    packages = set(_packages(tree))
    environment, hosts = set(_environment(tree)), set(_hosts(tree))
    reads: set[str] = set()
    writes: set[str] = set()
    for path, writing in _opens(tree):
        (writes if writing else reads).add(path)
    process = bool(packages & {"subprocess", "multiprocessing", "pty"})
    thread = bool(packages & {"threading", "concurrent"})
    for grant in spec.grants:
        kind, _, what = grant.partition(":")
        match kind:
            case "net":
                hosts.add(what)
            case "fs.read":
                reads.add(what)
            case "fs.write":
                writes.add(what)
            case "env":
                environment.add(what)
            case "import":
                packages.add(what.split(".")[0])
            case "process":
                process = True
                packages.add("subprocess")
            case "thread":
                thread = True
    packages.discard("poet")
    packages.discard("__future__")
    return Manifest(
        packages=frozenset(packages),
        toolkit=domain.toolkit,
        environment=frozenset(environment),
        reads=frozenset(reads),
        writes=frozenset(writes),
        hosts=frozenset(hosts),
        process=process,
        thread=thread,
        attributes=frozenset(n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)),
        calls=frozenset(
            n.func.id
            for n in ast.walk(tree)
            if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
        ),
        keywords=frozenset(
            (k.arg, ast.unparse(k.value))
            for n in ast.walk(tree)
            if isinstance(n, ast.Call)
            for k in n.keywords
            if k.arg and isinstance(k.value, ast.Constant)
        ),
        names=frozenset(_identifiers(tree)),
    )


def _packages(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name.split(".")[0]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def _environment(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        first: ast.expr | None = None
        if isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("environ"):
            first = node.slice
        elif isinstance(node, ast.Call) and node.args:
            if ast.unparse(node.func) in ("os.getenv", "getenv", "os.environ.get", "environ.get"):
                first = node.args[0]
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first.value


def _hosts(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from hosts_in(node.value)


def hosts_in(text: str) -> list[str]:
    """Return the hosts of the URLs in a text."""
    return [m.group(1).lower() for m in _URL.finditer(text)]


def _opens(tree: ast.Module) -> Iterator[tuple[str, bool]]:
    """Each path that is opened, and whether for writing."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name in ("read_text", "read_bytes"):
            yield "*", False
        elif name in ("write_text", "write_bytes", "touch", "mkdir", "unlink"):
            yield "*", True
        elif name == "open":
            yield opened(node)


def opened(node: ast.Call) -> tuple[str, bool]:
    """Return the path of a call of `open`, `"*"` when computed, and whether it may write."""
    method = isinstance(node.func, ast.Attribute)
    arguments = node.args[0:] if not method else [None, *node.args]
    first = arguments[0] if arguments else None
    mode = arguments[1] if len(arguments) > 1 else None
    mode = next((k.value for k in node.keywords if k.arg == "mode"), mode)
    path = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else "*"
    if mode is None:
        return path, False
    if isinstance(mode, ast.Constant) and isinstance(mode.value, str):
        return path, bool(set(mode.value) & set("wax+"))
    return path, True


def _identifiers(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.Attribute):
            yield node.attr
