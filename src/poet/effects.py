"""What a call of a function does to the world, as far as its text shows.

The answer decides what may be repeated after a failure, so every doubt counts against repeating:
a call that the tables below do not know makes the verdict "unknown".
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from dataclasses import dataclass

ORDER = ("pure", "reads", "unknown", "writes")


@dataclass(frozen=True)
class Effects:
    """The verdict and its reasons.

    Attributes:
        kind: `"pure"` (only computes), `"reads"` (files, network, clock, environment, chance),
            `"writes"` (changes something outside, an argument or a global) or `"unknown"`.
        reasons: What led to it, each with its line in the module.
        network: Whether a call goes over the network.
        libraries: The network libraries used, such as `("requests",)`.
    """

    kind: str
    reasons: tuple[str, ...] = ()
    network: bool = False
    libraries: tuple[str, ...] = ()

    @property
    def repeatable(self) -> bool:
        """Whether a second call cannot repeat an effect."""
        return self.kind in ("pure", "reads")


HTTP_LIBRARIES = frozenset({"requests", "httpx", "httpx2", "aiohttp", "urllib", "urllib3"})
_CLIENTS = frozenset(
    {
        "Session",
        "Client",
        "AsyncClient",
        "ClientSession",
        "PoolManager",
        "OpenerDirector",
        "session",
    }
)
_HTTP_READS = frozenset({"get", "head", "options", "urlopen"})
_HTTP_WRITES = frozenset({"post", "put", "patch", "delete"})

_PURE_MODULES = frozenset(
    """
    math cmath json re datetime decimal fractions statistics itertools functools operator
    collections string textwrap copy dataclasses enum typing abc numbers bisect heapq
    hashlib hmac base64 binascii struct html unicodedata difflib calendar zoneinfo
    urllib.parse ipaddress types contextlib warnings logging ast keyword inspect array zlib
    csv io numpy pandas scipy sklearn polars pyarrow cmath colorsys graphlib locale pprint
    reprlib
    """.split()
)
_READING_CALLS = {
    "open": "reads a file",
    "time.time": "reads the clock",
    "time.monotonic": "reads the clock",
    "time.perf_counter": "reads the clock",
    "time.time_ns": "reads the clock",
    "time.sleep": "waits",
    "asyncio.sleep": "waits",
    "os.getenv": "reads the environment",
    "os.environ.get": "reads the environment",
    "os.listdir": "reads a folder",
    "os.scandir": "reads a folder",
    "os.walk": "reads a folder",
    "os.stat": "reads a file's data",
    "os.getcwd": "reads the working folder",
    "os.urandom": "is random",
    "uuid.uuid4": "is random",
    "uuid.uuid1": "is random",
    "glob.glob": "reads a folder",
    "socket.gethostbyname": "asks the network",
    "socket.getaddrinfo": "asks the network",
    "pandas.read_csv": "reads a file",
    "pandas.read_parquet": "reads a file",
    "pandas.read_json": "reads a file",
    "pandas.read_excel": "reads a file",
    "pandas.read_sql": "reads a database",
    "numpy.load": "reads a file",
    "numpy.loadtxt": "reads a file",
}
_READING_PREFIXES = {"random.": "is random", "secrets.": "is random", "numpy.random.": "is random",
                     "os.path.": "reads a file's data"}  # fmt: skip
_WRITING_CALLS = {
    "print": "prints",
    "input": "asks the user",
    "exec": "runs text as code",
    "eval": "runs text as code",
    "setattr": "changes an object",
    "delattr": "changes an object",
    "os.system": "starts a process",
    "os.putenv": "changes the environment",
    "random.seed": "changes the random state",
    "numpy.random.seed": "changes the random state",
    "logging.basicConfig": "changes the logging set-up",
    "numpy.save": "writes a file",
    "numpy.savez": "writes a file",
    "random.shuffle": "changes its argument",
    "heapq.heappush": "changes its argument",
    "heapq.heappop": "changes its argument",
    "heapq.heapify": "changes its argument",
    "bisect.insort": "changes its argument",
}
_WRITING_PREFIXES = {"subprocess.": "starts a process", "shutil.": "changes files",
                     "smtplib.": "sends mail", "signal.": "changes signal handling"}  # fmt: skip
_OS_WRITES = frozenset(
    """
    remove unlink rename replace mkdir makedirs rmdir removedirs chmod chown link symlink
    truncate utime kill killpg _exit abort write putenv unsetenv chdir fork popen
    """.split()
)
# Methods that only compute or read, whatever common object they are called on.
_PURE_METHODS = frozenset(
    """
    lower upper strip lstrip rstrip split rsplit splitlines join replace startswith endswith
    format format_map encode decode title capitalize casefold swapcase center ljust rjust
    zfill find rfind index rindex count isdigit isalpha isalnum isspace isupper islower
    isnumeric isdecimal isidentifier istitle partition rpartition translate expandtabs
    removeprefix removesuffix items keys values get copy union intersection difference
    issubset issuperset symmetric_difference isdisjoint bit_length as_integer_ratio hex
    is_integer conjugate isoformat strftime date time timestamp weekday isoweekday timetuple
    total_seconds astimezone utcoffset quantize normalize to_integral_value group groups
    groupdict start end span match search fullmatch findall finditer sub subn mean std var
    sum min max median quantile sort_index reset_index groupby agg aggregate apply map
    astype tolist to_list to_dict to_numpy reshape flatten ravel transpose dot round abs
    cumsum cumprod diff fillna dropna isna notna isnull notnull head tail describe unique
    nunique value_counts merge assign query any all argmax argmin argsort clip item
    digest hexdigest json raise_for_status most_common elements total with_suffix with_name
    joinpath relative_to as_posix is_absolute model_dump model_dump_json most_recent
    iter_lines debug info warning error exception critical log isEnabledFor getvalue result
    cache_info fromkeys from_bytes to_bytes fromisoformat strptime combine today utcnow now
    fromtimestamp toordinal fromordinal date_range between isin pivot pivot_table melt
    sample rank corr cov shift rolling expanding resample
    """.split()
)
_READING_METHODS = {
    "read_text": "reads a file",
    "read_bytes": "reads a file",
    "exists": "reads a file's data",
    "is_file": "reads a file's data",
    "is_dir": "reads a file's data",
    "stat": "reads a file's data",
    "glob": "reads a folder",
    "rglob": "reads a folder",
    "iterdir": "reads a folder",
    "resolve": "reads a folder",
    "read": "reads",
    "readline": "reads",
    "readlines": "reads",
    "fetchall": "reads a database",
    "fetchone": "reads a database",
    "fetchmany": "reads a database",
}
_MUTATING_METHODS = frozenset(
    """
    append extend insert pop popitem remove clear update setdefault add discard sort reverse
    appendleft popleft extendleft rotate difference_update intersection_update subtract
    symmetric_difference_update move_to_end __setitem__ __delitem__ send throw close
    """.split()
)
_WRITING_METHODS = {
    "write": "writes",
    "writelines": "writes",
    "write_text": "writes a file",
    "write_bytes": "writes a file",
    "unlink": "deletes a file",
    "mkdir": "makes a folder",
    "rmdir": "deletes a folder",
    "touch": "makes a file",
    "to_csv": "writes a file",
    "to_parquet": "writes a file",
    "to_sql": "writes a database",
    "commit": "writes a database",
    "rollback": "changes a database",
    "executemany": "writes a database",
    "executescript": "writes a database",
    "sendmail": "sends mail",
    "send_message": "sends mail",
    "publish": "sends",
    "charge": "charges",
    "refund": "refunds",
    "save": "saves",
    "delete": "deletes",
    "post": "sends data",
    "put": "sends data",
    "patch": "sends data",
}
_PURE_BUILTINS = frozenset(dir(builtins)) - {
    "open", "print", "input", "exec", "eval", "compile", "setattr", "delattr", "breakpoint",
    "__import__", "exit", "quit",
}  # fmt: skip
_CONTAINER_MAKERS = frozenset(
    """
    list dict set bytearray sorted deque defaultdict Counter OrderedDict StringIO BytesIO
    """.split()
)


def effects_of(node: ast.FunctionDef | ast.AsyncFunctionDef, module: ast.Module) -> Effects:
    """Judge one function of a parsed module, following calls to the module's own functions."""
    return _Judge(module).judge(node)


class _Judge:
    def __init__(self, module: ast.Module) -> None:
        self.aliases = dict(_aliases(module))
        self.functions = {
            n.name: n for n in module.body if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))
        }
        self.classes = {n.name: n for n in module.body if isinstance(n, ast.ClassDef)}
        self.clients = dict(_clients(module.body, self.aliases))
        self.found: list[tuple[str, str]] = []
        self.libraries: set[str] = set()
        self.visited: set[str] = set()
        self.bindings: dict[str, list[ast.expr]] = {}

    def judge(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Effects:
        self.function(node)
        kind = max((k for k, _ in self.found), key=ORDER.index, default="pure")
        reasons = dict.fromkeys(text for k, text in self.found if k == kind)
        return Effects(kind, tuple(reasons), bool(self.libraries), tuple(sorted(self.libraries)))

    def say(self, kind: str, node: ast.AST, text: str) -> None:
        self.found.append((kind, f"line {getattr(node, 'lineno', '?')}: {text}"))

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.visited.add(node.name)
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        clients = dict(self.clients)
        for arg in arguments:
            library = self.client_library(arg.annotation) if arg.annotation else None
            if library:
                clients[arg.arg] = library
        clients.update(_clients(ast.walk(node), self.aliases))
        own = _own_containers(node)
        # Decorators and defaults ran when the function was defined, not when it is called.
        inside = [child for statement in node.body for child in ast.walk(statement)]
        declared = {
            name for n in inside if isinstance(n, (ast.Global, ast.Nonlocal)) for name in n.names
        }
        for child in inside:
            if isinstance(child, ast.Assign):
                for target in child.targets:
                    if isinstance(target, ast.Name):
                        self.bindings.setdefault(target.id, []).append(child.value)
        for child in inside:
            if isinstance(child, ast.Call):
                self.call(child, own, clients)
            elif isinstance(child, (ast.Global, ast.Nonlocal)):
                self.say("writes", child, f"changes {', '.join(child.names)}")
            elif isinstance(child, (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Delete)):
                self.assignment(child, own - declared)
            elif isinstance(child, ast.Subscript) and self.dotted(child.value) == "os.environ":
                self.say("reads", child, "reads the environment")

    def assignment(self, node: ast.AST, own: set[str]) -> None:
        targets = getattr(node, "targets", None) or [node.target]  # type: ignore[attr-defined]
        for target in targets:
            for part in ast.walk(target):
                if isinstance(part, (ast.Attribute, ast.Subscript)) and not isinstance(
                    part.ctx, ast.Load
                ):
                    root = _root(part)
                    if root not in own:
                        self.say("writes", node, f"changes {ast.unparse(part)}")

    def client_library(self, annotation: ast.expr) -> str | None:
        dotted = self.dotted(annotation)
        if dotted and dotted.split(".")[-1] in _CLIENTS:
            library = dotted.split(".")[0]
            return library if library in HTTP_LIBRARIES else None
        return None

    def dotted(self, node: ast.expr) -> str | None:
        """Return the imported thing that an expression names, as `package.part`."""
        if isinstance(node, ast.Name):
            return self.aliases.get(node.id)
        if isinstance(node, ast.Attribute):
            base = self.dotted(node.value)
            return f"{base}.{node.attr}" if base else None
        return None

    def call(self, node: ast.Call, own: set[str], clients: dict[str, str]) -> None:
        dotted = self.dotted(node.func)
        if dotted:
            self.library_call(node, dotted)
        elif isinstance(node.func, ast.Name):
            self.plain_call(node, node.func.id, own)
        elif isinstance(node.func, ast.Attribute):
            self.method_call(node, node.func, own, clients)
        else:
            self.say("unknown", node, f"calls {ast.unparse(node.func)}, which is not known here")

    def plain_call(self, node: ast.Call, name: str, own: set[str]) -> None:
        if name == "open":
            self.opens(node)
        elif name in _WRITING_CALLS:
            self.say("writes", node, _WRITING_CALLS[name])
        elif name in self.functions:
            if name not in self.visited:
                self.function(self.functions[name])
        elif name in self.classes:
            self.constructor(node, self.classes[name])
        elif name not in _PURE_BUILTINS and name not in own:
            self.say("unknown", node, f"calls {name}(…), which is not known here")

    def constructor(self, node: ast.Call, cls: ast.ClassDef) -> None:
        if any(isinstance(n, ast.FunctionDef) and n.name in ("__init__", "__post_init__", "__new__")
               and any(isinstance(c, ast.Call) for c in ast.walk(n)) for n in cls.body):  # fmt: skip
            self.say("unknown", node, f"makes a {cls.name}, whose __init__ calls others")

    def opens(self, node: ast.Call) -> None:
        mode = node.args[1] if len(node.args) > 1 else None
        mode = next((k.value for k in node.keywords if k.arg == "mode"), mode)
        if mode is None or (
            isinstance(mode, ast.Constant)
            and isinstance(mode.value, str)
            and not set(mode.value) & set("wax+")
        ):
            self.say("reads", node, "reads a file")
        else:
            self.say("writes", node, f"opens a file with mode {ast.unparse(mode)}")

    def library_call(self, node: ast.Call, dotted: str) -> None:
        package, _, rest = dotted.partition(".")
        last = dotted.rsplit(".", 1)[-1]
        if package in HTTP_LIBRARIES and not dotted.startswith("urllib.parse"):
            self.http_call(node, package, last, dotted)
        elif dotted in ("io.open", "codecs.open", "gzip.open", "bz2.open", "lzma.open"):
            self.opens(node)
        elif dotted in _WRITING_CALLS:
            self.say("writes", node, f"{dotted} {_WRITING_CALLS[dotted]}")
        elif dotted in _READING_CALLS:
            self.say("reads", node, f"{dotted} {_READING_CALLS[dotted]}")
        elif package == "os" and rest in _OS_WRITES:
            self.say("writes", node, f"{dotted} changes the system")
        elif prefix := next((p for p in _WRITING_PREFIXES if dotted.startswith(p)), None):
            self.say("writes", node, f"{dotted} {_WRITING_PREFIXES[prefix]}")
        elif prefix := next((p for p in _READING_PREFIXES if dotted.startswith(p)), None):
            self.say("reads", node, f"{dotted} {_READING_PREFIXES[prefix]}")
        elif dotted.endswith((".now", ".today", ".utcnow")) and package == "datetime":
            self.say("reads", node, f"{dotted} reads the clock")
        elif dotted in ("pathlib.Path", "pathlib.PurePath") or (
            package == "asyncio" and rest in ("gather", "wait_for", "create_task", "timeout")
        ):
            pass
        elif not (package in _PURE_MODULES or dotted in _PURE_MODULES
                  or dotted.startswith(("urllib.parse.", "os.fspath"))):  # fmt: skip
            self.say("unknown", node, f"calls {dotted}, which is not known here")

    def http_call(self, node: ast.Call, package: str, last: str, dotted: str) -> None:
        if dotted.endswith("urllib.request.Request"):
            self.request_object(node)
            return
        if last in _CLIENTS or last in ("Request", "Timeout", "Limits", "HTTPAdapter", "Retry",
                                        "ClientTimeout", "HTTPBasicAuth", "build_opener"):  # fmt: skip
            return
        self.libraries.add(package)
        method = last
        if last in ("request", "stream") and node.args:
            first = node.args[0]
            method = _text(first).lower() or "request"
        sends_data = last == "urlopen" and (
            len(node.args) > 1 or any(k.arg == "data" for k in node.keywords)
        )
        if last == "urlopen" and not sends_data and not self.opens_a_url(node):
            self.say("unknown", node, f"{dotted} may be given a request that sends data")
            return
        if method in _HTTP_READS and not sends_data:
            self.say("reads", node, f"{dotted} asks the network")
        elif method in _HTTP_WRITES or sends_data:
            self.say("writes", node, f"{dotted} sends data")
        elif method not in _PURE_METHODS:
            self.say("unknown", node, f"{dotted} goes over the network")

    def request_object(self, node: ast.Call) -> None:
        """A `urllib.request.Request` sends data when it is given data, or a method that writes."""
        self.libraries.add("urllib")
        method = next((k.value for k in node.keywords if k.arg == "method"), None)
        has_data = len(node.args) > 1 or any(k.arg == "data" for k in node.keywords)
        if method is not None and _text(method).lower() not in _HTTP_READS:
            self.say("writes", node, f"sends a request by {ast.unparse(method)}")
        elif has_data and method is None:
            self.say("writes", node, "sends a request with data")

    def opens_a_url(self, node: ast.Call) -> bool:
        """Tell whether `urlopen` is given a text, or a request object that was judged already."""
        first = node.args[0] if node.args else None
        if isinstance(first, ast.Name):
            bound = self.bindings.get(first.id)
            if bound is None:
                return bool(re.search("ur[il]|link|endpoint|address", first.id.lower()))
            return all(self.is_text_or_request(value) for value in bound)
        return first is not None and self.is_text_or_request(first)

    def is_text_or_request(self, value: ast.expr) -> bool:
        if isinstance(value, ast.Call):
            dotted = self.dotted(value.func) or ""
            return dotted.endswith("request.Request") or not dotted.startswith("urllib.request")
        return isinstance(
            value, (ast.Constant, ast.JoinedStr, ast.BinOp, ast.Subscript, ast.Attribute)
        )

    def method_call(
        self, node: ast.Call, func: ast.Attribute, own: set[str], clients: dict[str, str]
    ) -> None:
        name, root = func.attr, _root(func.value)
        shown = f"{ast.unparse(func)}(…)" if len(ast.unparse(func)) < 40 else f".{name}(…)"
        if root in clients and isinstance(func.value, ast.Name):
            self.http_call(node, clients[root], name, shown.removesuffix("(…)"))
        elif name in _MUTATING_METHODS:
            if root not in own:
                self.say("writes", node, f"{shown} changes {root or 'an object'}")
        elif name == "execute":
            self.sql(node, shown)
        elif name == "open":
            self.opens(
                ast.Call(node.func, [node.func, *node.args], node.keywords, lineno=node.lineno)
            )
        elif name in _WRITING_METHODS and root not in own:
            self.say("writes", node, f"{shown} {_WRITING_METHODS[name]}")
        elif name in _READING_METHODS:
            self.say("reads", node, f"{shown} {_READING_METHODS[name]}")
        elif name not in _PURE_METHODS and root not in own:
            self.say("unknown", node, f"calls {shown}, which is not known here")

    def sql(self, node: ast.Call, shown: str) -> None:
        first = node.args[0] if node.args else None
        text = _text(first).lstrip().lower()
        if text.startswith(("select", "with", "explain", "show")) and " into " not in text:
            self.say("reads", node, f"{shown} reads a database")
        else:
            self.say("writes", node, f"{shown} may write a database")


def _text(node: ast.expr | None) -> str:
    """Return the text of a literal, or nothing."""
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return node.value if is_text else ""  # type: ignore[union-attr]


def _root(node: ast.AST) -> str | None:
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Starred, ast.Await)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _aliases(module: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield (alias.asname or alias.name.split(".")[0],
                       alias.name if alias.asname else alias.name.split(".")[0])  # fmt: skip
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def _clients(nodes: object, aliases: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Names bound to an HTTP client: `session = requests.Session()`, `with httpx.Client() as c`."""
    for node in nodes:  # type: ignore[attr-defined]
        pairs: list[tuple[ast.expr, ast.expr | None]] = []
        if isinstance(node, ast.Assign):
            pairs = [(target, node.value) for target in node.targets]
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            pairs = [(i.optional_vars, i.context_expr) for i in node.items if i.optional_vars]
        for target, value in pairs:
            if isinstance(target, ast.Name) and isinstance(value, ast.Call):
                parts = ast.unparse(value.func).split(".")
                dotted = ".".join([aliases.get(parts[0], parts[0]), *parts[1:]]).split(".")
                if dotted[-1] in _CLIENTS and dotted[0] in HTTP_LIBRARIES:
                    yield target.id, dotted[0]


def _own_containers(node: ast.AST) -> set[str]:
    """Local names that are only ever bound to something that this call made itself."""
    made: set[str] = set()
    other: set[str] = set()
    arguments = node.args  # type: ignore[attr-defined]
    for arg in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
        other.add(arg.arg)
    other.update(a.arg for a in (arguments.vararg,) if a)
    made.update(a.arg for a in (arguments.kwarg,) if a)
    for child in ast.walk(node):
        value: ast.expr | None = None
        targets: list[ast.expr] = []
        if isinstance(child, ast.Assign):
            value, targets = child.value, child.targets
        elif isinstance(child, ast.AnnAssign) and child.value:
            value, targets = child.value, [child.target]
        elif isinstance(child, (ast.For, ast.AsyncFor)):
            targets = [child.target]
        elif isinstance(child, (ast.With, ast.AsyncWith)):
            targets = [i.optional_vars for i in child.items if i.optional_vars]
        elif isinstance(child, ast.NamedExpr):
            targets = [child.target]
        for target in targets:
            for name in ast.walk(target):
                if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store):
                    fresh = target is name and value is not None and _is_fresh(value)
                    (made if fresh else other).add(name.id)
    return made - other


def _is_fresh(value: ast.expr) -> bool:
    if isinstance(
        value,
        (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, ast.JoinedStr,
         ast.Constant, ast.BinOp),
    ):  # fmt: skip
        return True
    if isinstance(value, ast.Call):
        name = ast.unparse(value.func).split(".")[-1]
        return name in _CONTAINER_MAKERS or name in ("copy", "deepcopy")
    return False
