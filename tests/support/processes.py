"""Python in a process of its own, as a user starts it."""

import os
import subprocess
import sys
from pathlib import Path

from tests.support.waiting import SECONDS


def run_python(
    *arguments: str, cwd: Path, path: Path | str, umask: int = -1, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run Python without this run's settings; fail with what it printed if it fails."""
    environment = {**os.environ, "PYTHONPATH": str(path), **variables}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=environment,
        umask=umask,
        capture_output=True,
        text=True,
        check=False,
        timeout=5 * SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done
