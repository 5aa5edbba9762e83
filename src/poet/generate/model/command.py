"""A model that is a program: the prompt on standard input, the answer on standard output.

Whatever a person already has on the command line works: `POET_MODEL="command:llm -m gpt-5"`.
No shell is involved.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence

from ...errors import ModelError, SettingsError
from . import Completion, Message, as_text

TRY_AGAIN = 75  # EX_TEMPFAIL of sysexits.h: the program says that a later attempt may work


class CommandModel:
    """Answers by running a program once per completion.

    Args:
        command: The program and its arguments as one would type them; quotes work, `$` and `|`
            do not.

    Raises:
        SettingsError: The text cannot be split into arguments.
    """

    def __init__(self, command: str) -> None:
        try:
            self.arguments = shlex.split(command)
        except ValueError as error:
            raise SettingsError(
                f"POET_MODEL='command:{command}' cannot be read: {error}."
            ) from None
        if not self.arguments:
            raise SettingsError("POET_MODEL='command:' names no program.")
        self.name = f"command:{command}"

    def complete(self, messages: Sequence[Message], *, deadline: float) -> Completion:
        """Run the program and return what it printed; at the deadline it is killed whole."""
        started = time.monotonic()
        text, errors, code = self._run(as_text(messages), deadline)
        if code != 0:
            said = " ".join(errors.split())[-300:] or "it said nothing on standard error"
            raise ModelError(
                f"{self.arguments[0]} ended with exit code {code}: {said}",
                retryable=code == TRY_AGAIN,
            )
        if not text.strip():
            raise ModelError(
                f"{self.arguments[0]} answered nothing. It has to read the prompt from standard "
                "input and print the answer on standard output."
            )
        return Completion(text, self.name, seconds=time.monotonic() - started)

    async def acomplete(self, messages: Sequence[Message], *, deadline: float) -> Completion:
        """Do as `complete`, in a worker thread."""
        return await asyncio.to_thread(self.complete, messages, deadline=deadline)

    def _run(self, prompt: str, deadline: float) -> tuple[str, str, int]:
        if shutil.which(self.arguments[0]) is None:
            raise ModelError(
                f"There is no program {self.arguments[0]!r} on PATH; see POET_MODEL={self.name!r}."
            )
        try:
            # A session of its own, so that what the program starts can be ended with it.
            process = subprocess.Popen(
                self.arguments,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise ModelError(f"{self.arguments[0]} could not be started: {error}.") from error
        with process:
            try:
                out, err = process.communicate(prompt.encode(), timeout=max(deadline, 0.0))
            except subprocess.TimeoutExpired:
                raise ModelError(
                    f"{self.arguments[0]} gave no answer within {deadline:.0f} s and was ended. "
                    "POET_GENERATION_SECONDS allows more time.",
                ) from None
            finally:
                _end(process)
        return (
            out.decode("utf-8", errors="replace"),
            err.decode("utf-8", errors="replace"),
            process.returncode,
        )


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the program and everything it started, also what it left behind."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        # Nothing of the group is left; macOS reports a group of zombies as a lack of permission.
        pass
    process.wait()
