"""The rules of the audit by their stable ids. An id is never given to another rule."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        refuses: What it refuses, in words that complete "refuses …".
        advice: What to do instead.
        why: Why it is there, for the policy's page.
    """

    refuses: str
    advice: str
    why: str


GROUPS = {
    "0": "The text itself",
    "1": "Imports",
    "2": "Reflection and hidden code",
    "3": "Changing what belongs to others",
    "4": "Capabilities",
    "5": "Behaviour that a trial may not see",
}

RULES: dict[str, Rule] = {
    "POET-A001": Rule(
        "text that is not plain UTF-8, or that hides characters",
        "Write plain text; spell such characters as escapes.",
        "What a reviewer sees must be what Python reads.",
    ),
    "POET-A002": Rule(
        "text over the limits of size, depth or number of parts",
        "Write less: a version is a page or two.",
        "Nobody reviews what is too long, and parsers fail on what is too deep.",
    ),
    "POET-A003": Rule(
        "syntax that the audit does not know",
        "Use plain statements.",
        "What cannot be judged is refused.",
    ),
    "POET-A004": Rule(
        "identifiers that are not ASCII, unless the original uses them",
        "Use ASCII names.",
        "Python reads a full-width `ｅval` as `eval`.",
    ),
    "POET-A101": Rule(
        "an import that the original's module does not have",
        "Use what the original imports, the safe part of the standard library and the toolkit.",
        "A package is a capability.",
    ),
    "POET-A102": Rule(
        "a relative or star import", "Import each name.", "What is imported must be visible."
    ),
    "POET-A103": Rule(
        "a part of POET that is not for generated code",
        "Import documented names with `from poet.enhanced import …`.",
        "Generated code must not reach POET's own machinery.",
    ),
    "POET-A104": Rule(
        "a part of a module that is not for generated code",
        "Use the module's harmless functions.",
        "Some modules hold both harmless and dangerous things, or lead to other modules.",
    ),
    "POET-A105": Rule(
        "a module used as a value",
        "Call its functions directly.",
        "What is done with a module that was passed around cannot be seen.",
    ),
    "POET-A201": Rule(
        "a built-in that runs text, reaches into the interpreter or asks the user",
        "Write the code itself.",
        "Code that is made while running was never reviewed.",
    ),
    "POET-A202": Rule(
        "an attribute looked up by a name that is not a plain literal",
        "Write `value.name`.",
        "A computed name can be any name.",
    ),
    "POET-A203": Rule(
        "a double-underscore or frame attribute",
        "There is a plainer way for nearly everything.",
        "Such attributes lead from any object to the whole interpreter.",
    ),
    "POET-A204": Rule(
        "a private attribute of something else",
        "Use its public interface.",
        "Private parts change without notice and often lead elsewhere.",
    ),
    "POET-A205": Rule(
        "`str.format` on text that is not a literal, or with fields that reach into attributes",
        "Use an f-string.",
        "A format field may read any attribute of an argument.",
    ),
    "POET-A206": Rule(
        "text that names interpreter internals",
        "Leave it out.",
        "It serves only to look such things up.",
    ),
    "POET-A207": Rule(
        "text that is decoded or assembled from a literal",
        "Write the text as it is.",
        "Encoded literals hide what they say from a reviewer.",
    ),
    "POET-A208": Rule(
        "an annotation in quotes that is more than a type",
        "Write the type.",
        "Some libraries evaluate annotations.",
    ),
    "POET-A301": Rule(
        "changing something that was imported, or the original",
        "Keep state in names of your own.",
        "Everybody else in the process uses the same object.",
    ),
    "POET-A302": Rule(
        "changing the state of the whole process",
        "Leave it to the application.",
        "Random state, warnings, logging, signals and the like are shared.",
    ),
    "POET-A303": Rule(
        "a class or function with hooks into the interpreter",
        "Use plain methods.",
        "Such hooks run where nobody called them.",
    ),
    "POET-A304": Rule(
        "a value type that lies about comparison or text",
        "Return plain values.",
        "Checks of the result could be deceived.",
    ),
    "POET-A305": Rule(
        "hiding a built-in, an imported name or a part of POET",
        "Choose another name.",
        "A reader takes the name for what it usually is.",
    ),
    "POET-A401": Rule(
        "opening a file that the original does not open",
        "Let the original do it, or ask for a grant: `fs.read:PATH`, `fs.write:PATH`.",
        "Files are a capability.",
    ),
    "POET-A402": Rule(
        "reading an environment variable that the original does not read",
        "Ask for a grant: `env:NAME`.",
        "The environment holds secrets.",
    ),
    "POET-A403": Rule(
        "a host that the original does not name, or an address that is put together",
        "Use the original's own address, or ask for a grant: `net:HOST`.",
        "A new host is where data leaves to.",
    ),
    "POET-A404": Rule(
        "an argument that switches a protection off",
        "Leave it on.",
        "Certificates, shells and pickles are protected for a reason.",
    ),
    "POET-A405": Rule(
        "starting a process or thread that the original does not start",
        "Ask for a grant: `process`, `thread`.",
        "What runs beside the call outlives it.",
    ),
    "POET-A406": Rule(
        "printing, where the original prints nothing",
        "Use `flag(…)` from poet.enhanced, or a logger.",
        "Output belongs to the application.",
    ),
    "POET-A407": Rule(
        "file functions and expression strings of a data library",
        "Let the original read and write; write expressions as code.",
        "They open any path, unpickle, or evaluate text.",
    ),
    "POET-A408": Rule(
        "SQL that changes data, where the original's does not",
        "Read only what the original reads.",
        "An effect that the original does not have.",
    ),
    "POET-A409": Rule(
        "an HTTP method that the original does not use",
        "Call the original.",
        "Sending is an effect that the original does not have.",
    ),
    "POET-A410": Rule(
        "writing a secret to the log",
        "Log what happened, not with which key.",
        "Logs are kept and read by many.",
    ),
    "POET-A501": Rule(
        "swallowing exceptions that the caller must see",
        "Catch what you handle, and raise the rest.",
        "The caller would take a failure for an answer.",
    ),
    "POET-A502": Rule(
        "ending the process", "Raise an error.", "Only the application decides when it ends."
    ),
    "POET-A503": Rule(
        "an answer that depends on a date or time in the text",
        "Compare with arguments or params.",
        "A trial today cannot see what the code does tomorrow.",
    ),
    "POET-A504": Rule(
        "an answer that depends on chance or on the number of calls",
        "Decide by the arguments.",
        "A trial sees only a few calls.",
    ),
    "POET-A505": Rule(
        "using up time or memory",
        "Bound the work by the arguments.",
        "One call could take the whole process down.",
    ),
}


def policy_page() -> str:
    """Return the reference of all rules as Markdown; the documentation's page is this."""
    lines = [
        "# Audit policy",
        "",
        "The audit reads a version's text before it may run. It knows these rules, each under a",
        "stable id. A candidate that breaks one is refused, and the model is told why. Comments",
        "that ask to ignore a rule have no effect; only a grant of the decorator widens what a",
        "version may do.",
        "",
        "The audit is not a boundary: code that runs in your process can do what your process",
        "can. It makes bad code improbable, not impossible.",
    ]
    for digit, title in GROUPS.items():
        lines += ["", f"## {title}", "", "| rule | refuses | because | instead |"]
        lines.append("| --- | --- | --- | --- |")
        lines += [
            f"| `{name}` | {rule.refuses} | {rule.why} | {rule.advice} |"
            for name, rule in RULES.items()
            if name[6] == digit
        ]
    return "\n".join(lines) + "\n"
