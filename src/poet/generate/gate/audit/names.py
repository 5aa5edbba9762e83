"""Checks of imports, names and attributes: nothing is reached that was not meant to be."""

from __future__ import annotations

import ast

from . import tables
from .context import BUILTINS, Context


def import_(ctx: Context, node: ast.Import) -> None:
    """`import a.b as c`."""
    for alias in node.names:
        _module(ctx, node, alias.name)
        _binds(ctx, node, alias.asname or alias.name.split(".")[0], alias.name)


def import_from(ctx: Context, node: ast.ImportFrom) -> None:
    """`from a import b as c`."""
    if node.level or node.module is None or any(a.name == "*" for a in node.names):
        ctx.say("POET-A102", node, ast.unparse(node))
        return
    _module(ctx, node, node.module)
    for alias in node.names:
        dotted = f"{node.module}.{alias.name}"
        _binds(ctx, node, alias.asname or alias.name, dotted)
        if node.module == "poet.enhanced":
            _of_poet(ctx, node, alias.name)
        elif node.module == ctx.manifest.toolkit:
            if alias.name.startswith("_"):
                ctx.say("POET-A204", node, f"{dotted} is private")
        elif dotted in ctx.manifest.modules or dotted in tables.SAFE_MODULES:
            _module(ctx, node, dotted)
        else:
            _part(ctx, node, node.module, alias.name)
            watched(ctx, node, alias.name, dotted)


def _module(ctx: Context, node: ast.AST, module: str) -> None:
    """Judge the import of one module."""
    manifest = ctx.manifest
    top = module.split(".", maxsplit=1)[0]
    if module in ("poet.enhanced", manifest.toolkit):
        if isinstance(node, ast.Import):
            ctx.say("POET-A103", node, f"import {module}")
        return
    if top == "poet":
        ctx.say("POET-A103", node, f"imports {module}")
        return
    if any(p.startswith("_") for p in module.split(".")) and module != "__future__":
        if module not in manifest.modules:
            ctx.say("POET-A104", node, f"{module} is private")
        return
    if module in tables.SAFE_MODULES or module in manifest.modules:
        return
    if top in _STANDARD:
        ctx.say("POET-A101", node, f"imports {module}")
        return
    if any(m == module or m.startswith(f"{module}.") for m in manifest.modules):
        return
    closed = any(module == c or module.startswith(f"{c}.") for c in tables.CLOSED_SUBMODULES)
    leaked = set(module.split(".")[1:]) & tables.LEAKED_MODULES
    if top in manifest.packages and not closed and not leaked:
        return
    if any(top in tables.IMPLIED.get(p, ()) for p in manifest.packages) and not closed:
        return
    ctx.say("POET-A101", node, f"imports {module}")


def _binds(ctx: Context, node: ast.AST, local: str, dotted: str) -> None:
    """Refuse an import under a name that means something else."""
    from .... import enhanced

    last = dotted.rsplit(".", maxsplit=1)[-1]
    if local in enhanced.__all__ and dotted != f"poet.enhanced.{local}":
        if local not in ctx.manifest.names:
            ctx.say("POET-A305", node, f"imports {dotted} as {local}")
    elif local in BUILTINS and local != last:
        ctx.say("POET-A305", node, f"imports {dotted} as {local}")
    if local.startswith("__"):
        ctx.say("POET-A203", node, f"imports {dotted} as {local}")


def _of_poet(ctx: Context, node: ast.AST, name: str) -> None:
    from .... import enhanced

    if name not in enhanced.__all__:
        ctx.say("POET-A103", node, f"poet.enhanced offers no {name!r} to generated code")


def _part(ctx: Context, node: ast.AST, module: str, name: str) -> None:
    """Judge one name of a module."""
    manifest = ctx.manifest
    top = module.split(".", maxsplit=1)[0]
    used = name in manifest.attributes or name in manifest.names
    own = used and (module in manifest.modules or top in manifest.packages)
    allowed = tables.PARTS.get(module)
    dotted = f"{module}.{name}"
    if own or (allowed is not None and name in allowed):
        return
    if module == "threading" and manifest.thread and name in ("Thread", "Timer"):
        return
    if top == "subprocess" and manifest.process and name in ("run", "PIPE", "DEVNULL", "STDOUT"):
        return
    if name.startswith("_") and not name.startswith("__"):
        ctx.say("POET-A204", node, f"{dotted} is private")
    elif module in tables.SAFE_MODULES and allowed is None:
        if name in tables.LEAKED_MODULES:
            ctx.say("POET-A104", node, f"{dotted} leads to another module")
    elif top in _STANDARD:
        ctx.say("POET-A104", node, f"{dotted}, which the original does not use")
    elif name in tables.LEAKED_MODULES or dotted in tables.CLOSED_SUBMODULES:
        ctx.say("POET-A104", node, f"{dotted} leads to another module")


def name(ctx: Context, node: ast.Name) -> None:
    """One name, read or bound."""
    text = node.id
    if not isinstance(node.ctx, ast.Load):
        _stored(ctx, node)
        return
    if text.startswith("__") and text.endswith("__") and text != "__name__":
        if text != "__debug__":
            ctx.say("POET-A203", node, text)
        return
    if ctx.is_local(text, node):
        if text in ctx.aliases and _is_module(ctx, ctx.aliases[text]):
            _as_value(ctx, node, ctx.aliases[text])
        return
    parent = ctx.parents.get(node)
    if text in ctx.imported:
        _as_value(ctx, node, ctx.imported[text])
    elif text in tables.FORBIDDEN_BUILTINS:
        ctx.say("POET-A201", node, text)
    elif text in tables.BUILTINS_ONLY_CALLED:
        if not (isinstance(parent, ast.Call) and parent.func is node):
            ctx.say("POET-A201", node, f"{text} used as a value")
    elif text in ("type", "object") and isinstance(parent, ast.Attribute):
        ctx.say("POET-A203", node, f"{text}.{parent.attr}")


def _as_value(ctx: Context, node: ast.Name, dotted: str) -> None:
    parent = ctx.parents.get(node)
    is_base = isinstance(parent, ast.Attribute) and parent.value is node
    if node.id in ctx.modules or _is_module(ctx, dotted):
        if not is_base:
            ctx.say("POET-A105", node, f"the module {dotted} as a value")
    elif dotted == "poet.enhanced.module" and not is_base:
        ctx.say("POET-A105", node, "the original's module as a value")
    elif dotted in _NAMED_LOOKUPS and not (isinstance(parent, ast.Call) and parent.func is node):
        ctx.say("POET-A202", node, f"{dotted} used as a value")
    elif dotted == "functools.wraps":
        _wraps(ctx, node)


def _stored(ctx: Context, node: ast.Name) -> None:
    text = node.id
    if text.startswith("__") and text.endswith("__") and text not in ("__all__", "__slots__"):
        ctx.say("POET-A203", node, f"binds {text}")
    if ctx.is_local(text, node):
        return
    if text in ctx.imported:
        ctx.say("POET-A305", node, f"binds the imported name {text} anew")
    elif text in BUILTINS and text not in ctx.manifest.names:
        if not isinstance(ctx.parents.get(ctx.parents.get(node, node)), ast.ClassDef):
            ctx.say("POET-A305", node, f"binds {text} anew")
    elif text in ctx.functions:
        ctx.say("POET-A305", node, f"binds the function {text} anew")


def global_(ctx: Context, node: ast.Global) -> None:
    """`global name`."""
    for text in node.names:
        if text in ctx.imported or text in BUILTINS or text in ctx.functions:
            ctx.say("POET-A305", node, f"global {text}")


def attribute(ctx: Context, node: ast.Attribute) -> None:
    """One attribute, read or bound."""
    text, manifest = node.attr, ctx.manifest
    base = ctx.dotted(node.value)
    if not isinstance(node.ctx, ast.Load):
        changed(ctx, node)
    if base is not None:
        _imported_attribute(ctx, node, base)
    elif text in tables.LEAKED_ANYWHERE and text not in manifest.attributes:
        ctx.say("POET-A104", node, f".{text} leads to another module")
    if text in tables.FRAME_ATTRIBUTES and text not in manifest.attributes:
        ctx.say("POET-A203", node, f".{text}")
    elif text.startswith("__"):
        if not _allowed_dunder(ctx, node):
            ctx.say("POET-A203", node, f".{text}")
    elif text.startswith("_") and text not in tables.PUBLIC_UNDERSCORED:
        if not _own(ctx, node.value) and text not in manifest.attributes:
            ctx.say("POET-A204", node, f".{text}")
    watched(ctx, node, text, f"{base}.{text}" if base else f".{text}")


def _imported_attribute(ctx: Context, node: ast.Attribute, base: str) -> None:
    text, manifest = node.attr, ctx.manifest
    dotted = ctx.dotted(node) or f"{base}.{text}"
    parent = ctx.parents.get(node)
    if base == "poet.enhanced.module":
        if dotted == f"{base}.{text}" and text not in manifest.reached:
            ctx.say("POET-A104", node, f"module.{text}, which the original does not use")
        elif not dotted.startswith(base):
            top = dotted.split(".", maxsplit=1)[0]
            if top not in manifest.packages or text not in manifest.reached:
                ctx.say("POET-A104", node, f"module.{text}, which the original does not use")
            if dotted in manifest.modules and not isinstance(parent, ast.Attribute):
                ctx.say("POET-A105", node, f"the module {dotted} as a value")
        return
    if base == "poet.enhanced.original":
        if text not in ("__name__", "__qualname__", "__doc__") and text not in manifest.attributes:
            ctx.say("POET-A204", node, f"original.{text}")
        return
    if base.startswith("poet."):
        return
    if _is_module(ctx, base):
        if dotted not in tables.SAFE_MODULES | manifest.modules:
            _part(ctx, node, base, text)
    elif text in tables.LEAKED_MODULES and not (
        text in manifest.attributes or dotted in tables.SAFE_MODULES
    ):
        ctx.say("POET-A104", node, f"{dotted} leads to another module")
    if _is_module(ctx, dotted) and not isinstance(parent, ast.Attribute):
        ctx.say("POET-A105", node, f"the module {dotted} as a value")
    if dotted in _NAMED_LOOKUPS and not (isinstance(parent, ast.Call) and parent.func is node):
        ctx.say("POET-A202", node, f"{dotted} used as a value")
    if dotted == "functools.wraps":
        _wraps(ctx, node)


def _is_module(ctx: Context, dotted: str) -> bool:
    if dotted in tables.SAFE_MODULES or dotted in ctx.manifest.modules:
        return True
    return any(its == dotted and local in ctx.modules for local, its in ctx.imported.items())


def _wraps(ctx: Context, node: ast.AST) -> None:
    """`wraps(f)` copies onto what it is called with, so it may only decorate."""
    call = ctx.parents.get(node)
    around = ctx.parents.get(call) if call is not None else None
    decorates = (
        isinstance(call, ast.Call)
        and call.func is node
        and isinstance(around, (ast.FunctionDef, ast.AsyncFunctionDef))
        and call in around.decorator_list
    )
    if not decorates:
        ctx.say("POET-A301", node, "wraps(…) that is not a decorator")


def _allowed_dunder(ctx: Context, node: ast.Attribute) -> bool:
    text, parent = node.attr, ctx.parents.get(node)
    if text == "__class__":
        if isinstance(parent, ast.Compare):
            return True
        return isinstance(parent, ast.Attribute) and parent.attr in ("__name__", "__qualname__")
    if text in tables.ALLOWED_DUNDERS:
        if text in ("__cause__", "__context__", "__suppress_context__"):
            return True  # of exceptions, also set
        return isinstance(node.ctx, ast.Load)
    is_super = isinstance(node.value, ast.Call) and ctx.is_builtin(node.value.func, "super")
    return is_super and text in tables.ALLOWED_METHODS


def _own(ctx: Context, value: ast.expr) -> bool:
    return isinstance(value, ast.Name) and value.id in ("self", "cls")


def watched(ctx: Context, node: ast.AST, text: str, shown: str) -> None:
    """Judge an attribute that reads, writes, runs or changes something wherever it is found."""
    rule = tables.WATCHED_RULE.get(text)
    if rule is None or text in ctx.manifest.attributes or text in ctx.manifest.names:
        return
    manifest = ctx.manifest
    if rule == "POET-A405":
        if manifest.process and text in ("Popen", "check_output", "run", "ProcessPoolExecutor"):
            return
        if manifest.thread and text in ("Thread", "Timer", "run_in_executor"):
            return
    if rule == "POET-A401":
        reading = text in ("read_text", "read_bytes", "iterdir", "rglob", "readlink", "listdir")
        if (reading and manifest.reads) or (not reading and manifest.writes):
            return  # which path is judged where it is called
    ctx.say(rule, node, shown)


def changed(ctx: Context, node: ast.Attribute | ast.Subscript) -> None:
    """Judge what is assigned to, or deleted from."""
    root = ctx.root(node)
    if root is not None and not _makes_new(ctx, node):
        ctx.say("POET-A301", node, f"changes {ast.unparse(node)[:60]}")
        return
    if not isinstance(node, ast.Attribute):
        return
    if node.attr in tables.PROTECTED_ATTRIBUTES and node.attr not in ctx.manifest.attributes:
        if not _own(ctx, node.value):
            ctx.say("POET-A404", node, f"sets {ast.unparse(node)[:60]}")
    elif root is None and not _made_here(ctx, node) and not node.attr.startswith("__"):
        ctx.say("POET-A301", node, f"sets {ast.unparse(node)[:60]}, which it did not make")


def _made_here(ctx: Context, node: ast.expr) -> bool:
    """Tell whether an attribute is set on `self`, or on something that this function made."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    if not isinstance(node, ast.Name):
        return False
    around = ctx.function_around(node)
    if node.id in ("self", "cls"):
        return around is not None and isinstance(ctx.parents.get(around), ast.ClassDef)
    if not ctx.is_local(node.id, node):
        return False
    values = ctx.values_of(node)
    if not values:  # a caught exception, or a function that was defined here
        arguments = around.args if around is not None else None
        named = [] if arguments is None else [*arguments.posonlyargs, *arguments.args,
                                              *arguments.kwonlyargs]  # fmt: skip
        return node.id not in {a.arg for a in named}
    return all(_is_fresh(ctx, value) for value in values)


def _is_fresh(ctx: Context, value: ast.expr) -> bool:
    if isinstance(value, ast.Await):
        value = value.value
    if not isinstance(value, ast.Call):
        return False
    dotted = ctx.dotted(value.func)
    if dotted is not None:
        return not dotted.startswith(("contextlib.", "copy.", "functools."))
    given = [*value.args, *(k.value for k in value.keywords)]
    return not any(ctx.root(g) for g in given)


def _makes_new(ctx: Context, node: ast.AST) -> bool:
    """Tell whether a chain begins with a call of a class, so that its end is nobody else's."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    if not isinstance(node, ast.Call):
        return False
    dotted = ctx.dotted(node.func) or ""
    return dotted.rsplit(".", maxsplit=1)[-1][:1].isupper()


def subscript(ctx: Context, node: ast.Subscript) -> None:
    """`value[key]`."""
    if not isinstance(node.ctx, ast.Load):
        changed(ctx, node)


def argument(ctx: Context, node: ast.arg) -> None:
    """One parameter."""
    if node.arg.startswith("__") and node.arg.endswith("__"):
        ctx.say("POET-A203", node, node.arg)


def named_lookup(ctx: Context, node: ast.Call) -> None:
    """`getattr(value, name)` and its relatives: the name must be there to be read."""
    dotted = ctx.dotted(node.func)
    if isinstance(node.func, ast.Name) and node.func.id in ("getattr", "hasattr"):
        if ctx.is_local(node.func.id, node.func):
            return
        given = node.args[1:2]
        what = node.func.id
    elif dotted in _NAMED_LOOKUPS:
        given = node.args if dotted.endswith("attrgetter") else node.args[:1]
        what = dotted
    elif (
        isinstance(node.func, ast.Attribute)
        and node.func.attr in tables.METHOD_BY_NAME
        and node.args
        and (text := ctx.text_of(node.args[0])) is not None
    ):
        # `frame.apply("to_csv", …)` calls the method of that name.
        if text in tables.WATCHED_RULE or text in tables.TEXT_OR_FILE or text.startswith("_"):
            ctx.say("POET-A202", node, f".{node.func.attr}({text!r})")
        return
    else:
        return
    if not given or any(isinstance(a, ast.Starred) for a in node.args):
        ctx.say("POET-A202", node, f"{what} without a visible name")
    for one in given:
        text = ctx.text_of(one)
        if text is None:
            ctx.say("POET-A202", node, f"{what} with a computed name")
            continue
        _named(ctx, node, what, text)


def _named(ctx: Context, node: ast.Call, what: str, text: str) -> None:
    base = ctx.dotted(node.args[0]) if node.args and what in ("getattr", "hasattr") else None
    if base is not None and _is_module(ctx, base):
        _part(ctx, node, base, text)
    for part in text.split("."):
        hidden = part.startswith("_") and part not in (
            tables.PUBLIC_UNDERSCORED | _NAMES_TO_ASK_FOR
        )
        if hidden or part in tables.FRAME_ATTRIBUTES or part in tables.LEAKED_ANYWHERE:
            ctx.say("POET-A202", node, f"{what} of {text!r}")
        if part in _FILE_METHODS and part not in ctx.manifest.attributes:
            ctx.say("POET-A407", node, f"{what} of {text!r}")
        watched(ctx, node, part, f"{what} of {text!r}")


def match_class(ctx: Context, node: ast.MatchClass) -> None:
    """`case Kind(attribute=…)` reads attributes too."""
    for text in node.kwd_attrs:
        if text.startswith("_") or text in tables.FRAME_ATTRIBUTES | tables.LEAKED_ANYWHERE:
            ctx.say("POET-A203", node, f"matches .{text}")


_FILE_METHODS = tables.TEXT_OR_FILE.keys() | tables.READ_TEXT | tables.EXPRESSIONS
_NAMED_LOOKUPS = frozenset({"operator.attrgetter", "operator.methodcaller"})
_NAMES_TO_ASK_FOR = frozenset(
    {"__name__", "__qualname__", "__doc__", "__len__", "__iter__", "__next__", "__array__",
     "__call__", "__getitem__", "__aiter__", "__await__", "__contains__", "__float__", "__int__",
     "__enter__", "__exit__", "__version__", "__fspath__", "__aenter__", "__anext__", "__index__"}
)  # fmt: skip


def _standard() -> frozenset[str]:
    import sys

    return sys.stdlib_module_names


_STANDARD = _standard()
