"""Second stage: a static policy over the text. Deterministic, no I/O; what it does not know it refuses.

It judges exactly the text that will run. Suppression comments have no effect. Rules and tables
are in `policy`; the capabilities that are compared with come from the original, never from here.
"""

from __future__ import annotations

import ast
import builtins
import io
import re
import string
import sys
import tokenize
from collections.abc import Callable

from ...source import FunctionNode
from . import policy
from .manifest import Manifest, hosts_in, opened
from .report import Finding

_COOKIE = re.compile(r"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_DUNDER = re.compile(r"__[A-Za-z_]+__")
_HIDDEN = re.compile(
    "[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
)
_BUILTINS = frozenset(dir(builtins))
_KNOWN_NODES = tuple(
    getattr(ast, name)
    for name in """
    Module FunctionDef AsyncFunctionDef ClassDef Return Delete Assign AugAssign AnnAssign For
    AsyncFor While If With AsyncWith Match Raise Try TryStar Assert Import ImportFrom Global Nonlocal
    Expr Pass Break Continue BoolOp NamedExpr BinOp UnaryOp Lambda IfExp Dict Set ListComp SetComp
    DictComp GeneratorExp Await Yield YieldFrom Compare Call FormattedValue JoinedStr Constant
    Attribute Subscript Starred Name List Tuple Slice expr_context boolop operator unaryop cmpop
    comprehension excepthandler arguments arg keyword alias withitem match_case pattern
    """.split()
)


def audit(code: str, manifest: Manifest) -> list[Finding]:
    """Judge a text by the policy.

    Args:
        code: Text of `enhanced.py` or `train.py`.
        manifest: What the original may do.

    Returns:
        The findings; each refuses the candidate.
    """
    auditor = _Auditor(manifest)
    if not auditor.bytes(code):
        return auditor.found
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        auditor.say("POET-A003", None, f"the text does not parse: {error}")
        return auditor.found
    if auditor.size(tree):
        try:
            auditor.imports(tree)
            auditor.body(tree)
        except RecursionError:
            auditor.say("POET-A002", None, "nested too deeply")
    return sorted(auditor.found, key=lambda f: (f.line or 0, f.rule))


class _Auditor:
    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self.found: list[Finding] = []
        self.modules: dict[str, str] = {}  # local name → dotted module or imported thing
        self.is_module: set[str] = set()
        self.parents: dict[ast.AST, ast.AST] = {}
        self.docstrings: set[ast.AST] = set()

    def say(self, rule: str, node: ast.AST | int | None, what: str) -> None:
        line = node if isinstance(node, int) or node is None else getattr(node, "lineno", None)
        finding = Finding("audit", rule, what, line, policy.RULES[rule][1])
        if finding not in self.found and len(self.found) < 100:
            self.found.append(finding)

    # The text itself.

    def bytes(self, code: str) -> bool:
        if len(code) > policy.MOST_BYTES:
            self.say("POET-A002", None, f"{len(code):,} characters; at most {policy.MOST_BYTES:,}")
            return False
        try:
            code.encode("utf-8")
        except UnicodeEncodeError:
            self.say("POET-A001", None, "the text is not valid UTF-8")
            return False
        for number, line in enumerate(code.split("\n"), 1):
            if number <= 2 and (cookie := _COOKIE.match(line)):
                if cookie.group(1).lower().replace("_", "-") not in ("utf-8", "utf8"):
                    self.say("POET-A001", number, f"declares the encoding {cookie.group(1)}")
            if hidden := _HIDDEN.search(line):
                self.say("POET-A001", number, f"holds the hidden character U+{ord(hidden[0]):04X}")
        try:
            for token in tokenize.generate_tokens(io.StringIO(code).readline):
                if token.type == tokenize.NAME and not token.string.isascii():
                    if token.string not in self.manifest.names:
                        self.say("POET-A004", token.start[0], f"the identifier {token.string!r}")
        except (tokenize.TokenError, IndentationError, SyntaxError) as error:
            self.say("POET-A003", None, f"the text cannot be split into tokens: {error}")
            return False
        return not self.found

    def size(self, tree: ast.AST) -> bool:
        count, level, layer = 0, 0, [tree]
        while layer:
            level += 1
            count += len(layer)
            if level > policy.MOST_DEPTH or count > policy.MOST_NODES:
                self.say("POET-A002", None, "nested too deeply, or too many parts")
                return False
            following = []
            for node in layer:
                if not isinstance(node, _KNOWN_NODES):
                    self.say("POET-A003", node, f"{type(node).__name__} is not known to the audit")
                for child in ast.iter_child_nodes(node):
                    self.parents[child] = node
                    following.append(child)
                body = getattr(node, "body", None)
                if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
                    if isinstance(node, (ast.Module, ast.ClassDef, *FunctionNode.__args__)):
                        self.docstrings.add(body[0].value)
            layer = following
        return True

    # Imports.

    def imports(self, tree: ast.AST) -> None:
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    self.importing(node, alias.name)
                    local = alias.asname or alias.name.split(".")[0]
                    self.modules[local] = alias.name if alias.asname else alias.name.split(".")[0]
                    self.is_module.add(local)
            elif isinstance(node, ast.ImportFrom):
                if node.level or node.module is None or any(a.name == "*" for a in node.names):
                    self.say("POET-A102", node, ast.unparse(node))
                    continue
                self.importing(node, node.module)
                for alias in node.names:
                    local = alias.asname or alias.name
                    dotted = f"{node.module}.{alias.name}"
                    self.modules[local] = dotted
                    if dotted in policy.SAFE_MODULES:
                        self.is_module.add(local)
                    if node.module == "poet.enhanced":
                        self.from_poet(node, alias.name)
                    elif node.module != self.manifest.toolkit:
                        self.part(node, node.module, alias.name)
                    elif alias.name.startswith("_"):
                        self.say("POET-A204", node, f"{dotted} is private")

    def importing(self, node: ast.AST, module: str) -> None:
        top = module.split(".", maxsplit=1)[0]
        if module in ("poet.enhanced", self.manifest.toolkit) and isinstance(node, ast.ImportFrom):
            return
        if top != "poet" and (module in policy.SAFE_MODULES or top in self.manifest.packages):
            for part in module.split("."):
                if part.startswith("_") and module != "__future__":
                    self.say("POET-A104", node, f"{module} is private")
            return
        self.say("POET-A101", node, f"imports {module}")

    def from_poet(self, node: ast.AST, name: str) -> None:
        from ... import enhanced

        if name not in enhanced.__all__:
            self.say("POET-A103", node, f"poet.enhanced has no {name!r} for generated code")

    def part(self, node: ast.AST, module: str, name: str) -> None:
        """Judge one name of a module."""
        allowed = policy.ALLOWED_PARTS.get(module)
        used = name in self.manifest.attributes or name in self.manifest.names
        top = module.split(".", maxsplit=1)[0]
        if (
            allowed is not None
            and name not in allowed
            and not (used and top in self.manifest.packages)
        ):
            if not (module == "threading" and self.manifest.thread and name in ("Thread", "Timer")):
                self.say("POET-A104", node, f"{module}.{name}")
        elif allowed is None and top in policy.ONLY_AS_ORIGINAL and not used:
            self.say("POET-A104", node, f"{module}.{name}, which the original does not use")
        elif name.startswith("_") and not used:
            self.say("POET-A204", node, f"{module}.{name} is private")
        dotted = f"{module}.{name}"
        if (
            name in sys.stdlib_module_names
            and dotted not in policy.NOT_A_MODULE
            and dotted not in policy.SAFE_MODULES
            and not used
            and not (name in policy.HARMLESS_LAST and module not in ("logging", "random", "re"))
        ):
            self.say("POET-A104", node, f"{dotted} leads to another module")
        if dotted in ("codecs.open", "io.open", "os.popen") and not used:
            self.say("POET-A401", node, dotted)
        if dotted in ("asyncio.create_task", "asyncio.to_thread"):
            return
        self.watched(node, name)

    # Everything else.

    def body(self, tree: ast.AST) -> None:
        handlers: dict[type, Callable[..., None]] = {
            ast.Name: self.name,
            ast.Attribute: self.attribute,
            ast.Call: self.call,
            ast.Constant: self.constant,
            ast.ClassDef: self.class_,
            ast.Try: self.try_,
            ast.TryStar: self.try_,
            ast.FunctionDef: self.function,
            ast.AsyncFunctionDef: self.function,
            ast.MatchClass: self.match_class,
            ast.With: self.with_,
            ast.AsyncWith: self.with_,
            ast.Global: self.global_,
            ast.Subscript: self.subscript,
            ast.arg: self.argument,
        }
        for node in ast.walk(tree):
            handler = handlers.get(type(node))
            if handler is not None:
                handler(node)

    def dotted(self, node: ast.expr) -> str | None:
        if isinstance(node, ast.Name):
            return self.modules.get(node.id)
        if isinstance(node, ast.Attribute):
            base = self.dotted(node.value)
            return f"{base}.{node.attr}" if base else None
        return None

    def name(self, node: ast.Name) -> None:
        name, parent = node.id, self.parents.get(node)
        if isinstance(node.ctx, ast.Store):
            if self.parents.get(parent) is None or isinstance(self.parents.get(parent), ast.Module):  # type: ignore[arg-type]
                if name in self.modules or name in _BUILTINS:
                    self.say("POET-A305", node, f"binds {name} anew")
            if _DUNDER.fullmatch(name) and name != "__all__":
                self.say("POET-A203", node, f"binds {name}")
            return
        if isinstance(node.ctx, ast.Del):
            if name in self.modules:
                self.say("POET-A301", node, f"deletes {name}")
            return
        if name in policy.FORBIDDEN_BUILTINS:
            self.say("POET-A201", node, name)
        elif _DUNDER.fullmatch(name) and name not in ("__name__", "__doc__", "__debug__"):
            self.say("POET-A203", node, name)
        elif name in ("exit", "quit", "SystemExit"):
            self.say("POET-A502", node, name)
        called = isinstance(parent, ast.Call) and parent.func is node
        if name in ("getattr", "hasattr") and not called:
            self.say("POET-A202", node, f"{name} used as a value")
        if name == "open" and not called:
            self.say("POET-A401", node, "open used as a value")
        if name in self.is_module and not isinstance(parent, ast.Attribute):
            self.say("POET-A105", node, f"the module {self.modules[name]} used as a value")

    def attribute(self, node: ast.Attribute) -> None:
        name, parent = node.attr, self.parents.get(node)
        base = self.dotted(node.value)
        if not isinstance(node.ctx, ast.Load):
            root = _root(node)
            if root in self.modules:
                self.say("POET-A301", node, f"changes {ast.unparse(node)}")
        if base is not None:
            self.module_part(node, base, name)
        if name in policy.FRAME_ATTRIBUTES and name not in self.manifest.attributes:
            self.say("POET-A203", node, f".{name}")
        elif name.startswith("__"):
            shown = isinstance(parent, ast.Attribute) and parent.attr in (
                "__name__",
                "__qualname__",
            )
            compared = isinstance(parent, ast.Compare)
            plain = name in policy.ALLOWED_DUNDERS and (name != "__class__" or shown or compared)
            own_super = (
                name in policy.ALLOWED_METHODS
                and isinstance(node.value, ast.Call)
                and ast.unparse(node.value.func) == "super"
            )
            if not plain and not own_super:
                self.say("POET-A203", node, f".{name}")
        elif name.startswith("_") and name not in policy.PUBLIC_UNDERSCORED:
            own = isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
            if not own and name not in self.manifest.attributes:
                self.say("POET-A204", node, f".{name}")
        if base is None:
            self.watched(node, name)
        if name in ("format", "format_map"):
            self.format(node)

    def module_part(self, node: ast.Attribute, base: str, name: str) -> None:
        root = base.split(".", maxsplit=1)[0]
        if base in policy.SAFE_MODULES or base == root or root in self.manifest.packages:
            if base.startswith("poet.") or base == self.manifest.toolkit:
                return
            self.part(node, base, name)

    def watched(self, node: ast.AST, name: str) -> None:
        if name not in policy.WATCHED_ATTRIBUTES or name in self.manifest.attributes:
            return
        data = name.startswith(("read_", "to_", "save", "load", "tofile", "fromfile", "genfrom"))
        files = ("write_text", "write_bytes", "unlink", "touch", "mkdir", "rename", "rmdir", "chmod",
                 "iterdir", "rglob", "symlink_to")  # fmt: skip
        if name in ("read_text", "read_bytes"):
            if not self.manifest.reads:
                self.say("POET-A401", node, f".{name}")
        elif name in files:
            if not self.manifest.writes:
                self.say("POET-A401", node, f".{name}")
        elif data or name in ("eval", "query", "ctypeslib", "memmap", "DataSource", "load_library"):
            self.say("POET-A407", node, f".{name}")
        elif name in ("system", "popen", "fork", "run_in_executor") or name.startswith(
            ("exec", "spawn", "create_subprocess")
        ):
            self.say("POET-A405", node, f".{name}")
        else:
            self.say("POET-A302", node, f".{name}")

    def call(self, node: ast.Call) -> None:
        name = node.func.id if isinstance(node.func, ast.Name) else None
        dotted = self.dotted(node.func)
        if name in ("getattr", "hasattr"):
            second = node.args[1] if len(node.args) > 1 else None
            self.literal_name(node, second, name or "")
        elif dotted in ("operator.attrgetter", "operator.methodcaller"):
            names = node.args if dotted.endswith("attrgetter") else node.args[:1]
            for one in names:
                self.literal_name(node, one, dotted)
        elif name == "type" and (len(node.args) != 1 or node.keywords):
            self.say("POET-A303", node, "type(…) that makes a class")
        elif name == "open" or (
            isinstance(node.func, ast.Attribute) and node.func.attr == "open" and dotted is None
        ):
            self.opens(node)
        elif name == "print" and "print" not in self.manifest.calls:
            self.say("POET-A406", node, "print(…)")
        elif dotted in ("os.getenv", "os.environ.get") or (
            dotted and dotted.startswith("os.environ.")
        ):
            first = node.args[0] if node.args else None
            self.environment(node, first)
        for keyword in node.keywords:
            if keyword.arg is None or not isinstance(keyword.value, ast.Constant):
                if keyword.arg in ("verify", "shell", "allow_pickle", "check_hostname"):
                    if keyword.arg not in {k for k, _ in self.manifest.keywords}:
                        self.say("POET-A404", node, f"{keyword.arg}={ast.unparse(keyword.value)}")
                continue
            pair = (keyword.arg, ast.unparse(keyword.value))
            if pair in policy.WATCHED_KEYWORDS and pair not in self.manifest.keywords:
                self.say("POET-A404", node, f"{pair[0]}={pair[1]}")
        if dotted in ("logging.exception",):
            return

    def literal_name(self, node: ast.AST, name: ast.expr | None, what: str) -> None:
        if not (isinstance(name, ast.Constant) and isinstance(name.value, str)):
            self.say("POET-A202", node, f"{what} with a computed name")
            return
        for part in name.value.split("."):
            hidden = (
                part.startswith("_")
                and part not in policy.ALLOWED_DUNDERS | policy.PUBLIC_UNDERSCORED
            )
            if hidden or part in policy.FRAME_ATTRIBUTES or part == "__class__":
                self.say("POET-A202", node, f"{what} of {name.value!r}")
            self.watched(node, part)

    def opens(self, node: ast.Call) -> None:
        path, writing = opened(node)
        allowed = self.manifest.writes if writing else self.manifest.reads | self.manifest.writes
        within = any(
            path == a or a == "*" or (path != "*" and a.endswith("/") and path.startswith(a)
                                      and ".." not in path)
            for a in allowed
        )  # fmt: skip
        if not within:
            mode = "writing" if writing else "reading"
            shown = "a computed path" if path == "*" else repr(path)
            self.say("POET-A401", node, f"opens {shown} for {mode}")

    def environment(self, node: ast.AST, name: ast.expr | None) -> None:
        literal = isinstance(name, ast.Constant) and isinstance(name.value, str)
        if not literal or name.value not in self.manifest.environment:  # type: ignore[union-attr]
            shown = ast.unparse(name) if name is not None else "all of it"
            self.say("POET-A402", node, f"reads {shown} of the environment")

    def subscript(self, node: ast.Subscript) -> None:
        base = self.dotted(node.value)
        if base == "os.environ":
            if isinstance(node.ctx, ast.Load):
                self.environment(node, node.slice)
            else:
                self.say("POET-A302", node, "changes the environment")
        elif not isinstance(node.ctx, ast.Load):
            root = _root(node)
            if root in self.modules:
                self.say("POET-A301", node, f"changes {ast.unparse(node)}")

    def constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, bytes):
            text = node.value.decode("latin-1")
        elif isinstance(node.value, str):
            text = node.value
        else:
            return
        if node in self.docstrings:
            return
        for dunder in _DUNDER.findall(text):
            if dunder not in ("__main__", "__init__", "__name__", "__all__"):
                self.say("POET-A206", node, f"the text {dunder!r}")
        for host in hosts_in(text):
            known = self.manifest.hosts
            if host not in known and not any(
                host.endswith("." + k.lstrip("*.")) for k in known if k.startswith("*.")
            ):
                self.say("POET-A403", node, f"names the host {host}")

    def format(self, node: ast.Attribute) -> None:
        value = node.value
        if not (isinstance(value, ast.Constant) and isinstance(value.value, str)):
            if node.attr == "format_map" or not self.is_own_format(node):
                self.say("POET-A205", node, f".{node.attr} on {ast.unparse(value)[:40]}")
            return
        try:
            fields = [name for _, name, _, _ in string.Formatter().parse(value.value) if name]
        except ValueError:
            return
        for name in fields:
            if "." in name or ("_" in name.split("[", 1)[-1] and "[" in name):
                self.say("POET-A205", node, f"the field {{{name}}}")

    def is_own_format(self, node: ast.Attribute) -> bool:
        """`.format` that the original uses too, on the same kind of thing."""
        return "format" in self.manifest.attributes

    def class_(self, node: ast.ClassDef) -> None:
        if node.keywords:
            self.say("POET-A303", node, f"class {node.name} with {node.keywords[0].arg}=")
        for base in node.bases:
            if isinstance(base, ast.Name) and base.id in policy.VALUE_TYPES:
                self.say("POET-A304", node, f"class {node.name}({base.id})")
            elif not isinstance(base, (ast.Name, ast.Attribute, ast.Subscript)):
                self.say("POET-A303", node, f"class {node.name} with a computed base")
        for child in node.body:
            if isinstance(child, FunctionNode) and child.name.startswith("__"):
                if child.name not in policy.ALLOWED_METHODS:
                    self.say("POET-A303", child, f"class {node.name} defines {child.name}")
            elif isinstance(child, (ast.Assign, ast.AnnAssign)):
                for name in ast.walk(child):
                    if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store):
                        if name.id.startswith("__") and name.id != "__slots__":
                            self.say("POET-A303", child, f"class {node.name} sets {name.id}")

    def function(self, node: ast.FunctionDef) -> None:
        if isinstance(self.parents.get(node), ast.Module):
            if _DUNDER.fullmatch(node.name):
                self.say("POET-A303", node, f"the module defines {node.name}")
            if node.name in self.modules or (
                node.name in _BUILTINS and node.name not in self.manifest.names
            ):
                self.say("POET-A305", node, f"defines {node.name} anew")

    def argument(self, node: ast.arg) -> None:
        if _DUNDER.fullmatch(node.arg):
            self.say("POET-A203", node, node.arg)

    def match_class(self, node: ast.MatchClass) -> None:
        for name in node.kwd_attrs:
            if name.startswith("_") or name in policy.FRAME_ATTRIBUTES:
                self.say("POET-A203", node, f"matches .{name}")

    def with_(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            call = item.context_expr
            if isinstance(call, ast.Call) and self.dotted(call.func) == "contextlib.suppress":
                for kind in call.args:
                    if ast.unparse(kind) in ("Exception", "BaseException"):
                        self.say("POET-A501", node, f"suppresses {ast.unparse(kind)}")

    def global_(self, node: ast.Global) -> None:
        for name in node.names:
            if name in self.modules or name in _BUILTINS:
                self.say("POET-A301", node, f"global {name}")

    def try_(self, node: ast.Try | ast.TryStar) -> None:
        for handler in node.handlers:
            names = _caught(handler)
            raises = any(isinstance(n, ast.Raise) for n in ast.walk(handler))
            base = not names or bool(
                names & {"BaseException", "KeyboardInterrupt", "GeneratorExit", "SystemExit",
                         "CancelledError", "asyncio.CancelledError", "BaseExceptionGroup"}
            )  # fmt: skip
            if base and not _ends_with_raise(handler.body):
                what = ", ".join(sorted(names)) or "everything"
                self.say("POET-A501", handler, f"catches {what} and does not raise it again")
            elif "Exception" in names and not raises and not self.raised_later(node):
                self.say("POET-A501", handler, "catches Exception and raises nothing")
        if any(isinstance(n, (ast.Return, ast.Break, ast.Continue))
               for statement in node.finalbody for n in ast.walk(statement)):  # fmt: skip
            self.say("POET-A501", node, "leaves a finally block by return, break or continue")

    def raised_later(self, node: ast.AST) -> bool:
        """Tell whether the function around a `try` raises somewhere else: a retry loop does."""
        around: ast.AST | None = node
        while around is not None and not isinstance(around, FunctionNode):
            around = self.parents.get(around)
        return around is not None and any(
            isinstance(n, ast.Raise) and n.exc is not None for n in ast.walk(around)
        )


def _root(node: ast.AST) -> str | None:
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _caught(handler: ast.ExceptHandler) -> set[str]:
    if handler.type is None:
        return set()
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return {ast.unparse(k) for k in kinds}


def _ends_with_raise(body: list[ast.stmt]) -> bool:
    return bool(body) and isinstance(body[-1], ast.Raise)


def policy_page() -> str:
    """Return the reference of all rules as Markdown; the documentation's page is made of this."""
    lines = ["| rule | refuses | instead |", "| --- | --- | --- |"]
    lines += [f"| `{rule}` | {what} | {advice} |" for rule, (what, advice) in policy.RULES.items()]
    return "\n".join(lines) + "\n"
