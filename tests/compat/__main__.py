"""python -m tests.compat: run other projects' suites without and with the middleware.

Everything it needs comes from PyPI and from public repositories, into .compat/.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

from tests.compat import outcome as outcomes
from tests.compat import page, suites
from tests.compat.outcome import RUNS, WITH, WITHOUT, ZERO, Outcome, Run
from tests.compat.suites import Suite
from tests.support.paths import ROOT

CACHE = ROOT / ".compat"
PAGE = ROOT / "docs" / "compatibility.md"
INSERTION = Path(__file__).parent / "insertion"
TOOLS = Path(sys.executable).parent
#: What every Django of the suites runs on.
PYTHON = "3.12"
HOUR = 3600

PYTEST = [
    "-q", "--override-ini=addopts=", "-p", "no:cacheprovider", "-p", "no:randomly",
    "-p", "no:xdist", "-p", "no:cov",
]  # fmt: skip


class UnavailableError(Exception):
    """What a suite needs cannot be had; the sentence says what."""


def main() -> int:
    found, known = suites.read()
    options = read_options(found)
    locks = {suite.environment: Lock() for suite in found.values()}

    def report(suite: Suite) -> bool:
        """Run a suite, print its line, and return whether all is as it should be."""
        # Those that share their sources take turns.
        with locks[suite.environment]:
            began = time.monotonic()
            try:
                outcome = run_suite(suite, options)
            except UnavailableError as error:
                print(f"{suite.name:24} skipped: {error}", flush=True)
                return not options.strict
        took = f"{time.monotonic() - began:.0f} s"
        problems = outcome.problems(suite.name, known)
        lines = [f"{page.line(suite, outcome)}, {took}", *problems]
        print("\n    ".join(lines), flush=True)
        return not problems

    with ThreadPoolExecutor(options.jobs) as pool:
        right = list(pool.map(report, options.suites if options.run else []))
    if options.docs:
        write_page(found, known)
    return not all(right)


def read_options(found: dict[str, Suite]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.compat", description=__doc__)
    parser.add_argument(
        "suites", nargs="*", help=f"all without a name; ci, {', '.join(found)}"
    )
    parser.add_argument(
        "--sources",
        type=Path,
        default=os.environ.get("COMPAT_SOURCES"),
        help="a folder with sources named PROJECT-VERSION (or COMPAT_SOURCES)",
    )
    parser.add_argument(
        "--python", default=find_python(), help="the suites' interpreter"
    )
    parser.add_argument(
        "--docs", action="store_true", help="write the results into the manual"
    )
    parser.add_argument(
        "--no-run",
        action="store_false",
        dest="run",
        help="use the results of the latest runs",
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        default="SESSION_TIMEOUT_TESTS_STRICT" in os.environ,
        help="fail if a suite is skipped (or SESSION_TIMEOUT_TESTS_STRICT)",
    )
    parser.add_argument(
        "--jobs",
        type=int,
        default=os.cpu_count(),
        help="how many suites run at once; as many as there are processors",
    )
    options = parser.parse_args()
    try:
        options.suites = suites.select(found, options.suites)
    except ValueError as error:
        parser.error(str(error))
    return options


def find_python() -> str:
    """Return the first Python of that version that runs, or what uv may download."""
    for folder in os.get_exec_path():
        candidate = Path(folder) / f"python{PYTHON}"
        if (
            candidate.is_file()
            and not subprocess.run(
                [candidate, "-c", ""], stderr=subprocess.DEVNULL, check=False
            ).returncode
        ):
            return str(candidate)
    return PYTHON


# ---- Sources and virtual environments ------------------------------------------------


def call(command: list[str], what: str, log: Path, cwd: Path = ROOT) -> None:
    """Run a command that gets or installs something. Raises UnavailableError."""
    with log.open("ab") as file:
        done = subprocess.run(
            command, cwd=cwd, stdout=file, stderr=file, check=False, timeout=HOUR
        )
    if done.returncode:
        raise UnavailableError(f"{what} cannot be had, see {log.relative_to(ROOT)}")


def get_source(suite: Suite, given: Path | None, log: Path) -> Path:
    """Return the folder of a suite's sources: kept, given, or fetched."""
    name = f"{suite.project}-{suite.version}"
    source = CACHE / "sources" / name
    if source.is_dir():
        return source
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        fetched = Path(folder) / name
        if given and (given / name).is_dir():
            shutil.copytree(given / name, fetched, symlinks=True)
        elif suite.git:
            clone = ["git", "clone", "--quiet", "--filter=blob:none", "--no-checkout"]
            call([*clone, suite.git, str(fetched)], suite.git, log)
            checkout = ["git", "checkout", "--quiet", suite.revision]
            call(checkout, f"{suite.revision} of {suite.git}", log, fetched)
        else:
            download = [
                sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
                "--no-binary", suite.project, "--ignore-requires-python",
                f"--dest={folder}", f"{suite.project}=={suite.version}",
            ]  # fmt: skip
            call(download, f"the sdist of {name}", log)
            (archive,) = Path(folder).glob("*.tar.gz")
            with tarfile.open(archive) as file:
                file.extractall(fetched, filter="data")
            (fetched,) = fetched.iterdir()
        source.parent.mkdir(exist_ok=True)
        fetched.rename(source)
    return source


def get_environment(suite: Suite, source: Path, python: str, log: Path) -> Path:
    """Return the suite's virtual environment, with the package as it stands."""
    folder = CACHE / "environments" / suite.environment
    uv = [str(TOOLS / "uv")]
    install = [*uv, "pip", "install", f"--python={folder / 'bin' / 'python'}"]
    wanted = json.dumps([python, str(source), suite.requirements])
    ready = folder / "ready.json"
    if not ready.exists() or ready.read_text("utf-8") != wanted:
        venv = [*uv, "venv", "--clear", f"--python={python}", str(folder)]
        call(venv, "a virtual environment", log)
        call([*install, *suite.requirements], "a requirement", log, cwd=source)
        ready.write_text(wanted, "utf-8")
    package = ["--no-deps", "--reinstall-package=django-inactivity-timeout", str(ROOT)]
    call([*install, *package], "the package", log)
    return folder


# ---- Runs ----------------------------------------------------------------------------


def run_suite(suite: Suite, options: argparse.Namespace) -> Outcome:
    """Run a suite without and with the middleware, and keep what that has shown."""
    logs, results = CACHE / "logs" / suite.name, CACHE / "results"
    shutil.rmtree(logs, ignore_errors=True)
    logs.mkdir(parents=True)
    results.mkdir(exist_ok=True)
    setup = logs / "setup.log"
    source = get_source(suite, options.sources, setup)
    environment = get_environment(suite, source, options.python, setup)
    runs = (WITHOUT, WITH) if suite.replaces else RUNS
    outcome = Outcome({run: run_once(suite, run, source, environment) for run in runs})
    outcomes.save(outcome, results / f"{suite.name}.json")
    return outcome


def run_once(suite: Suite, run: str, source: Path, environment: Path) -> Run:
    logs = CACHE / "logs" / suite.name
    log, counts, junit = (logs / f"{run}.{kind}" for kind in ("log", "counts", "xml"))
    command = shlex.split(suite.command)
    if command[0] == "pytest":
        command = ["python", "-m", *command, *PYTEST, f"--junitxml={junit}"]
    path = [INSERTION, *(source / each for each in suite.path)]
    variables = {
        **os.environ,
        **suite.variables,
        "COMPAT_PLAN": json.dumps(make_plan(suite, run, counts)),
        "PATH": f"{environment / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(map(str, path)),
        "PYTHONDONTWRITEBYTECODE": "1",
        "VIRTUAL_ENV": str(environment),
    }
    variables.pop("DJANGO_SETTINGS_MODULE", None)
    with log.open("wb") as file:
        call_group(command, source / suite.directory, variables, file.fileno())
    output = log.read_text("utf-8", "replace")
    if junit.exists():
        tests, failed = outcomes.read_junit(junit.read_text("utf-8"))
    else:
        tests, failed = outcomes.read_unittest(output)
    lines = counts.read_text("utf-8") if counts.exists() else ""
    return Run(tests, failed, outcomes.add_counts(lines))


def make_plan(suite: Suite, run: str, counts: Path) -> dict[str, object]:
    """Return what insertion/sitecustomize.py is to do."""
    settings = dict(suite.settings)
    inserts = run != WITHOUT and not suite.replaces
    if inserts:
        settings["SESSION_EXPIRE_SECONDS"] = 1800
    if run == ZERO:
        settings["SESSION_EXPIRE_AFTER_LAST_ACTIVITY_GRACE_PERIOD"] = 0
    return {
        "settings": settings,
        "is_async": suite.is_async,
        "insert": inserts,
        "replace": run != WITHOUT and suite.replaces,
        "counts": str(counts),
    }


def call_group(
    command: list[str], cwd: Path, variables: dict[str, str], output: int
) -> None:
    """Run a command for an hour at most, and end what it leaves behind."""
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
    )
    try:
        process.wait(HOUR)
    except subprocess.TimeoutExpired:
        pass
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def write_page(found: dict[str, Suite], known: list[suites.Known]) -> None:
    """Write the results of the latest runs into the manual."""
    results = [
        (suite, outcomes.load(CACHE / "results" / f"{suite.name}.json"))
        for suite in found.values()
        if (CACHE / "results" / f"{suite.name}.json").exists()
    ]
    PAGE.write_text(page.update(PAGE.read_text("utf-8"), results, known), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
