"""Checks of code that is not what it seems: hooks, hidden text, format fields, annotations."""

from __future__ import annotations

import ast
import re
import string

from ....source import own_nodes
from . import tables
from .context import BUILTINS, Context

_DUNDER = re.compile(r"__[A-Za-z_]+__")
_SCRAMBLERS = frozenset({"translate", "fromhex", "decode", "maketrans", "unhexlify"})
_COMPARISONS = frozenset(
    "__eq__ __ne__ __lt__ __le__ __gt__ __ge__ __hash__ __str__ __repr__ __bool__ __format__ "
    "__len__ __contains__ __iter__ __getitem__ __missing__ __call__ __class__".split()
)


def function(ctx: Context, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    """One function: its name, and what stands in its annotations."""
    parent = ctx.parents.get(node)
    if not isinstance(parent, ast.ClassDef):
        if _DUNDER.fullmatch(node.name) and node.name != ctx.manifest.name:
            ctx.say("POET-A303", node, f"defines {node.name}")
        _hides(ctx, node, node.name, at_top=isinstance(parent, ast.Module))
    arguments = node.args
    for argument in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs,
                     arguments.vararg, arguments.kwarg]:  # fmt: skip
        if argument is not None and argument.annotation is not None:
            _annotation(ctx, argument.annotation)
    if node.returns is not None:
        _annotation(ctx, node.returns)
    _decorates(ctx, node)
    if node.name != ctx.manifest.name:
        for default in [*arguments.defaults, *(d for d in arguments.kw_defaults if d)]:
            if isinstance(default, (ast.List, ast.Dict, ast.Set)):
                ctx.say("POET-A504", default, f"{node.name} keeps a default from call to call")


def _decorates(ctx: Context, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    """A decorator of its own must not call what it decorates while the module is loaded."""
    for decorator in node.decorator_list:
        named = decorator.func if isinstance(decorator, ast.Call) else decorator
        own = ctx.functions.get(named.id) if isinstance(named, ast.Name) else None
        if own is None:
            continue
        given = {a.arg for a in [*own.args.posonlyargs, *own.args.args]}
        for part in own_nodes(own):
            if isinstance(part, ast.Call) and isinstance(part.func, ast.Name):
                if part.func.id in given or part.func.id in ctx.functions:
                    ctx.say("POET-A303", decorator, f"{own.name} runs code while it is loaded")


def annotated(ctx: Context, node: ast.AnnAssign) -> None:
    """`name: annotation = value`."""
    _annotation(ctx, node.annotation)


def _annotation(ctx: Context, node: ast.expr) -> None:
    """An annotation in quotes is text that pydantic and others evaluate."""
    for part in ast.walk(node):
        if isinstance(part, (ast.Call, ast.Await, ast.NamedExpr, ast.Lambda, ast.Yield)):
            dotted = ctx.dotted(part.func) if isinstance(part, ast.Call) else None
            if not (dotted and dotted.rsplit(".", maxsplit=1)[-1][:1].isupper()):
                ctx.say("POET-A208", part, ast.unparse(part)[:40])
        if not (isinstance(part, ast.Constant) and isinstance(part.value, str)):
            continue
        if _in_literal(ctx, part):
            continue
        try:
            inner = ast.parse(part.value.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            ctx.say("POET-A208", part, repr(part.value[:40]))
            continue
        plain = (ast.Name, ast.Attribute, ast.Subscript, ast.BinOp, ast.BitOr, ast.Constant,
                 ast.Tuple, ast.List, ast.Load)  # fmt: skip
        for one in ast.walk(inner):
            hidden = isinstance(one, ast.Attribute) and one.attr.startswith("_")
            if not isinstance(one, plain) or hidden:
                ctx.say("POET-A208", part, repr(part.value[:40]))
                break


def _in_literal(ctx: Context, node: ast.AST) -> bool:
    parent = ctx.parents.get(node)
    while isinstance(parent, (ast.Tuple, ast.Subscript)):
        if isinstance(parent, ast.Subscript):
            named = ast.unparse(parent.value)
            if named.endswith(("Literal", "Annotated")):
                return True
        parent = ctx.parents.get(parent)
    # `Annotated[int, Field(description="…")]`: what a call is given is no annotation.
    return isinstance(parent, (ast.Call, ast.keyword))


def class_(ctx: Context, node: ast.ClassDef) -> None:
    """One class: no hooks, no metaclass, no value that lies."""
    _hides(ctx, node, node.name, at_top=isinstance(ctx.parents.get(node), ast.Module))
    for keyword in node.keywords:
        if keyword.arg not in ("total", "frozen", "kw_only", "slots"):
            shown = f"{keyword.arg}=" if keyword.arg else "**"
            ctx.say("POET-A303", node, f"class {node.name} with {shown}")
    bases = [_last(base) for base in node.bases]
    for base, last in zip(node.bases, bases, strict=True):
        if not isinstance(base, (ast.Name, ast.Attribute, ast.Subscript)):
            ctx.say("POET-A303", node, f"class {node.name} with a computed base")
        elif last == "type" or last.endswith("Meta"):
            ctx.say("POET-A303", node, f"class {node.name} is a metaclass")
    is_enum = any(b in tables.ENUM_BASES or b.endswith("Enum") for b in bases)
    is_value = any(b in tables.VALUE_TYPES for b in bases) and not is_enum
    for child in node.body:
        _class_statement(ctx, node, child, is_enum=is_enum, is_value=is_value)


def _class_statement(
    ctx: Context, node: ast.ClassDef, child: ast.stmt, *, is_enum: bool, is_value: bool
) -> None:
    if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
        if child.name in ("_missing_", "_generate_next_value_"):
            ctx.say("POET-A303", child, f"class {node.name} defines {child.name}")
        elif not child.name.startswith("__"):
            if is_value and child.name in ("items", "keys", "values", "get", "isoformat"):
                ctx.say("POET-A304", child, f"class {node.name} redefines {child.name}")
        elif is_value and child.name in _COMPARISONS:
            ctx.say("POET-A304", child, f"class {node.name} redefines {child.name}")
        elif child.name not in tables.ALLOWED_METHODS and not (
            is_enum and child.name in ("__format__", "__str__")
        ):
            ctx.say("POET-A303", child, f"class {node.name} defines {child.name}")
    elif isinstance(child, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
        for part in ast.walk(child):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                hooks = part.id.startswith("__") and part.id not in tables.ALLOWED_CLASS_NAMES
                if hooks or part.id in ("_missing_", "_generate_next_value_", "_ignore_"):
                    ctx.say("POET-A303", child, f"class {node.name} sets {part.id}")
    elif not isinstance(child, (ast.Expr, ast.Pass, ast.ClassDef)) or (
        isinstance(child, ast.Expr) and not isinstance(child.value, ast.Constant)
    ):
        ctx.say("POET-A303", child, f"class {node.name} runs statements in its body")


def _last(node: ast.expr) -> str:
    if isinstance(node, ast.Subscript):
        node = node.value
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _hides(ctx: Context, node: ast.AST, name: str, *, at_top: bool) -> None:
    if not at_top:
        return
    from .... import enhanced

    taken = name in BUILTINS or name in enhanced.__all__
    if name in ctx.imported or (taken and name not in ctx.manifest.names):
        ctx.say("POET-A305", node, f"defines {name} anew")


def made_class(ctx: Context, node: ast.Call) -> None:
    """`type(name, bases, body)`, `weakref.ref(x, hook)`, `typing.NewType` of a computed kind."""
    if ctx.is_builtin(node.func, "type") and (len(node.args) != 1 or node.keywords):
        ctx.say("POET-A303", node, "type(…) that makes a class")
    elif ctx.is_builtin(node.func, "type") and isinstance(node.args[0], ast.Starred):
        ctx.say("POET-A303", node, "type(*…)")
    elif ctx.dotted(node.func) == "weakref.ref" and (len(node.args) > 1 or node.keywords):
        ctx.say("POET-A303", node, "weakref.ref(…) with a function to call at the end")
    elif (ctx.dotted(node.func) or "").startswith("types.") and ctx.dotted(node.func) not in (
        "types.SimpleNamespace",
        "types.MappingProxyType",
    ):
        ctx.say("POET-A303", node, f"{ctx.dotted(node.func)}(…)")
    elif isinstance(node.func, ast.Call) and ctx.is_builtin(node.func.func, "type"):
        ctx.say("POET-A303", node, "calls the type of something")


def formatted(ctx: Context, node: ast.Attribute) -> None:
    """`text.format`: the text must be there to be read."""
    if node.attr not in ("format", "format_map"):
        return
    parent = ctx.parents.get(node)
    if not (isinstance(parent, ast.Call) and parent.func is node):
        if node.attr not in ctx.manifest.attributes or ctx.text_of(node.value) is None:
            ctx.say("POET-A205", node, f".{node.attr} as a value")
        return
    text = ctx.text_of(node.value)
    if text is None:
        ctx.say("POET-A205", node, f".{node.attr} on {ast.unparse(node.value)[:40]}")
        return
    try:
        fields = list(_fields(text))
    except ValueError:
        ctx.say("POET-A205", node, f"the format {text[:40]!r} cannot be read")
        return
    for name in fields:
        if "." in name or re.search(r"\[\s*_", name):
            ctx.say("POET-A205", node, f"the field {{{name}}}")


def _fields(text: str) -> list[str]:
    found: list[str] = []
    for _, name, spec, _ in string.Formatter().parse(text):
        if name is not None:
            found.append(name)
        if spec:
            found += _fields(spec)
    return found


def text(ctx: Context, node: ast.Constant) -> None:
    """Text that names interpreter internals."""
    value = node.value
    if isinstance(value, bytes):
        value = value.decode("latin-1")
    if isinstance(value, str) and node not in ctx.docstrings:
        _internals(ctx, node, value)


def summed(ctx: Context, node: ast.AST) -> None:
    """The same of text that is put together."""
    value = ctx.text_of(node)
    if value is not None:
        _internals(ctx, node, value)


def _internals(ctx: Context, node: ast.AST, value: str) -> None:
    parent = ctx.parents.get(node)
    asked = isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name) and (
        parent.func.id in ("getattr", "hasattr", "need")  # `named_lookup` judges these
    )  # fmt: skip
    for dunder in _DUNDER.findall(value):
        if dunder in tables.HARMLESS_TEXT or asked or value in ctx.manifest.texts:
            continue
        listed = isinstance(parent, (ast.List, ast.Tuple)) and dunder == value
        ctx.say("POET-A206", node, f"the text {dunder!r}" + (" in a list" if listed else ""))


def decoded(ctx: Context, node: ast.Call) -> None:
    """`b64decode("…")`, `bytes([104, 105])`, `"".join(map(chr, […]))`."""
    dotted = ctx.dotted(node.func) or _builtin_dotted(node.func)
    first = node.args[0] if node.args else None
    if dotted in tables.DECODERS and first is not None and _is_literal(ctx, first):
        if not (isinstance(first, ast.Constant) and first.value in ("", b"")):
            ctx.say("POET-A207", node, f"{dotted} of a literal")
    elif isinstance(node.func, ast.Attribute) and node.func.attr in _SCRAMBLERS:
        if _is_literal(ctx, node.func.value):
            ctx.say("POET-A207", node, f".{node.func.attr} of a literal")
    elif (ctx.is_builtin(node.func, "chr") and first is not None) and (
        isinstance(first, ast.Constant) or _maps_literals(ctx, node)
    ):
        if (
            not isinstance(first, ast.Constant)
            or not isinstance(first.value, int)
            or (32 < first.value < 127)
        ):
            ctx.say("POET-A207", node, "chr(…) of a literal")
    elif ctx.is_builtin(node.func, "map") and len(node.args) > 1:
        if ctx.is_builtin(node.args[0], "chr") and _is_literal(ctx, node.args[1]):
            ctx.say("POET-A207", node, "map(chr, …) of a literal")
    elif ctx.is_builtin(node.func, "bytes") or ctx.is_builtin(node.func, "bytearray"):
        if isinstance(first, (ast.List, ast.Tuple)) and len(first.elts) > 3:
            ctx.say("POET-A207", node, "bytes([…]) of literal numbers")


def _builtin_dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        if node.value.id in ("bytes", "bytearray"):
            return f"{node.value.id}.{node.attr}"
    return ""


def _is_literal(ctx: Context, node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, (str, bytes))
    if isinstance(node, (ast.List, ast.Tuple)):
        return bool(node.elts) and all(isinstance(e, ast.Constant) for e in node.elts)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr in ("encode", "strip", "replace", "join") and (
            _is_literal(ctx, node.func.value)
        )  # fmt: skip
    if isinstance(node, ast.Name):
        return ctx.text_of(node) is not None or _names_literal(ctx, node)
    return ctx.text_of(node) is not None


def _names_literal(ctx: Context, node: ast.Name) -> bool:
    """Tell whether every value that a name is given in the text is a literal."""
    values = [
        n.value
        for n in ctx.nodes
        if isinstance(n, ast.Assign)
        and any(isinstance(t, ast.Name) and t.id == node.id for t in n.targets)
    ]
    return bool(values) and all(
        isinstance(v, (ast.Constant, ast.List, ast.Tuple)) and _is_literal(ctx, v) for v in values
    )


def _maps_literals(ctx: Context, node: ast.AST) -> bool:
    parent = ctx.parents.get(node)
    while parent is not None and not isinstance(parent, ast.stmt):
        if isinstance(parent, (ast.GeneratorExp, ast.ListComp)):
            return any(_is_literal(ctx, g.iter) for g in parent.generators)
        parent = ctx.parents.get(parent)
    return False


def reversed_text(ctx: Context, node: ast.Subscript) -> None:
    """`"lave"[::-1]`."""
    if isinstance(node.slice, ast.Slice) and node.slice.step is not None:
        if _is_literal(ctx, node.value):
            ctx.say("POET-A207", node, "a literal read in steps")
