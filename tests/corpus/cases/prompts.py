"""Cases of `functions.prompts`."""

from functions import prompts as m

from . import Cases, call

cases = Cases(m)
good, bad, right = cases.good, cases.bad, cases.right


class Scripted:
    def __init__(self, *answers):
        self.answers = list(answers)
        self.asked = []

    def complete(self, messages):
        self.asked.append(messages)
        return self.answers.pop(0)


HISTORY = [{"role": "user", "content": "hello"}, {"role": "assistant", "content": "hi"}]

good(m.build_prompt, ("why?",), ("why?", ["a", "b"]), call("why?", max_chars=10), ("", []))
bad(m.build_prompt, "question", (None,), (5,), (["why"],))
bad(m.build_prompt, "context", ("why?", "facts"), ("why?", ("a",)), ("why?", [1, 2]))
bad(m.build_prompt, "max_chars", call("why?", max_chars=None))
right(m.build_prompt, ("why?", None), call("why?", max_chars=True))
good(m.chat, ("be kind", "hi"), ("",), ("s", "a", "b", "c"), ("s", ""))
bad(m.chat, "system", (None,), (5, "hi"))
bad(m.chat, "turns", ("s", 5), ("s", None), ("s", ["a"]))
good(m.ask, (Scripted(" yes "), "q"), (Scripted("", "no"), "q"), (Scripted("", ""), "q"), (Scripted(), "q", 0))
bad(m.ask, "question", (Scripted("y"), 5), (Scripted("y"), None))
right(m.ask, (Scripted("y"), "q", True))
good(m.extract_json, ('Sure: {"a": 1}.',), ("[1, 2]",), ("none",), ("{broken}",))
good(m.fill, call("Hi $name", name="Ada"), call(""), call("$a $b", a=1), call("$$"))
good(m.count_tokens, ("abcd",), ("",), ([1, 2, 3],), ("abc", 2))
good(m.trim_history, (HISTORY, 100), (HISTORY, 3), ([], 5), call(HISTORY, 2, count=lambda t: 1))
bad(m.trim_history, "messages", ({},  5), ([{"content": "hi", "role": 5}], 9), ([{"content": "x", 1: "y"}], 9))
bad(m.trim_history, "budget", (HISTORY, 7.5), ([], "x"), ([], None))
bad(m.trim_history, "count", ([], 5, None), ([], 5, "len"))
right(m.trim_history, (tuple(HISTORY), True))
good(m.few_shot, ([("a", "b")], "c"), ([], "q"), ([("a", "b"), ("c", "d")], "e", "\n"), ([("", "")], ""))
bad(m.few_shot, "examples", ((("a", "b"),), "c"), ([["a", "b"]], "c"), ([(1, 2)], "c"), (["ab"], "c"))
bad(m.few_shot, "question", ([], 5), ([], None))
good(m.strip_fences, ("```python\nx = 1\n```",), ("plain",), ("```js\n1```", "js"), ("",))
bad(m.strip_fences, "language", ("plain", None), ("```\nx```", 5))
