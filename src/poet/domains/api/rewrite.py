"""Rewrite the body of a self-contained function so that its HTTP requests are bounded and repeated.

Three things change and nothing else: a request without a time-out gets one, a request that may be
repeated goes through `send(…)`, and each name of the user's module is read live, as `module.NAME`.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ...source import FunctionSource
from ...spec import Spec
from ..reliability.hints import bindings

VERBS = frozenset("get head options post put patch delete request".split())
_SAFE_VERBS = frozenset("get head options".split())
_CLIENTS = frozenset("Session session Client AsyncClient".split())
_LIBRARIES = frozenset("requests httpx httpx2".split())
# What looks at the function it stands in would see the generated one.
_LOOKS_AROUND = frozenset(
    "locals globals vars dir eval exec super __class__ __name__ __file__ __doc__".split()
)


@dataclass(frozen=True)
class Request:
    """One call that sends a request.

    Attributes:
        line, column: Where it begins in the function's text.
        library: `"requests"`, `"httpx"`, `"httpx2"` or `"urllib"`.
        shown: The called thing as written.
        bounded: Whether it has a time-out already, by itself or by the library's default.
        repeat: Whether it goes through `send`.
    """

    line: int
    column: int
    library: str
    shown: str
    bounded: bool
    repeat: bool

    @property
    def changes(self) -> bool:
        """Whether the call is rewritten at all."""
        return self.repeat or not self.bounded


def requests_in(source: FunctionSource, spec: Spec) -> list[Request]:
    """Return the calls of requests, httpx and urllib in a function, in the order of its text."""
    tree = source.tree
    names = _Origins(source, tree)
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            request = _request(node, names, spec)
            if request is not None:
                found.append(request)
    lines = source.text.encode().splitlines()
    in_characters = (  # the syntax tree counts bytes
        replace(r, column=len(lines[r.line - 1][: r.column].decode())) for r in found
    )
    return sorted(in_characters, key=lambda r: (r.line, r.column))


def reason_to_keep(source: FunctionSource) -> str | None:
    """Return why the body cannot run anywhere but where it stands; None when it can."""
    tree = source.tree
    if not _runs_elsewhere(source, tree):
        return "it needs its class or the function around it"
    if "generator" in source.kind:
        return "it hands out items while it runs"
    if any(isinstance(n, (ast.Global, ast.Import, ast.ImportFrom)) for n in ast.walk(tree)):
        return "it sets a name of its module or imports one itself"
    if _LOOKS_AROUND & set(source.global_names):
        return "it looks at the names around it"
    if "module" in source.global_names and not hasattr(builtins, "module"):
        return "it uses a name of its own called module"
    if _module_names(source) & bound_names(tree):
        return "a name of its module is also one of its own variables"
    debug = "=}" in source.text or "=!" in source.text
    if debug and any(isinstance(n, ast.JoinedStr) for n in ast.walk(tree)):
        return "it prints its own text (f'{x=}')"
    return None


def _runs_elsewhere(source: FunctionSource, tree: ast.AST) -> bool:
    """Tell whether the text means the same in another module, given the names of its own."""
    if source.self_contained:
        return True
    # A method of a module's own class, if it asks neither for `super()` nor for `__private` names.
    plain_method = source.method is not None and source.qualname.count(".") == 1
    private = any(
        name.startswith("__") and not name.endswith("__")
        for n in ast.walk(tree)
        for name in (getattr(n, "attr", ""), getattr(n, "id", ""), getattr(n, "arg", "") or "")
    )
    return plain_method and not (source.free_variables or source.decorators or private)


def bound_names(tree: ast.AST) -> set[str]:
    """Return every name that a function binds, its parameters and inner functions included."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names.add(node.id)
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            names.add(node.name)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            if node is not tree:
                names.add(node.name)
        elif isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name:
            names.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            names.add(node.rest)
    return names


def rewritten_body(
    source: FunctionSource, requests: list[Request], *, send: str, module: str, timeout: str
) -> str:
    """Return the function's body, without its docstring, indented by four columns.

    Args:
        source: A function for which `reason_to_keep` is None.
        requests: What `requests_in` found.
        send, module: Their names in the generated module.
        timeout: Text of the time-out to give to a request that has none.
    """
    import libcst as cst

    from .rewriter import Rewriter

    wrapper = cst.metadata.MetadataWrapper(cst.parse_module(source.text))
    places = {(r.line, r.column, r.shown): r for r in requests if r.changes}
    widths = [len(line) for line in source.text.splitlines()]
    rewriter = Rewriter(
        _module_names(source), places, widths, send=send, module=module, timeout=timeout
    )
    # Blocks are indented anew; the lines inside of a string stay where they are.
    changed = wrapper.visit(rewriter).with_changes(default_indent="    ")
    return _body_text(changed.code)


def _body_text(code: str) -> str:
    """Return the statements of the one function in a text, docstring left out."""
    node = ast.parse(code).body[0]
    assert isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    lines = code.splitlines(keepends=True)
    first = node.body[0]
    if first.lineno == node.body[-1].lineno == (node.end_lineno or 0) and _one_line(node, lines):
        return f"    {lines[first.lineno - 1].encode()[first.col_offset :].decode().strip()}\n"
    if ast.get_docstring(node) is not None:
        start = first.end_lineno or first.lineno
    else:
        start = first.lineno - 1
        while lines[start - 1].lstrip().startswith("#"):
            start -= 1
    return "".join(lines[start:]).strip("\n") + "\n"


def _one_line(node: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str]) -> bool:
    """Tell whether the body stands behind the colon: `def f(x): return …`."""
    first = node.body[0]
    before = lines[first.lineno - 1].encode()[: first.col_offset].decode()
    return bool(before.strip())


class _Origins:
    """What the names of a function stand for, as far as HTTP libraries go."""

    def __init__(self, source: FunctionSource, tree: ast.AST) -> None:
        self.imported: dict[str, str] = {}
        for node in ast.walk(ast.parse("\n".join(source.imports))):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    top = alias.name.split(".")[0]
                    self.imported[alias.asname or top] = alias.name if alias.asname else top
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for alias in node.names:
                    self.imported[alias.asname or alias.name] = f"{node.module}.{alias.name}"
        self.clients: dict[str, str] = {}
        module = ast.parse(source.module_text)
        for name, value in [*_bound_to(module.body), *_bound_to(ast.walk(tree))]:
            library = self._client(value)
            if library and self.clients.get(name, library) == library:
                self.clients[name] = library
            else:
                self.clients[name] = ""  # bound to something else as well
        if source.method == "instance":
            self._clients_of_class(source, module)
        for node in ast.walk(tree):
            if isinstance(node, ast.arg) and node.annotation is not None:
                library = self._client_class(node.annotation)
                if library:
                    self.clients[node.arg] = library

    def _clients_of_class(self, source: FunctionSource, module: ast.Module) -> None:
        """Note `self.session`, where a method of the class sets it to a client."""
        own = source.parameters[0].name if source.parameters else "self"
        owner = source.qualname.split(".")[-2]
        for cls in ast.walk(module):
            if isinstance(cls, ast.ClassDef) and cls.name == owner:
                for node in ast.walk(cls):
                    for target, value in _set_on_self(node):
                        library = self._client(value)
                        self.clients[f"{own}.{target}"] = library
                    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                        self.clients[f"{own}.{node.target.id}"] = self._client_class(
                            node.annotation
                        )

    def dotted(self, node: ast.expr) -> str:
        """Return `requests.get` for what is imported so, else nothing."""
        if isinstance(node, ast.Name):
            return self.imported.get(node.id, "")
        if isinstance(node, ast.Attribute):
            base = self.dotted(node.value)
            return f"{base}.{node.attr}" if base else ""
        return ""

    def _client(self, value: ast.expr) -> str:
        return self._client_class(value.func) if isinstance(value, ast.Call) else ""

    def _client_class(self, node: ast.expr) -> str:
        parts = self.dotted(node).split(".")
        return parts[0] if parts[0] in _LIBRARIES and parts[-1] in _CLIENTS else ""


def _set_on_self(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = node.targets
    elif isinstance(node, ast.AnnAssign):
        targets = [node.target]
    for target in targets:
        on_self = isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name)
        value = getattr(node, "value", None)
        if on_self and value is not None:
            yield target.attr, value  # type: ignore[attr-defined]


def _bound_to(nodes: object) -> Iterator[tuple[str, ast.expr]]:
    for node in nodes:  # type: ignore[attr-defined]
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    yield target.id, node.value
        elif isinstance(node, ast.AnnAssign) and node.value and isinstance(node.target, ast.Name):
            yield node.target.id, node.value
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            for item in node.items:
                if isinstance(item.optional_vars, ast.Name):
                    yield item.optional_vars.id, item.context_expr


def _request(node: ast.Call, names: _Origins, spec: Spec) -> Request | None:
    shown, keywords = ast.unparse(node.func), {k.arg for k in node.keywords}
    dotted = names.dotted(node.func)
    if dotted == "urllib.request.urlopen":
        bounded = "timeout" in keywords or None in keywords or len(node.args) > 2
        return Request(node.lineno, node.col_offset, "urllib", shown, bounded, repeat=False)
    library, verb = "", ""
    if dotted.split(".")[0] in _LIBRARIES and dotted.split(".")[-1] in VERBS:
        library, verb = dotted.split(".")[0], dotted.split(".")[-1]
    elif isinstance(node.func, ast.Attribute):
        library = names.clients.get(ast.unparse(node.func.value), "")
        verb = node.func.attr if library and node.func.attr in VERBS else ""
    if not verb:
        return None
    # httpx has a time-out of five seconds of its own; an explicit None is the user's decision.
    # Behind `**options` or a star there may be one.
    starred = None in keywords or any(isinstance(a, ast.Starred) for a in node.args)
    bounded = library != "requests" or "timeout" in keywords or starred
    repeat = _repeats(node, verb, spec)
    return Request(node.lineno, node.col_offset, library, shown, bounded, repeat)


def _repeats(node: ast.Call, verb: str, spec: Spec) -> bool:
    if spec.retries == 0 or spec.idempotent is False:
        return False
    if verb == "request":
        first: ast.expr | None = node.args[0] if node.args else None
        first = next((k.value for k in node.keywords if k.arg == "method"), first)
        if not isinstance(first, ast.Constant):
            return True  # decided when it is sent
        verb = str(first.value).lower()
    return bool(spec.idempotent) or verb in _SAFE_VERBS


def _module_names(source: FunctionSource) -> set[str]:
    """Return the names that a body takes from its module; the built-ins are left alone."""
    bound = dict(bindings(ast.parse(source.module_text)))
    return {n for n in source.global_names if n in bound or not hasattr(builtins, n)}
