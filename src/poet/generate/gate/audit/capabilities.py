"""Checks of what a text would do to the world: files, hosts, environment, processes, data."""

from __future__ import annotations

import ast
import re

from ..manifest import hosts_in, opened, program_of
from . import data, tables
from .context import Context

_SECRET = re.compile(tables.SECRET_NAME, re.IGNORECASE)
_SENDING = frozenset({"get", "head", "options", "request", "stream", "send", "urlopen", "post", "put",
                      "patch", "delete"})  # fmt: skip
_CLIENTS = ("session", "client", "http", "conn")
_HTTP = frozenset({"post", "put", "patch", "delete"})
_PROCESS_OPTIONS = frozenset({"env", "executable", "preexec_fn", "user", "group", "pass_fds",
                              "start_new_session", None})  # fmt: skip


def call(ctx: Context, node: ast.Call) -> None:
    """One call."""
    dotted = ctx.dotted(node.func) or ""
    method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    if ctx.is_builtin(node.func, "open") or method == "open":
        _opens(ctx, node, dotted)
    elif ctx.is_builtin(node.func, "print") and "print" not in ctx.manifest.calls:
        ctx.say("POET-A406", node, "print(…)")
    _file_method(ctx, node, method)
    _environment(ctx, node, dotted)
    _protections(ctx, node)
    data.call(ctx, node, dotted, method)
    _http(ctx, node, dotted, method)
    _logs(ctx, node, dotted, method)
    _process(ctx, node, dotted)
    _mutates(ctx, node, dotted, method)


def _opens(ctx: Context, node: ast.Call, dotted: str) -> None:
    if dotted and not dotted.endswith(("Path.open", "io.open", "codecs.open", "gzip.open")):
        if not dotted.startswith("poet.") and "open" in ctx.manifest.attributes:
            return
    path, writing = opened(node, ctx.constants)
    _path(ctx, node, path, writing)


def _path(ctx: Context, node: ast.AST, path: str, writing: bool) -> None:
    if not ctx.manifest.may_open(path, writing=writing):
        mode = "writing" if writing else "reading"
        shown = "a computed path" if path == "*" else repr(path)
        ctx.say("POET-A401", node, f"opens {shown} for {mode}")


def _file_method(ctx: Context, node: ast.Call, method: str) -> None:
    """`Path("…").read_text()`: allowed where such a path is; `watched` handles the rest."""
    if method not in ("read_text", "read_bytes", "write_text", "write_bytes", "touch", "mkdir",
                      "unlink", "iterdir", "rename"):  # fmt: skip
        return
    value = node.func.value if isinstance(node.func, ast.Attribute) else node.func
    if isinstance(value, ast.Call) and value.args:
        value = value.args[0]
    text = ctx.text_of(value)
    if text is not None:
        _path(ctx, node, text, writing=method not in ("read_text", "read_bytes", "iterdir"))


def _environment(ctx: Context, node: ast.Call, dotted: str) -> None:
    if dotted in ("os.getenv", "os.environ.get"):
        _variable(ctx, node, node.args[0] if node.args else None)


def _variable(ctx: Context, node: ast.AST, name: ast.expr | None) -> None:
    text = ctx.text_of(name)
    if text is None or text not in ctx.manifest.environment:
        shown = ast.unparse(name)[:40] if name is not None else "all of it"
        ctx.say("POET-A402", node, f"reads {shown} of the environment")


def environ(ctx: Context, node: ast.AST) -> None:
    """`os.environ` and `os.getenv`, in any other form than a call or an index with a known name."""
    if not isinstance(node, (ast.Attribute, ast.Name)) or not isinstance(node.ctx, ast.Load):
        return
    dotted = ctx.dotted(node)
    if dotted not in ("os.environ", "os.getenv"):
        return
    parent = ctx.parents.get(node)
    if dotted == "os.getenv":
        if not (isinstance(parent, ast.Call) and parent.func is node):
            ctx.say("POET-A402", node, "os.getenv as a value")
    elif isinstance(parent, ast.Subscript) and parent.value is node:
        if isinstance(parent.ctx, ast.Load):
            _variable(ctx, node, parent.slice)
    elif isinstance(parent, ast.Compare) and node in parent.comparators:
        _variable(ctx, node, parent.left)
    elif not (isinstance(parent, ast.Attribute) and parent.attr == "get"):
        ctx.say("POET-A402", node, "the whole environment")
    elif not isinstance(ctx.parents.get(parent), ast.Call):
        ctx.say("POET-A402", node, "os.environ.get as a value")


def _protections(ctx: Context, node: ast.Call) -> None:
    for keyword in node.keywords:
        if keyword.arg is not None:
            _protection(ctx, keyword.value, keyword.arg, keyword.value)


def _protection(ctx: Context, node: ast.AST, name: str, value: ast.expr) -> None:
    if name not in tables.PROTECTIONS:
        return
    off = tables.PROTECTIONS[name]
    if (name, ast.unparse(value)) in ctx.manifest.keywords:
        return
    if isinstance(value, ast.Constant):
        bad = any(value.value is o or (o == 0 and value.value == 0) for o in off) or (
            isinstance(value.value, str) and value.value in off
        )
        if isinstance(value.value, int) and not isinstance(value.value, bool):
            bad = bad or value.value in (0, 1)
        if not bad and not (not off and value.value is not None):
            return
    elif _is_param_pass_through(ctx, name, value):
        return
    ctx.say("POET-A404", node, f"{name}={ast.unparse(value)[:40]}")


def _is_param_pass_through(ctx: Context, name: str, value: ast.expr) -> bool:
    # `verify=verify` hands on what the caller of the original decided.
    return isinstance(value, ast.Name) and value.id == name and name in ctx.manifest.names


def dictionary(ctx: Context, node: ast.Dict) -> None:
    """A dict with such a key may become keyword arguments."""
    for key, value in zip(node.keys, node.values, strict=True):
        text = ctx.text_of(key)
        if text in tables.PROTECTIONS and isinstance(value, ast.Constant):
            _protection(ctx, value, text or "", value)


def stored_item(ctx: Context, node: ast.Assign) -> None:
    """`options["verify"] = False`, `session.verify = False`."""
    for target in node.targets:
        if isinstance(target, ast.Subscript):
            text = ctx.text_of(target.slice)
            if text in tables.PROTECTIONS and isinstance(node.value, ast.Constant):
                _protection(ctx, node, text or "", node.value)


def http_method(ctx: Context, node: ast.Attribute | ast.Name) -> None:
    """`requests.delete`, called or not."""
    dotted = ctx.dotted(node) or ""
    last = dotted.rsplit(".", maxsplit=1)[-1]
    of_network = dotted.split(".", maxsplit=1)[0] in tables.NETWORK_PACKAGES
    if of_network and last in _HTTP and last not in ctx.manifest.methods:
        ctx.say("POET-A409", node, dotted)


def _http(ctx: Context, node: ast.Call, dotted: str, method: str) -> None:
    manifest = ctx.manifest
    if not ctx.has(tables.NETWORK_PACKAGES):
        return
    if method in _HTTP and method not in manifest.methods:
        ctx_name = node.func.value if isinstance(node.func, ast.Attribute) else None
        by_module = dotted.split(".", maxsplit=1)[0] in tables.NETWORK_PACKAGES
        word = ast.unparse(ctx_name).lower() if ctx_name is not None else ""
        if by_module or any(w in word for w in ("session", "client", "requests", "http", "conn")):
            ctx.say("POET-A409", node, f".{method}(…)")
    receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
    word = ast.unparse(receiver).lower() if receiver is not None else ""
    by_module = dotted.split(".", maxsplit=1)[0] in tables.NETWORK_PACKAGES
    if by_module or (method in _SENDING and any(w in word for w in _CLIENTS)):
        _address(ctx, node)
        for keyword in node.keywords:
            if keyword.arg in ("auth", "cert", "proxies", "proxy", "cookies"):
                if keyword.arg not in manifest.options:
                    ctx.say("POET-A404", node, f"{keyword.arg}=, which the original does not give")
    for value in [*node.args[:1], *(k.value for k in node.keywords if k.arg == "method")]:
        text = (ctx.text_of(value) or "").lower()
        if method in ("request", "Request", "send", "stream", "urlopen") or len(node.keywords):
            if text in _HTTP and text not in manifest.methods:
                ctx.say("POET-A409", node, f"the method {text.upper()}")
    if method == "urlopen" or dotted.endswith(".Request"):
        sends = len(node.args) > 1 or any(k.arg == "data" for k in node.keywords)
        if sends and "data" not in manifest.names:
            ctx.say("POET-A409", node, "data that is sent")


def _address(ctx: Context, node: ast.Call) -> None:
    """Where a request goes must be seen: no address that is assembled, decoded or computed."""
    given = [*node.args[:2], *(k.value for k in node.keywords if k.arg in ("url", "base_url"))]
    for value in given:
        for part in _origins(ctx, value, 3):
            if isinstance(part, ast.Call) and _assembles(ctx, part):
                ctx.say("POET-A403", node, f"computes an address by {ast.unparse(part)[:40]}")


def _origins(ctx: Context, node: ast.AST, depth: int) -> list[ast.AST]:
    """Everything in an expression and in the values of its names."""
    found = list(ast.walk(node))
    if depth:
        for name in [n for n in found if isinstance(n, ast.Name) and n.id not in ctx.imported]:
            for value in ctx.values_of(name):
                found += _origins(ctx, value, depth - 1)
    return found[:500]


def _assembles(ctx: Context, node: ast.Call) -> bool:
    dotted = ctx.dotted(node.func) or ""
    method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
    first = node.args[0] if node.args else None
    if method == "join" and dotted != "os.path.join":
        parts = first.elts if isinstance(first, (ast.List, ast.Tuple)) else []
        start = ctx.text_of(parts[0]) if parts else ""
        return start is not None and not hosts_in(start)
    if dotted in ("json.loads", "ast.literal_eval"):
        return first is not None and ctx.text_of(first) is not None
    if method in ("to_bytes", "translate", "from_bytes", "swapcase") or dotted == "struct.pack":
        return True
    if method == "decode" and isinstance(node.func, ast.Attribute):
        return isinstance(node.func.value, ast.Call)
    return any(ctx.is_builtin(node.func, b) for b in ("chr", "bytes", "bytearray"))


def _logs(ctx: Context, node: ast.Call, dotted: str, method: str) -> None:
    logging = dotted.startswith("logging.") and method in tables.LOGGER_METHODS
    receiver = ast.unparse(node.func.value).lower() if isinstance(node.func, ast.Attribute) else ""
    to_logger = method in tables.LOGGER_METHODS and "log" in receiver
    prints = ctx.is_builtin(node.func, "print") or dotted in (
        "poet.enhanced.flag", "warnings.warn")  # fmt: skip
    if isinstance(node.func, ast.Name):
        named = ctx.value_of(node.func)
        if isinstance(named, ast.Attribute) and named.attr in tables.LOGGER_METHODS:
            to_logger = "log" in ast.unparse(named.value).lower()
    if logging or to_logger or prints:
        _tells(ctx, node, [*node.args, *(k.value for k in node.keywords)])


def raised(ctx: Context, node: ast.Raise | ast.Assert) -> None:
    """What an error says is logged sooner or later."""
    said = node.exc if isinstance(node, ast.Raise) else node.msg
    if said is not None:
        _tells(ctx, node, [said])


def _tells(ctx: Context, node: ast.AST, values: list[ast.expr]) -> None:
    for value in values:
        for part in ast.walk(value):
            named = part.id if isinstance(part, ast.Name) else getattr(part, "attr", None)
            if isinstance(part, ast.Subscript):
                named = ctx.text_of(part.slice)
            if isinstance(named, str) and _SECRET.search(named) and not _measured(ctx, part):
                ctx.say("POET-A410", node, f"writes {named}")


def _measured(ctx: Context, node: ast.AST) -> bool:
    """`len(token)` and `token is None` tell nothing."""
    parent = ctx.parents.get(node)
    if isinstance(parent, ast.Call) and parent.func is not node:
        return (
            ctx.is_builtin(parent.func, "len")
            or ctx.is_builtin(parent.func, "bool")
            or (ctx.is_builtin(parent.func, "type"))
        )
    return isinstance(parent, ast.Compare)


def _process(ctx: Context, node: ast.Call, dotted: str) -> None:
    if dotted.split(".", maxsplit=1)[0] not in ("subprocess", "os", "pty", "multiprocessing"):
        return
    if dotted.startswith(("os.path.", "os.environ", "os.getenv", "os.fspath", "os.cpu_count")):
        return
    manifest = ctx.manifest
    for text in [t for a in node.args[:1] for t in _texts(ctx, a)]:
        if text not in manifest.texts:
            ctx.say(
                "POET-A405", node, f"{dotted} of {text[:40]!r}, which the original does not run"
            )
    if program_of(node) == "*" and "*" not in manifest.programs:
        ctx.say("POET-A405", node, f"{dotted} of a computed command")
    for keyword in node.keywords:
        if keyword.arg in _PROCESS_OPTIONS and keyword.arg not in manifest.options:
            ctx.say("POET-A405", node, f"{dotted} with {keyword.arg}=")


def _texts(ctx: Context, node: ast.AST) -> list[str]:
    whole = ctx.text_of(node)
    if whole is not None:
        return [whole]
    return [p.value for p in ast.walk(node)
            if isinstance(p, ast.Constant) and isinstance(p.value, str)]  # fmt: skip


def _mutates(ctx: Context, node: ast.Call, dotted: str, method: str) -> None:
    """`requests.utils.DEFAULTS.update(…)`, `hints.clear()`, `module.CACHE.append(…)`."""
    if method not in tables.MUTATORS or not isinstance(node.func, ast.Attribute) or not dotted:
        return
    base = dotted.rsplit(".", maxsplit=1)[0]
    last = base.rsplit(".", maxsplit=1)[-1]
    of_poet = base.startswith("poet.enhanced.") and method not in ctx.manifest.attributes
    shared = last.isupper() or last in ("environ", "path", "modules", "filters", "headers",
                                        "handlers", "options", "warnoptions")  # fmt: skip
    by_class = method == "register" and "." in base
    if of_poet or (shared and method not in ctx.manifest.attributes) or by_class:
        ctx.say("POET-A301", node, f"{base}.{method}(…)")
