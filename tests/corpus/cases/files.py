"""Cases of `functions.files`."""

import io
from collections import UserDict
from pathlib import Path, PurePosixPath

from functions import files as m

from . import Cases, Fresh, call

cases = Cases(m)
good, bad, right = cases.good, cases.bad, cases.right
LINES = "one\n\ntwo\n"

good(m.read_lines, call("a.txt").with_files(a_txt=LINES), call(Path("a.txt"), False).with_files(a_txt=LINES), ("missing.txt",), call("a.txt").with_files(a_txt=""))
bad(m.read_lines, "path", call(b"a.txt").with_files(a_txt=LINES))
bad(m.read_lines, "skip_blank", call("a.txt", "no").with_files(a_txt=LINES), call("a.txt", None).with_files(a_txt=LINES))
right(m.read_lines, call(Path("a.txt"), True).with_files(a_txt=LINES))

good(m.read_rows, call("a.csv").with_files(a_csv="x,y\n1,2\n"), call("a.csv", ";").with_files(a_csv="x;y\n1;2\n"), ("none.csv",), call("a.csv").with_files(a_csv=""))
bad(m.read_rows, "path", call(b"a.csv").with_files(a_csv="x\n1\n"), call(Path("a.csv")).with_files(a_csv="x\n1\n"))

good(m.load_settings, call("s.json").with_files(s_json='{"a": 1}'), ("none.json",), ("none.json", {"b": 2}), call("s.json").with_files(s_json="{"))

good(m.checksum, call("a.txt").with_files(a_txt="hello"), call(Path("a.txt"), "md5").with_files(a_txt=""), ("none",), call("a.txt", "nonsense").with_files(a_txt="x"))
right(m.checksum, call(Path("a.txt")).with_files(a_txt="x"))

good(m.append_line, call("log.txt", "x"), call("log.txt", "y").with_files(log_txt="x\n"), ("no/such/folder.txt", "x"), ("log.txt", ""))
bad(m.append_line, "line", ("log.txt", 5), ("log.txt", None), ("log.txt", ["a"]), ("log.txt", b"bytes"))
bad(m.append_line, "path", (Path("log.txt"), "x"), (b"log.txt", "x"))

good(m.save_json, (Path("a.json"), {"b": 1, "a": [1]}), (Path("a.json"), {}, None), (Path("a.json"), {"a": 1}, 0), (Path("no/a.json"), {}))
bad(m.save_json, "data", (Path("a.json"), [1, 2]), (Path("a.json"), "text"), (Path("a.json"), None))
bad(m.save_json, "indent", (Path("a.json"), {}, "\t"), (Path("a.json"), {"a": 1}, "  "))
right(m.save_json, (Path("a.json"), {}, True))

good(m.count_lines, (["a", "b"],), call(Fresh(lambda: io.StringIO("a\nb\n"))), ("abc",), ([],))

good(m.backup, call("a.txt").with_files(a_txt="x"), call("a.txt", "~").with_files(a_txt=""), ("none.txt",), call("a.txt", "").with_files(a_txt="same"))
bad(m.backup, "suffix", call("a.txt", 1).with_files(a_txt="x"), call("a.txt", None).with_files(a_txt="x"))

good(m.extension, ("report.final.PDF",), ("noext",), (".bashrc",), ("",))

good(m.list_files, (), call(".", "*.txt").with_files(a_txt="x", b_csv="y"), ("none",), call(pattern="a*").with_files(a_txt="x"))
bad(m.list_files, "folder", call(Path(".")).with_files(a_txt="x"), (PurePosixPath("."),))
