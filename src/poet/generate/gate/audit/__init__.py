"""Second stage: a static policy over the text. Deterministic, no I/O; what it does not know it refuses.

It judges exactly the text that will run. Comments have no effect. The capabilities that it
compares with come from the original (`manifest`), never from here.

    rules         the rules by their ids, and the policy's page
    tables        which modules, parts, names and attributes are what
    context       what each name in the text stands for
    imports       imports, and the parts of modules
    names         names and attributes
    changes       what is assigned to
    capabilities  files, environment, HTTP methods, processes, logs
    data          file functions and expressions of data libraries
    texts         hosts, paths and SQL in text
    code          hooks, hidden text, format fields, annotations
    behaviour     errors that do not reach the caller
    triggers      dates, chance, the number of calls
    resources     time and memory
    render        text, JSON and SARIF for `poet audit`
"""

from __future__ import annotations

import ast
import logging
from collections.abc import Callable
from typing import Any

from ..manifest import Manifest
from ..report import Finding
from ..text import read
from . import behaviour, capabilities, code, data, imports, names, resources, texts, triggers
from .context import Context
from .render import as_json, as_sarif, as_text
from .rules import RULES, policy_page

__all__ = ["RULES", "as_json", "as_sarif", "as_text", "audit", "policy_page"]

log = logging.getLogger("poet")

_Check = Callable[[Context, Any], None]

_CHECKS: dict[type[ast.AST], tuple[_Check, ...]] = {
    ast.Import: (imports.import_,),
    ast.ImportFrom: (imports.import_from,),
    ast.Name: (names.name, capabilities.environ, capabilities.http_method),
    ast.Global: (names.global_,),
    ast.Attribute: (
        names.attribute,
        capabilities.environ,
        capabilities.http_method,
        data.text_or_file_as_value,
        code.formatted,
    ),
    ast.Subscript: (names.subscript, code.reversed_text),
    ast.arg: (names.argument,),
    ast.MatchClass: (names.match_class,),
    ast.Call: (
        names.named_lookup,
        capabilities.call,
        code.made_class,
        code.decoded,
        behaviour.quiet_warnings,
        resources.costly,
        resources.held,
        behaviour.repeated,
        behaviour.left_running,
    ),
    ast.Constant: (texts.text, code.text),
    ast.JoinedStr: (texts.joined, code.summed),
    ast.BinOp: (texts.joined, code.summed, resources.large),
    ast.Dict: (capabilities.dictionary,),
    ast.Assign: (capabilities.stored_item,),
    ast.AnnAssign: (code.annotated,),
    ast.FunctionDef: (code.function, behaviour.exit_),
    ast.AsyncFunctionDef: (code.function, behaviour.exit_),
    ast.ClassDef: (code.class_,),
    ast.Try: (behaviour.try_,),
    ast.TryStar: (behaviour.try_,),
    ast.With: (behaviour.with_,),
    ast.AsyncWith: (behaviour.with_,),
    ast.Raise: (behaviour.raise_, capabilities.raised),
    ast.Assert: (capabilities.raised,),
    ast.If: (triggers.decides,),
    ast.IfExp: (triggers.decides,),
    ast.Match: (triggers.decides,),
    ast.comprehension: (triggers.decides,),
    ast.Compare: (triggers.compared,),
    ast.While: (resources.endless, triggers.decides),
}


def audit(text: str | bytes, manifest: Manifest) -> list[Finding]:
    """Judge a text by the policy. Runs nothing, reads nothing, never raises.

    Args:
        text: `enhanced.py` or `train.py`, exactly as it will run.
        manifest: What the original may do.

    Returns:
        The findings in the order of the lines; each refuses the candidate.
    """
    reading = read(text)
    if reading.tree is None:
        return [
            Finding("audit", rule := f"POET-A{p.rule}", p.message, p.line, RULES[rule].advice)
            for p in reading.problems
        ]
    ctx = Context(reading.tree, manifest)
    for identifier, line in reading.identifiers:
        if identifier not in manifest.names:
            ctx.say("POET-A004", line, f"the identifier {identifier!r}")
    try:
        for node in ctx.nodes:
            for check in _CHECKS.get(type(node), ()):
                check(ctx, node)
    except Exception as error:
        log.exception("the audit failed")
        ctx.say("POET-A003", None, f"the audit failed on it ({type(error).__name__}: {error})")
    return sorted(ctx.found, key=lambda f: (f.line or 0, f.rule, f.message))
