"""Cases of `functions.strings`."""

from functions import strings as m

from . import Cases, call


class Label(str):
    """A str subclass, as template engines and ORMs hand out."""


cases = Cases(m)
good, bad, right = cases.good, cases.bad, cases.right

good(m.slugify, ("Hello, World!",), ("",), ("Crème brûlée",), call("a b", sep="_"), call("x" * 100, max_length=5))
bad(m.slugify, "max_length", call("Hello", max_length=None))
right(m.slugify, (Label("Hello"),), call("abc", max_length=True))

good(m.truncate, ("short",), ("a rather long sentence that must be cut",), ("abc", 0), ("abcdef", 3, ""), ("", 5))
bad(m.truncate, "text", ([1, 2, 3],), ((),), ({},), ([],))
bad(m.truncate, "width", ("abc", 20.5), ("abc", float("inf")))
right(m.truncate, ("abcdef", True), (Label("abcdef"), 3))

good(m.initials, ("Ada Lovelace",), ("",), ("  plato ",), ("jean claude van damme",))

good(m.is_blank, ("",), (None,), ("  \n",), ("x",))
bad(m.is_blank, "text", (0,), ([],), (b" ",), (False,))
right(m.is_blank, (Label(" "),))

good(m.join_names, ([],), (["Ann"],), (["Ann", "Bob"],), (["A", "B", "C"], "or"))
bad(m.join_names, "names", (("Ann", "Bob"),), ("abc",), ({},))
bad(m.join_names, "last", (["A", "B"], 5), (["A", "B"], None))
right(m.join_names, ([Label("A"), "B"],))

good(m.mask_card, ("4111 1111 1111 1111",), (4111111111111111,), ("12",), ("12345678", 2), ("", 4))
bad(m.mask_card, "number", (4111.5,), (None,), ([1, 2],))
right(m.mask_card, (True,), (Label("1234567890"),))

good(m.count_words, ("the cat and the hat.",), ("",), ("One one ONE!",), ("... !",))
right(m.count_words, (Label("a b"),))

good(m.pad, (7,), ("abc", 5), (None, 6, "*"), (-3, 4), (1234567890,))
right(m.pad, (7, True))

good(m.parse_bool, ("yes",), (True,), (0,), (None,), (" ON ",), ("nope",))

good(m.split_name, ("Ada Lovelace",), ("Plato",), ("",), ("  Ludwig van  Beethoven ",))

good(m.format_price, (1234.5,), (0,), (-3.999, "USD"), call(10, "GBP", symbol_first=True))
bad(m.format_price, "currency", (5.0, None), (5.0, 978))
bad(m.format_price, "symbol_first", call(5.0, symbol_first="no"), call(5.0, symbol_first=2))
right(m.format_price, (7,), (True,))

good(m.dedent_quote, (["> a", "b"],), ([],), (("> x",),), (["> ", ">"],))
good(m.extract_emails, ("mail a@b.de or c.d+e@f.org",), ("",), ("no mail",), ("@x",))
right(m.extract_emails, (Label("a@b.de"),))
good(m.camel_to_snake, ("CamelCase",), ("",), ("x",), ("HTTPServer",))
