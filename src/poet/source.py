"""What POET knows of a user's function, read from its text without running it."""

from __future__ import annotations

import ast
import functools
import hashlib
import inspect
import io
import linecache
import textwrap
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .effects import Effects, effects_of

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


class SourceUnavailable(Exception):
    """There is no text to read: the function came from a prompt, `exec`, or a C extension."""


@dataclass(frozen=True)
class Parameter:
    """One parameter as it is written; `kind` is the name of an `inspect` parameter kind."""

    name: str
    kind: str
    annotation: str | None = None
    default: str | None = None


@dataclass(frozen=True)
class FunctionSource:
    """The text of one function and what follows from it.

    Attributes:
        module: Name under which the module can be imported; `__main__` is resolved.
        qualname: As `function.__qualname__`.
        name: The last part of it.
        file: The file that holds it; None for notebooks' cells and the like.
        line: First line of the `def` in that file, decorators not counted.
        text: The `def` alone, dedented, without decorators.
        decorators: The decorators between `@poet` and `def`, outermost first.
        parameters: In order.
        returns: The return annotation as written.
        kind: `"function"`, `"coroutine"`, `"generator"` or `"async generator"`.
        method: None, `"instance"`, `"class"` or `"static"`.
        module_text: Text of the whole module as it was when the function was decorated.
        imports: The module's top-level import statements.
        doc: The cleaned docstring.
        doctests: Pairs of a call and the text it is expected to print.
        is_stub: Whether the body only returns a constant although there are parameters.
        free_variables: Names that the body takes from an enclosing function.
        global_names: Names that the body takes from the module or the built-ins.
        self_contained: Whether the text could run elsewhere given the module's names.
        effects: What a call does to the world.
        fingerprint: SHA-256 of the cleaned text: comments, blank lines, decorators and
            (except for a stub, which it specifies) the docstring do not count.
    """

    module: str
    qualname: str
    name: str
    file: Path | None
    line: int
    text: str
    decorators: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    returns: str | None
    kind: str
    method: str | None
    module_text: str
    imports: tuple[str, ...]
    doc: str
    doctests: tuple[tuple[str, str], ...]
    is_stub: bool
    free_variables: tuple[str, ...]
    global_names: tuple[str, ...]
    self_contained: bool
    effects: Effects
    fingerprint: str

    @property
    def tree(self) -> FunctionNode:
        """The syntax tree of `text`."""
        node = ast.parse(self.text).body[0]
        assert isinstance(node, FunctionNode)
        return node

    @classmethod
    def of(cls, function: Callable[..., Any]) -> FunctionSource:
        """Read the source of a live function.

        Raises:
            SourceUnavailable: There is no text, or it does not hold this function.
        """
        return captured(function)()

    @classmethod
    def in_file(cls, path: Path | str, qualname: str, module: str | None = None) -> FunctionSource:
        """Read one function's source from a file, without importing it.

        Raises:
            SourceUnavailable: The file holds no such function.
        """
        path = Path(path)
        text = path.read_text(encoding="utf-8")
        return cls.in_text(text, qualname, module=module or module_name(path), file=path)

    @classmethod
    def in_text(
        cls, text: str, qualname: str, *, module: str, file: Path | None = None
    ) -> FunctionSource:
        """Read one function's source from the text of a module.

        Raises:
            SourceUnavailable: The text holds no such function.
        """
        found = [(node, stack) for node, stack in _functions(ast.parse(text))
                 if _qualname(node, stack) == qualname]  # fmt: skip
        if not found:
            raise SourceUnavailable(f"{file or module} holds no function {qualname!r}.")
        node, stack = found[-1]  # the last definition of a name is the one that lives
        return _build(text, node, stack, file, module)


def captured(function: Callable[..., Any]) -> Callable[[], FunctionSource]:
    """Keep the text as it is now, and return a function that analyses it later.

    An edited file must not change what is known of a function that is already loaded, and
    decoration must stay cheap: this reads the file once (shared by all functions in it) and
    parses nothing.

    Raises:
        SourceUnavailable: There is no text to keep.
    """
    plain = inspect.unwrap(function)
    code = getattr(plain, "__code__", None)
    if code is None:
        raise SourceUnavailable(f"{function!r} is not written in Python.")
    if plain.__name__ == "<lambda>":
        raise SourceUnavailable("a lambda has no text of its own; write it as a def.")
    lines = linecache.getlines(code.co_filename, plain.__globals__)
    if not lines:
        raise SourceUnavailable(
            f"the text of {plain.__qualname__} is not in a file ({code.co_filename})."
        )
    file = Path(code.co_filename) if not code.co_filename.startswith("<") else None
    if file is not None and not file.is_file():
        file = None
    spec = plain.__globals__.get("__spec__")
    module = plain.__module__ or "__main__"
    if module in ("__main__", "__mp_main__"):
        module = getattr(spec, "name", None) or (module_name(file) if file else "__main__")

    @functools.cache
    def analyse() -> FunctionSource:
        text = "".join(lines)
        for node, stack in _functions(_parsed(text)):
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            if node.name == code.co_name and first == code.co_firstlineno:
                source = _build(text, node, stack, file, module)
                if file is None:
                    # A notebook's cell uses what other cells imported.
                    imports = _session_imports(plain)
                    source = replace(source, module_text=imports + text)
                return source
        raise SourceUnavailable(
            f"{code.co_filename} no longer holds {plain.__qualname__} at line {code.co_firstlineno}."
        )

    return analyse


def _session_imports(function: Any) -> str:
    """Write imports for the modules, and for POET, that a session's function names."""
    lines = []
    for name, value in function.__globals__.items():
        if inspect.ismodule(value) and name in function.__code__.co_names:
            lines.append(f"import {value.__name__} as {name}")
        elif getattr(value, "__module__", None) == "poet._decorator":
            lines.append(f"from poet import {value.__name__} as {name}")
    return "".join(f"{line}\n" for line in lines)


def module_name(path: Path) -> str:
    """Return the dotted name under which a file's module is imported, by its package folders."""
    parts = [path.stem] if path.stem != "__init__" else []
    folder = path.resolve().parent
    while (folder / "__init__.py").is_file():
        parts.insert(0, folder.name)
        folder = folder.parent
    return ".".join(parts) or path.stem


@functools.lru_cache(maxsize=8)
def _parsed(text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except SyntaxError as error:
        # A notebook cell with shell or magic lines, or a file that was broken since.
        raise SourceUnavailable(f"the text around the function does not parse: {error}") from error


def _functions(
    tree: ast.AST, stack: tuple[ast.AST, ...] = ()
) -> Iterator[tuple[FunctionNode, tuple[ast.AST, ...]]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, FunctionNode):
            yield node, stack
            yield from _functions(node, (*stack, node))
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node, (*stack, node))
        else:
            yield from _functions(node, stack)


def _qualname(node: FunctionNode, stack: tuple[ast.AST, ...]) -> str:
    parts: list[str] = []
    for outer in stack:
        parts.append(outer.name)  # type: ignore[attr-defined]
        if isinstance(outer, FunctionNode):
            parts.append("<locals>")
    return ".".join([*parts, node.name])


def _build(
    text: str, node: FunctionNode, stack: tuple[ast.AST, ...], file: Path | None, module: str
) -> FunctionSource:
    own = _own_text(text, node)
    tree = _parsed(text)
    method = _method_kind(node, stack)
    parameters = tuple(_parameters(node.args))
    free, global_names = _names(node, stack, text)
    doc = ast.get_docstring(node) or ""
    stub = _is_stub(node, parameters, method)
    uses_class = any(
        isinstance(n, ast.Name) and n.id in ("super", "__class__") for n in ast.walk(node)
    ) or any(
        isinstance(n, ast.Attribute) and n.attr.startswith("__") and not n.attr.endswith("__")
        for n in ast.walk(node)
    )
    inner = _inner_decorators(node)
    return FunctionSource(
        module=module,
        qualname=_qualname(node, stack),
        name=node.name,
        file=file,
        line=node.lineno,
        text=own,
        decorators=inner,
        parameters=parameters,
        returns=ast.unparse(node.returns) if node.returns else None,
        kind=_kind(node),
        method=method,
        module_text=text,
        imports=tuple(
            ast.get_source_segment(text, n) or ast.unparse(n)
            for n in tree.body
            if isinstance(n, (ast.Import, ast.ImportFrom))
        ),
        doc=doc,
        doctests=_doctests(doc),
        is_stub=stub,
        free_variables=free,
        global_names=global_names,
        self_contained=not free and not uses_class and not stack and not inner,
        effects=effects_of(node, tree),
        fingerprint=_fingerprint(own, keep_docstring=stub),
    )


def _own_text(text: str, node: FunctionNode) -> str:
    lines = text.splitlines(keepends=True)[node.lineno - 1 : node.end_lineno]
    return textwrap.dedent("".join(lines)).rstrip() + "\n"


def _inner_decorators(node: FunctionNode) -> tuple[str, ...]:
    """Return the decorators below the innermost `@poet`, or all when there is none."""
    written = [ast.unparse(d) for d in node.decorator_list]
    for index in range(len(written) - 1, -1, -1):
        head = written[index].split("(")[0]
        if head == "poet" or head.endswith(".poet"):
            return tuple(written[index + 1 :])
    return tuple(written)


def _method_kind(node: FunctionNode, stack: tuple[ast.AST, ...]) -> str | None:
    if not stack or not isinstance(stack[-1], ast.ClassDef):
        return None
    names = {ast.unparse(d) for d in node.decorator_list}
    if "staticmethod" in names or node.name == "__new__":
        return "static"
    if "classmethod" in names or node.name in ("__init_subclass__", "__class_getitem__"):
        return "class"
    return "instance"


def _parameters(args: ast.arguments) -> Iterator[Parameter]:
    def one(arg: ast.arg, kind: str, default: ast.expr | None = None) -> Parameter:
        return Parameter(
            arg.arg,
            kind,
            ast.unparse(arg.annotation) if arg.annotation else None,
            ast.unparse(default) if default is not None else None,
        )

    plain = [*args.posonlyargs, *args.args]
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(args.defaults))
    defaults += args.defaults
    for index, (arg, default) in enumerate(zip(plain, defaults, strict=True)):
        kind = "POSITIONAL_ONLY" if index < len(args.posonlyargs) else "POSITIONAL_OR_KEYWORD"
        yield one(arg, kind, default)
    if args.vararg:
        yield one(args.vararg, "VAR_POSITIONAL")
    for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        yield one(arg, "KEYWORD_ONLY", default)
    if args.kwarg:
        yield one(args.kwarg, "VAR_KEYWORD")


def _kind(node: FunctionNode) -> str:
    yields = any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in own_nodes(node))
    if isinstance(node, ast.AsyncFunctionDef):
        return "async generator" if yields else "coroutine"
    return "generator" if yields else "function"


def own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Walk a function's own body, not the functions and classes defined inside it."""
    pending = list(ast.iter_child_nodes(node))
    while pending:
        child = pending.pop()
        yield child
        if not isinstance(child, (*FunctionNode.__args__, ast.Lambda, ast.ClassDef)):
            pending.extend(ast.iter_child_nodes(child))


def _names(
    node: FunctionNode, stack: tuple[ast.AST, ...], text: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Tell which names the function takes from enclosing functions and from the module."""
    import symtable

    # symtable wants a whole module; the enclosing functions' locals decide what is free.
    table = symtable.symtable(text, "<source>", "exec")
    for outer in (*stack, node):
        for child in table.get_children():
            if child.get_name() == outer.name and child.get_lineno() in _lines_of(outer):  # type: ignore[attr-defined]
                table = child
                break
        else:
            return (), ()
    free = sorted(s.get_name() for s in table.get_symbols() if s.is_free())
    reads = {s.get_name() for s in table.get_symbols() if s.is_global() and s.is_referenced()}

    def inside(inner: symtable.SymbolTable) -> None:
        for child in inner.get_children():
            reads.update(s.get_name() for s in child.get_symbols() if s.is_global())
            inside(child)

    inside(table)
    return tuple(free), tuple(sorted(reads))


def _lines_of(node: Any) -> set[int]:
    # symtable counts from the first decorator on some versions, from `def` on others.
    return {node.lineno, *(d.lineno for d in node.decorator_list)}


def _is_stub(node: FunctionNode, parameters: tuple[Parameter, ...], method: str | None) -> bool:
    own = len(parameters) - (1 if method in ("instance", "class") else 0)
    body = list(node.body)
    if ast.get_docstring(node) is not None:
        body = body[1:]
    if own < 1 or len(body) > 1:
        return False
    if not body or isinstance(body[0], ast.Pass):
        return True
    only = body[0]
    if isinstance(only, ast.Return):
        return only.value is None or _is_constant(only.value)
    return isinstance(only, ast.Expr) and isinstance(only.value, ast.Constant)


def _is_constant(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError):
        return False
    return True


def _doctests(doc: str) -> tuple[tuple[str, str], ...]:
    if ">>>" not in doc:
        return ()
    import doctest

    try:
        examples = doctest.DocTestParser().get_examples(doc)
    except ValueError:  # inconsistent indentation: not meant as a doctest
        return ()
    return tuple((e.source.strip(), e.want) for e in examples)


def _fingerprint(text: str, *, keep_docstring: bool) -> str:
    node = ast.parse(text).body[0]
    assert isinstance(node, FunctionNode)
    skipped: range = range(0)
    if not keep_docstring and ast.get_docstring(node) is not None:
        skipped = range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1)
    digest = hashlib.sha256()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in (tokenize.COMMENT, tokenize.NL) or (
            token.start[0] in skipped and token.type in (tokenize.STRING, tokenize.NEWLINE)
        ):
            continue
        # The depth of an indentation does not matter, only that there is one.
        word = "" if token.type in (tokenize.INDENT, tokenize.NEWLINE) else token.string
        digest.update(f"{token.type if not word else ''}\x1f{word}\x1e".encode())
    return digest.hexdigest()
