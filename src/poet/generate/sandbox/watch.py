"""Inside the sandbox: note every operation that code attempts, and refuse those with an effect.

Built on `sys.addaudithook`, which is a detector and no boundary: the sandbox around the process is
what holds. Refusing here as well means that no effect of the original or of a candidate happens
for POET's sake, even where the machine offers no sandbox.
"""

from __future__ import annotations

import _thread
import contextlib
import errno
import os
import sys
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Any

_PROCESSES = (
    "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.forkpty",
    "pty.spawn", "os.startfile",
)  # fmt: skip
_SIGNALS = ("os.kill", "os.killpg", "signal.pthread_kill", "signal.raise_signal")
_NETWORK = (
    "socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo",
    "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo", "socket.getservbyname",
    "ftplib.", "imaplib.", "smtplib.", "poplib.", "nntplib.", "telnetlib.", "http.client.connect",
    "urllib.Request", "webbrowser.open", "syslog.",
)  # fmt: skip
_FILES = (
    "os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.chmod", "os.chown", "os.link", "os.symlink",
    "os.truncate", "os.utime", "os.setxattr", "os.removexattr", "os.chflags", "os.lockf", "os.mkfifo",
    "os.mknod", "shutil.", "tempfile.", "sqlite3.connect", "fcntl.", "os.chdir", "os.fchdir",
)  # fmt: skip
_INTERPRETER = (
    "ctypes.", "sys.settrace", "sys.setprofile", "sys.addaudithook", "sys.setdlopenflags", "gc.",
    "cpython.", "mmap.", "resource.", "os.putenv", "os.unsetenv", "builtins.input", "code.__new__",
    "pickle.find_class", "marshal.", "sys.unraisablehook", "sys.excepthook", "sys.monitoring",
    "setopencodehook", "os.add_dll_directory", "faulthandler",
)  # fmt: skip
# Raised all the time by harmless library code: only what the watched code itself does counts.
_OWN_ONLY = ("exec", "compile", "sys._getframe", "object.__getattr__", "object.__setattr__",
             "object.__delattr__", "function.__new__", "sys._current_frames")  # fmt: skip
_REFUSED = (*_PROCESSES, *_SIGNALS, *_NETWORK)
_THREADS = ("_thread.start_new_thread", "_thread.start_joinable_thread")
_READ_ONLY = ("os.listdir", "os.scandir")
_ALL = ("os.environ", *_REFUSED, *_FILES, *_INTERPRETER, *_OWN_ONLY, *_READ_ONLY)
_LIBRARY = tuple(
    {os.path.realpath(p) for p in (sys.prefix, sys.base_prefix)} | {sys.prefix, sys.base_prefix}
)
_POET = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))) + os.sep
_HARMLESS_READS = (
    "/usr/share/zoneinfo", "/usr/lib", "/usr/local/lib", "/etc/localtime", "/dev/null",
    "/dev/urandom", "/etc/mime.types", "/etc/ssl/openssl.cnf", "/proc/self", "/proc/cpuinfo",
    "/proc/meminfo", "/sys/devices/system/cpu", "/sys/fs/cgroup",
)  # fmt: skip


class Watch:
    """Notes what is attempted in this process from `install` on.

    Attributes:
        operations: For each attempted operation how often, and the candidate's line (or 0).
        current: The effects attempted in the call that is running.

    Args:
        code_path: The path that the candidate is compiled under.
        scratch: The folder in which writing is allowed.
        may_import: Top-level packages that are allowed.
    """

    def __init__(self, code_path: str, scratch: str, may_import: list[str]) -> None:
        self.code_path = code_path
        self.scratch = os.path.realpath(scratch)
        self.may_import = frozenset(may_import)
        self.operations: dict[str, list[int]] = {}
        self.current: dict[str, int] = {}
        self._busy: set[int] = set()
        self._off = False

    def install(self) -> None:
        """Begin; it cannot be taken back in this process."""
        sys.addaudithook(self._hook)
        self._watch_environment()
        if sys.version_info < (3, 12):  # where starting a thread raises no event
            start = _thread.start_new_thread

            def noted(*args: Any) -> Any:
                self._hook("_thread.start_new_thread", args[:1])
                return start(*args)

            _thread.start_new_thread = threading._start_new_thread = noted  # type: ignore[attr-defined]

    def _watch_environment(self) -> None:
        kind = type(os.environ)
        read, names = kind.__getitem__, kind.__iter__

        def noted_read(environ: Any, name: Any) -> Any:
            self._hook("os.environ", (name,))
            return read(environ, name)

        def noted_names(environ: Any) -> Any:
            self._hook("os.environ", ("all of it",))
            return names(environ)

        kind.__getitem__, kind.__iter__ = noted_read, noted_names  # type: ignore[method-assign]

    def off(self) -> None:
        """Stop noting and refusing in this process, for good."""
        self._off = True

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Do something that is POET's own, in this thread."""
        here = threading.get_ident()
        was = here in self._busy
        self._busy.add(here)
        try:
            yield
        finally:
            if not was:
                self._busy.discard(here)

    @contextlib.contextmanager
    def watching(self) -> Iterator[None]:
        """Run what is not POET's own, in this thread, inside a `paused` block."""
        here = threading.get_ident()
        was = here in self._busy
        self._busy.discard(here)
        try:
            yield
        finally:
            if was:
                self._busy.add(here)

    def begin(self) -> None:
        """Begin a call."""
        self.current = {}

    def _hook(self, event: str, args: tuple[Any, ...]) -> None:
        if self._off:
            return
        if event not in ("open", "import", *_THREADS) and not event.startswith(_ALL):
            return
        here = threading.get_ident()
        if here in self._busy:
            return
        self._busy.add(here)  # what the hook itself does is nobody's attempt
        try:
            refused = self._note(event, args)
        finally:
            self._busy.discard(here)
        if refused:
            raise PermissionError(errno.EPERM, "Operation not permitted in a trial")

    def _note(self, event: str, args: tuple[Any, ...]) -> bool:
        importing, owner, line, nearest = self._origin(sys._getframe(2))
        operation, effect = self._operation(event, args, importing, owner, nearest)
        if operation is None:
            return False
        known = self.operations.get(operation)
        if known is not None:
            known[0] += 1
        elif len(self.operations) < 2_000:
            self.operations[operation] = [1, line]
        if effect:
            self.current[operation] = self.current.get(operation, 0) + 1
        return effect and not operation.endswith(" in its own folder")

    def _origin(self, frame: FrameType | None) -> tuple[bool, str, int, str]:
        """Tell whether an import is running, whose code it is, its line, and the nearest file."""
        importing, owner, line, nearest = False, "", 0, ""
        while frame is not None:
            file = frame.f_code.co_filename
            if file == __file__:
                frame = frame.f_back
                continue
            if not nearest and not file.startswith(("<frozen os", "<frozen _collections_abc")):
                nearest = file
            if file.startswith("<frozen importlib"):
                importing = True
            elif file == self.code_path:
                return importing, owner or "candidate", frame.f_lineno, nearest
            elif not owner and not file.startswith("<frozen"):
                if file.startswith(_POET):
                    owner = "poet"
                elif not file.startswith(_LIBRARY) and "site-packages" not in file:
                    owner = "user"
            frame = frame.f_back
        return importing, owner, line, nearest

    def _operation(
        self, event: str, args: tuple[Any, ...], importing: bool, owner: str, nearest: str
    ) -> tuple[str | None, bool]:
        """Return an operation as a text that is the same for the same operation, and its weight."""
        if event == "import":
            return self._import(args, importing, owner), False
        if event == "open":
            return self._open(args, importing)
        if importing:
            return None, False
        if event == "os.environ":
            # Libraries look into the environment all the time: only a look of its own counts.
            own = nearest == self.code_path
            return (f"read the environment: {args[0]}" if own else None), False
        if event in _THREADS:
            return ("start a thread" if owner != "poet" else None), False
        if event.startswith(_OWN_ONLY):
            own = nearest == self.code_path or event.startswith("sys._current_frames")
            return (f"{event}({_shown(args)})" if own else None), False
        if event.startswith(_READ_ONLY):
            path = self._place(args[0] if args else ".")
            return (f"list {path}" if not self._quiet(path) else None), False
        if event.startswith(_FILES):
            return self._file(event, args)
        if event.startswith("socket.") and not _addressed(event, args):
            return None, False
        return f"{event}({_shown(args)})", event.startswith(_REFUSED)

    def _import(self, args: tuple[Any, ...], importing: bool, owner: str) -> str | None:
        name = str(args[0]).split(".")[0]
        if importing or owner == "poet" or name in sys.modules or name in self.may_import:
            return None
        if name in ("poet", "ctypes", "_ctypes") or name not in sys.stdlib_module_names:
            return None if name == "poet" else f"import {name}"
        return None

    def _open(self, args: tuple[Any, ...], importing: bool) -> tuple[str | None, bool]:
        path, mode, flags = args[0], str(args[1] or ""), args[2]
        if isinstance(path, int):
            return None, False
        writing = bool(set(mode) & set("wax+")) or (
            isinstance(flags, int) and bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
        )
        place = self._place(path)
        if not writing:
            return (None if importing or self._quiet(place) else f"read {place}"), False
        if place in ("/dev/null", "/dev/tty"):
            return None, False
        return f"write {place}{self._where(place)}", True

    def _file(self, event: str, args: tuple[Any, ...]) -> tuple[str | None, bool]:
        paths = [self._place(a) for a in args[:2] if isinstance(a, (str, bytes, os.PathLike))]
        if event.startswith("tempfile.") or (event == "sqlite3.connect" and paths == [":memory:"]):
            return None, False
        if event in ("fcntl.fcntl", "fcntl.ioctl"):
            return None, False
        inside = bool(paths) and all(self._where(p) for p in paths)
        return f"{event} {', '.join(paths)}{' in its own folder' if inside else ''}", True

    def _place(self, path: Any) -> str:
        if isinstance(path, int):
            return "a descriptor"
        text = os.fsdecode(path) if isinstance(path, (str, bytes, os.PathLike)) else str(path)
        if text == ":memory:":
            return text
        whole = os.path.realpath(text)
        if whole.startswith(self.scratch + os.sep):
            # Names of temporary files are random; that there is one is what matters.
            return os.path.relpath(whole, self.scratch)
        return whole

    def _where(self, place: str) -> str:
        return "" if os.path.isabs(place) else " in its own folder"

    def _quiet(self, place: str) -> bool:
        """Files that Python reads for itself: libraries, time zones, the lines of a traceback."""
        return (
            place == "a descriptor"
            or place.startswith((*_LIBRARY, *_HARMLESS_READS, _POET))
            or "site-packages" in place
            or place.endswith((".pyc", ".so"))
            or place == os.path.realpath(self.code_path)
            or (place.endswith(".py") and os.path.isabs(place))
        )


def _addressed(event: str, args: tuple[Any, ...]) -> bool:
    """Whether a socket event goes anywhere: pairs of sockets inside the process do not."""
    if event in ("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg"):
        return len(args) > 1 and bool(args[1])
    return True


def _shown(args: tuple[Any, ...]) -> str:
    plain = [
        a for a in args[:3] if isinstance(a, (str, bytes, int, float, tuple, list, type(None)))
    ]
    return ", ".join(repr(a)[:80] for a in plain)
