"""What the original may do, read from its own module: a candidate gets this and what was granted.

Never computed from generated text.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...domains import Domain
    from ...source import FunctionSource
    from ...spec import Spec

_URL = re.compile(
    r"\b(?:https?|wss?|ftps?|sftp|rediss?|postgres(?:ql)?|mysql|mongodb|amqp|smtp|tcp|udp)"
    r"(?:\+\w+)?://(?:[^/@\s]*@)?(\[[0-9a-fA-F:.]+\]|[^\s/:?#'\"{}<>\\]+)",
    re.IGNORECASE,
)
_SQL = re.compile(
    r"^\s*(insert|update|delete|drop|alter|create|truncate|replace|attach|grant|pragma|vacuum)\s",
    re.IGNORECASE,
)
_SQL_INSIDE = re.compile(r"\b(insert)\s+into\b|\b(delete)\s+from\b|\b(update)\s+\S+\s+set\b", re.I)
_SQL_COMMENT = re.compile(r"/\*.*?\*/|--[^\n]*", re.DOTALL)
_SQL_TABLE = re.compile(r"\b(?:from|join|into|update|table)\s+([\w.\"`\[\]]+)", re.IGNORECASE)
_WRITING_METHODS = frozenset(
    "write_text write_bytes touch mkdir unlink rename rmdir chmod symlink_to hardlink_to".split()
)
_READING_METHODS = frozenset("read_text read_bytes iterdir glob rglob".split())
_HTTP_METHODS = frozenset({"get", "head", "options", "post", "put", "patch", "delete"})
_PROCESS_MODULES = frozenset({"subprocess", "multiprocessing", "pty"})


@dataclass(frozen=True)
class Manifest:
    """Capabilities of one function.

    Attributes:
        name: The original's name, which the entry has too.
        packages: Top-level packages that its module imports, and granted ones.
        modules: The modules that it imports, by full name; what a standard package's other
            modules do is not implied.
        aliases: What the module's own names of imported things stand for: `{"np": "numpy"}`.
        toolkit: The module of tested helpers that its domain offers.
        environment: Names of environment variables.
        reads: Paths that are opened for reading; `"*"` when the path is computed.
        writes: Paths that are opened for writing; `"*"` when the path is computed.
        hosts: Hosts named in the module's text, and granted ones; `"*"` grants all.
        process: Whether other programs are started.
        thread: Whether threads are started.
        signal: Whether signals are handled or sent.
        attributes: Every attribute name in the module's text.
        calls: Built-in functions called in it.
        keywords: Pairs of keyword and literal value in its calls.
        names: Every identifier in it.
        reached: Names that the function's own body takes from its module.
        texts: Every text literal in it.
        methods: HTTP methods used.
        statements: SQL statements that change data, by their first word.
        tables: Tables that its SQL names.
        options: Names of the keyword arguments in its calls.
        programs: The first words of the commands that it runs; `"*"` for a computed one.
    """

    name: str = ""
    packages: frozenset[str] = frozenset()
    modules: frozenset[str] = frozenset()
    aliases: tuple[tuple[str, str], ...] = ()
    toolkit: str | None = None
    environment: frozenset[str] = frozenset()
    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()
    process: bool = False
    thread: bool = False
    signal: bool = False
    attributes: frozenset[str] = frozenset()
    calls: frozenset[str] = frozenset()
    keywords: frozenset[tuple[str, str]] = frozenset()
    names: frozenset[str] = frozenset()
    reached: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()
    methods: frozenset[str] = frozenset()
    statements: frozenset[str] = frozenset()
    tables: frozenset[str] = frozenset()
    options: frozenset[str] = frozenset()
    programs: frozenset[str] = frozenset()

    def text(self) -> str:
        """Return the capabilities as one readable line."""
        parts = [
            ("imports", sorted(self.packages | ({self.toolkit} if self.toolkit else set()))),
            ("environment", sorted(self.environment)),
            ("reads", _paths(self.reads)),
            ("writes", _paths(self.writes)),
            ("hosts", sorted(self.hosts)),
        ]
        shown = [f"{name}: {', '.join(map(str, found))}" for name, found in parts if found]
        shown += [name for name, on in (("starts processes", self.process),
                                        ("starts threads", self.thread),
                                        ("handles signals", self.signal)) if on]  # fmt: skip
        return "; ".join(shown) or "only computes"

    def may_reach(self, host: str) -> bool:
        """Tell whether a host was named by the original or granted; `*.name` stands for all below."""
        host = host.lower().rstrip(".")
        return any(
            k in ("*", host) or (k.startswith("*.") and host.endswith(k[1:])) for k in self.hosts
        )

    def may_open(self, path: str, *, writing: bool) -> bool:
        """Tell whether a path may be opened; `"*"` asks for a computed one."""
        allowed = self.writes if writing else self.reads | self.writes
        if path in allowed:
            return True
        if path == "*" or ".." in path.split("/"):
            return False
        return any(a.endswith("/") and path.startswith(a) for a in allowed)


def _paths(found: frozenset[str]) -> list[str]:
    return ["computed paths" if path == "*" else path for path in sorted(found)]


def manifest_of(source: FunctionSource, spec: Spec, domain: Domain) -> Manifest:
    """Compute what a candidate for this function may do.

    Args:
        source: The original; its whole module counts.
        spec: Its grants widen the manifest.
        domain: Its toolkit may be imported.
    """
    found = _Found(ast.parse(source.module_text))
    for grant in spec.grants:
        found.widen(grant)
    modules = {m for m in found.modules if m.split(".")[0] not in ("poet", "__future__")}
    packages = {m.split(".")[0] for m in modules}
    return Manifest(
        name=source.name,
        packages=frozenset(packages),
        modules=frozenset(modules),
        aliases=tuple(sorted(found.aliases.items())),
        toolkit=domain.toolkit,
        environment=frozenset(found.environment),
        reads=frozenset(found.reads),
        writes=frozenset(found.writes),
        hosts=frozenset(found.hosts),
        process=found.process or bool(packages & _PROCESS_MODULES),
        thread=found.thread or "threading" in packages or "concurrent.futures" in modules,
        signal=found.signal or "signal" in packages,
        attributes=frozenset(found.attributes),
        calls=frozenset(found.calls),
        keywords=frozenset(found.keywords),
        names=frozenset(found.names),
        # Defaults and annotations are the module's expressions, and count as the function's own.
        reached=frozenset(n.id for n in ast.walk(source.tree) if isinstance(n, ast.Name))
        | frozenset(source.global_names),
        texts=frozenset(found.texts),
        methods=frozenset(found.methods),
        statements=frozenset(found.statements),
        tables=frozenset(found.tables),
        options=frozenset(found.options),
        programs=frozenset(found.programs),
    )


@dataclass
class _Found:
    """One walk over a module's syntax tree."""

    tree: ast.Module
    modules: set[str] = field(default_factory=set)
    aliases: dict[str, str] = field(default_factory=dict)
    environment: set[str] = field(default_factory=set)
    reads: set[str] = field(default_factory=set)
    writes: set[str] = field(default_factory=set)
    hosts: set[str] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    calls: set[str] = field(default_factory=set)
    keywords: set[tuple[str, str]] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    methods: set[str] = field(default_factory=set)
    statements: set[str] = field(default_factory=set)
    tables: set[str] = field(default_factory=set)
    options: set[str] = field(default_factory=set)
    programs: set[str] = field(default_factory=set)
    process: bool = False
    thread: bool = False
    signal: bool = False

    def __post_init__(self) -> None:
        self.constants = dict(_constants(self.tree))
        for node in ast.walk(self.tree):
            self.visit(node)

    def visit(self, node: ast.AST) -> None:
        match node:
            case ast.Import():
                for alias in node.names:
                    self.modules.add(alias.name)
                    local = alias.asname or alias.name.split(".")[0]
                    self.aliases[local] = alias.name if alias.asname else local
            case ast.ImportFrom(module=str(module), level=0):
                self.modules.add(module)
                for alias in node.names:
                    self.aliases[alias.asname or alias.name] = f"{module}.{alias.name}"
            case ast.Attribute():
                self.attributes.add(node.attr)
                self.names.add(node.attr)
            case ast.Name():
                self.names.add(node.id)
            case ast.arg():
                self.names.add(node.arg)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                self.names.add(node.name)
            case ast.Constant(value=str(text)):
                self.texts.add(text)
                self.hosts.update(hosts_in(text))
                self.statements.update(sql_statements(text))
                self.tables.update(sql_tables(text))
                if text.lower() in _HTTP_METHODS:
                    self.methods.add(text.lower())
            case ast.Subscript():
                if ast.unparse(node.value).endswith("environ"):
                    self.reads_variable(node.slice)
            case ast.Call():
                self.call(node)
            case _:
                pass

    def call(self, node: ast.Call) -> None:
        function = node.func
        name = function.id if isinstance(function, ast.Name) else ""
        method = function.attr if isinstance(function, ast.Attribute) else ""
        if name:
            self.calls.add(name)
        if method in _HTTP_METHODS:
            self.methods.add(method)
        self.options.update(k.arg for k in node.keywords if k.arg)
        if ast.unparse(function).startswith(("subprocess.", "os.exec", "os.spawn", "os.system")):
            self.programs.add(program_of(node))
        for keyword in node.keywords:
            if keyword.arg and isinstance(keyword.value, ast.Constant):
                self.keywords.add((keyword.arg, ast.unparse(keyword.value)))
        if ast.unparse(function) in ("os.getenv", "getenv", "os.environ.get", "environ.get"):
            if node.args:
                self.reads_variable(node.args[0])
        elif method in _WRITING_METHODS:
            self.writes.add(self.path_of(function))
        elif method in _READING_METHODS:
            self.reads.add(self.path_of(function))
        elif "open" in (name, method):
            path, writing = opened(node, self.constants)
            (self.writes if writing else self.reads).add(path)

    def path_of(self, function: ast.expr) -> str:
        """Return the literal path of `Path("a").read_text`, or `"*"`."""
        value = function.value if isinstance(function, ast.Attribute) else function
        if isinstance(value, ast.Call) and value.args and ast.unparse(value.func).endswith("Path"):
            value = value.args[0]
        return literal_path(value, self.constants)

    def reads_variable(self, name: ast.expr) -> None:
        if isinstance(name, ast.Name) and name.id in self.constants:
            self.environment.add(self.constants[name.id])
        elif isinstance(name, ast.Constant) and isinstance(name.value, str):
            self.environment.add(name.value)

    def widen(self, grant: str) -> None:
        kind, _, what = grant.partition(":")
        match kind:
            case "net":
                self.hosts.add(what.lower())
            case "fs.read":
                self.reads.add(what)
            case "fs.write":
                self.writes.add(what)
            case "env":
                self.environment.add(what)
            case "import":
                self.modules.add(what)
            case "process":
                self.process = True
                self.modules.add("subprocess")
            case "thread":
                self.thread = True
            case "signal":
                self.signal = True
                self.modules.add("signal")
            case _:
                pass


def _constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Module-level names that stand for one text."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            for target in node.targets:
                if isinstance(target, ast.Name) and isinstance(node.value.value, str):
                    yield target.id, node.value.value


def hosts_in(text: str) -> list[str]:
    """Return the hosts of the URLs in a text, in lower case and without port or user."""
    return [m.group(1).lower().rstrip(".,;") for m in _URL.finditer(text)]


def sql_statements(text: str) -> set[str]:
    """Return the first words of those statements in a text that are SQL and change something."""
    found: set[str] = set()
    plain = _SQL_COMMENT.sub(" ", text)
    for statement in plain.split(";"):
        if match := _SQL.match(statement):
            found.add(match.group(1).lower())
        elif statement.lstrip().lower().startswith("with"):
            found |= {w.lower() for ws in _SQL_INSIDE.findall(statement) for w in ws if w}
    return found


def sql_tables(text: str) -> set[str]:
    """Return the tables that a text names, when it is SQL."""
    plain = _SQL_COMMENT.sub(" ", text).lstrip()
    if not plain[:6].lower().startswith(("select", "with", "insert", "update", "delete")):
        return set()
    return {t.strip('"`[]').lower() for t in _SQL_TABLE.findall(plain)}


def program_of(node: ast.Call) -> str:
    """Return the first word of the command that a call runs, or `"*"` when it is computed."""
    first = node.args[0] if node.args else None
    if isinstance(first, (ast.List, ast.Tuple)) and first.elts:
        first = first.elts[0]
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        return first.value.split(" ")[0]
    return "*"


def literal_path(node: ast.expr | None, constants: dict[str, str]) -> str:
    """Return the path that an expression stands for, or `"*"` when it is computed."""
    if isinstance(node, ast.Name) and node.id in constants:
        return constants[node.id]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return "*"


def opened(node: ast.Call, constants: dict[str, str] | None = None) -> tuple[str, bool]:
    """Return the path of a call of `open`, `"*"` when computed, and whether it may write."""
    constants = constants or {}
    arguments: list[ast.expr | None] = list(node.args)
    if isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) not in (
        "io",
        "codecs",
    ):
        receiver = node.func.value
        if isinstance(receiver, ast.Call) and receiver.args:
            receiver = receiver.args[0]
        arguments.insert(0, receiver)
    keywords = {k.arg: k.value for k in node.keywords}
    first = arguments[0] if arguments else keywords.get("file")
    mode = arguments[1] if len(arguments) > 1 else keywords.get("mode")
    path = literal_path(first, constants)
    if None in keywords or any(isinstance(a, ast.Starred) for a in node.args):
        return path, True  # the mode may hide in there
    if mode is None:
        return path, False
    if isinstance(mode, ast.Constant) and isinstance(mode.value, str):
        return path, bool(set(mode.value) & set("wax+"))
    return path, True
