"""Cases of `functions.text`."""

import numpy as np
from functions import text as m

from . import Cases, call

cases = Cases(m)
good, bad, right = cases.good, cases.bad, cases.right

good(m.tokenize, ("The cat and a hat",), ("",), call("The Cat", lower=False), call("the cat", stop=None))
bad(m.tokenize, "lower", call("A b", lower="no"), call("A", lower=None))
bad(m.tokenize, "stop", call("a cat", stop=["a"]), call("a cat", stop="a"), call("a", stop={"a"}))
good(m.similarity, ("abc", "abd"), ("", ""), ([1, 2], [1]), ("a", "b"))
good(m.closest, ("helo", ["hello", "help"]), ("x", []), ("x", ["x"], 1), ("zzz", ["a"]))
bad(m.closest, "candidates", ("helo", ("hello",)), ("helo", {"hello"}), ("a", "abc"))
bad(m.closest, "word", (("h", "i"), []), (["h"], []), (b"h", ["a"]))
right(m.closest, ("a", ["a"], True), ("a", ["a"], np.float64(0.5)))
good(m.tf_idf, ([["a", "b"], ["a"]],), ([],), ([[]],), ([["x", "x"]],))
bad(m.tf_idf, "documents", ((["a"],),), ([("a", "b")],), ([[1, 2]],), (["ab"],))
good(m.wrap, ("a long line of words to wrap",), ("",), ("abc def", 4, "> "), ("x", 0))
good(m.ngrams, (["a", "b", "c"],), ([],), (["a"], 3), (["a", "b"], 1))
bad(m.ngrams, "tokens", (("a", "b"),), ("abc",), ([1, 2],))
right(m.ngrams, (["a"], True))
good(m.replace_all, ("abc", {"a": "x"}), ("abc", [("a", "b"), ("b", "c")]), ("", {}), ("x", []))
bad(m.replace_all, "changes", ("abc", (("a", "x"),)), ("abc", {("a", "x")}), ("abc", ["ab"]))
good(m.highlight, ("An apple", "apple"), ("x",), call("a b", "A", "b", mark="_"), ("", "y"))
bad(m.highlight, "mark", call("ab", "a", mark=None), call("ab", "b", mark=7))
good(m.plural, (1, "cat"), (2, "cat"), (0, "child", "children"), (-1, "day"))
bad(m.plural, "n", ("1", "cat"), (None, "cat"), (1.5, "cat"))
bad(m.plural, "many", (2, "cat", 5), (1, "cat", ["cats"]))
right(m.plural, (True, "cat"), (np.int64(3), "cat", None))
