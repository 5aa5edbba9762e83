"""A version in memory for a function without text: its signature is all that is known."""

from __future__ import annotations

import inspect
import linecache
from collections.abc import Callable
from typing import Any

from ..domains import load as load_domain
from ..runtime.loader import load
from ..source import FunctionSource
from ..spec import Spec


def entry_for(function: Callable[..., Any], spec: Spec) -> Callable[..., Any] | None:
    """Return the reliability blueprint's entry for a bare signature, or None when there is none.

    Nothing is retried, because nothing is known of the function's effects, unless the spec says
    that it is idempotent.
    """
    name = getattr(function, "__name__", "")
    if not name.isidentifier():
        return None
    try:
        text = _stub_text(function, name)
    except (ValueError, TypeError):  # a C function that does not tell its signature
        return None
    source = FunctionSource.in_text(text, name, module=function.__module__ or "__main__")
    blueprint = load_domain("reliability").blueprint
    if blueprint is None:
        return None
    code = blueprint(source, spec)
    path = f"<poet: {function.__qualname__}>"
    # Tracebacks show the text; a modification time of None keeps linecache from dropping it.
    linecache.cache[path] = (len(code), None, code.splitlines(keepends=True), path)
    return load(code, path, function, name).entry


def _stub_text(function: Callable[..., Any], name: str) -> str:
    """Write a `def` with the function's signature and a body that tells nothing."""
    signature = inspect.signature(function)
    parameters = []
    for parameter in signature.parameters.values():
        hint = parameter.annotation
        if hint is not inspect.Parameter.empty and not isinstance(hint, str):
            hint = hint.__name__ if isinstance(hint, type) else str(hint)
        default = parameter.default
        if default is not inspect.Parameter.empty and not _literal(default):
            default = ...
        parameters.append(parameter.replace(annotation=hint, default=default))
    returns = signature.return_annotation
    if returns is not inspect.Signature.empty and not isinstance(returns, str):
        returns = returns.__name__ if isinstance(returns, type) else str(returns)
    bare = signature.replace(parameters=parameters, return_annotation=returns)
    written = str(bare).replace("=Ellipsis", "=...")
    prefix = "async " if inspect.iscoroutinefunction(function) else ""
    body = "unknown_to_poet()"
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        prefix = "async " if inspect.isasyncgenfunction(function) else ""
        body = "yield unknown_to_poet()"
    for quoted in {str(p.annotation) for p in parameters} | {str(returns)}:
        written = written.replace(f"'{quoted}'", quoted)
    return f"from __future__ import annotations\n\n{prefix}def {name}{written}:\n    {body}\n"


def _literal(value: Any) -> bool:
    return value is None or isinstance(value, (bool, int, float, str, bytes))
