"""Starts the hub that nobody here wrote, where it is installed, as a process."""

import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

WITHIN = 40.0
"""Seconds for it to start, on a busy machine."""


def is_installed() -> bool:
    """Whether there is such a hub here."""
    return all(find_spec(name) for name in ("celery", "flask", "flask_websub"))


@contextmanager
def running_hub() -> Iterator[str]:
    """The address below which the hubs of ``hub_app`` are; they end with it."""
    with tempfile.TemporaryDirectory(prefix="tagalong-hub-") as folder:
        log = Path(folder) / "log"
        command = [sys.executable, str(Path(__file__).with_name("hub_app.py")), folder]
        with (
            log.open("w") as written,
            subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=written, text=True) as process,
        ):
            try:
                yield f"http://127.0.0.1:{_first_line(process, log)}"
            finally:
                process.kill()  # asked to end, it would first wait for what it is about to try again


def _first_line(process: subprocess.Popen[str], log: Path) -> str:
    assert process.stdout is not None
    too_late = threading.Timer(WITHIN, process.kill)
    too_late.start()
    line = process.stdout.readline().strip()
    too_late.cancel()
    if not line:
        raise AssertionError(f"the hub did not start: {log.read_text()[-2000:]}")
    return line
