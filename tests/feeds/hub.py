"""Starts the hub that nobody here wrote, where it is installed: its server and its worker, as processes."""

import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path

WITHIN = 40.0
"""Seconds for a process to start, on a busy machine."""


def is_installed() -> bool:
    """Whether there is such a hub here."""
    return all(find_spec(name) for name in ("celery", "flask", "flask_websub"))


@contextmanager
def running_hub() -> Iterator[str]:
    """The address below which the hubs of ``hub_app`` are; they end with it."""
    with tempfile.TemporaryDirectory(prefix="tagalong-hub-") as folder, ExitStack() as stack:
        for name in ("queue", "control"):
            (Path(folder) / name).mkdir()
        stack.enter_context(_process("work", folder))
        port = stack.enter_context(_process("serve", folder))
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _process(role: str, folder: str) -> Iterator[str]:
    """A process, once it has said its first line, which this gives."""
    command = [sys.executable, str(Path(__file__).with_name("hub_app.py")), role, folder]
    with (Path(folder) / f"{role}.log").open("w+") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            assert process.stdout is not None
            too_late = threading.Timer(WITHIN, process.kill)
            too_late.start()
            line = process.stdout.readline().strip()
            too_late.cancel()
            if not line:
                raise AssertionError(f"the hub's {role} did not start: {Path(log.name).read_text()[-2000:]}")
            yield line
        finally:
            process.kill()  # asked to end, it would first wait for what it is about to try again
            process.wait()
            if process.stdout is not None:
                process.stdout.close()
