#!/usr/bin/python3
"""Runs all checks and tests of the builds in build/release and build/asan, one summary line each. The last line is
`N passed, N failed`; the exit status is 0 only if nothing failed and something passed."""
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parent.parent
STEP_LIMIT_SECONDS = 1800
LONG_STEP_LIMIT_SECONDS = 3600
# What has to hold whatever runs the containers is tried with each engine.
OF_EVERY_ENGINE = [f"tests/e2e/test_{name}.py"
                   for name in ("clusters", "limits", "logs", "outcomes", "restart", "run_tokens", "secrets")]
# Chromium gives its requests up when the network of the machine changes, as every container of another test makes it.
ALONE = "tests/e2e/test_browser.py"
# What depends on how the store keeps, locks and wakes is tried with each.
OF_EVERY_STORE = [f"tests/e2e/test_{name}.py" for name in ("additions", "clusters", "limits", "contract", "replay", "restart")]


def run(command: list[str], limit: int = STEP_LIMIT_SECONDS) -> tuple[int, str]:
    """The exit status and all output; a step that hangs is killed after `limit` seconds and has failed."""
    try:
        done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, errors="replace", timeout=limit,
                              check=False)
        return done.returncode, done.stdout
    except subprocess.TimeoutExpired as late:
        output = late.stdout or b""
        return 124, output.decode(errors="replace") + f"\nkilled after {limit} s\n"


def count_junit(report: pathlib.Path) -> tuple[int, list[str]]:
    """Of a JUnit file, which GoogleTest, Vitest, Playwright and pytest all write: how many test cases passed, and of
    each that failed its name and how its message ends."""
    passed, failures = 0, []
    for case in xml.parse(report).getroot().iter("testcase"):
        problems = [*case.findall("failure"), *case.findall("error")]
        if problems:
            message = problems[0].text or problems[0].get("message", "")
            failures.append(f"{case.get('classname')}.{case.get('name')}\n{message.strip()[-2000:]}")
        elif case.find("skipped") is None and case.get("status", "run") == "run":
            passed += 1
    return passed, failures


def check(name: str, command: list[str], limit: int = STEP_LIMIT_SECONDS) -> tuple[str, int, int, str]:
    status, output = run(command, limit)
    return name, int(status == 0), int(status != 0), output


def reported(name: str, command: list[str], report_option: str) -> tuple[str, int, int, str]:
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder) / "report.xml"
        status, output = run([*command, report_option + str(report)])
        written = report.exists() and report.stat().st_size > 0  # not where it crashed, or where the disk is full
        passed, failures = count_junit(report) if written else (0, [])
    if status != 0 and not failures:
        failures = [f"{name} ended with status {status}, without a failed test"]
    return name, passed, len(failures), "\n\n".join([output, *failures])


def fuzz(seconds: int) -> tuple[str, int, int, str]:
    """Every libFuzzer target for so long, one a core at a time. Each is a test."""
    targets = sorted(folder.name for folder in (ROOT / "tests/fuzz/corpus").iterdir())
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(
            lambda target: check(target, ["tools/fuzz", target, str(seconds)], seconds + 120), targets))
    failures = [(name, output) for name, _, failed, output in results if failed]
    output = "\n".join(f"{name}:\n{output}" for name, output in failures)
    return f"fuzz, {seconds} s each", len(results) - len(failures), len(failures), output


def mutants() -> tuple[str, int, int, str]:
    """Whether each planted bug still fits the product's source, so that tests/long/mutants can try it."""
    patches = sorted((ROOT / "tests/simulation/mutants").glob("*.patch"))
    results = [(patch.stem, *run(["patch", "--dry-run", "--strip=1", "--fuzz=0", "--input", str(patch)]))
               for patch in patches]
    failures = [f"{name}:\n{output}" for name, status, output in results if status != 0]
    return "mutants fit", len(results) - len(failures), len(failures), "\n".join(failures)


def test_programs(build: pathlib.Path) -> list[pathlib.Path]:
    listing = subprocess.run(["ctest", "--show-only=json-v1"], cwd=build, capture_output=True, text=True, check=True)
    return [build / name for name in sorted(set(re.findall(r'"name" : "(\w+_test)"', listing.stdout)))]


def pytest(name: str, arguments: list[str], at_once: int | None = None, **environment: str) -> tuple[str, int, int, str]:
    """Some files at a time: mostly their tests wait for what servers and containers do."""
    settings = [f"{variable}={value}" for variable, value in environment.items()]
    return reported(name, ["env", *settings, "/usr/bin/python3", "-m", "pytest", "-q", "-p", "no:cacheprovider",
                           "-n", str(at_once or os.cpu_count() + 1), "--dist", "loadfile", *arguments], "--junitxml=")


def steps(long: bool):
    """Each is a list of what may run at the same time."""
    yield [lambda: check("format", ["tools/format", "--check"]),
           lambda: check("layers", ["/usr/bin/python3", "tools/check_layers.py"]),
           lambda: check("third parties", ["/usr/bin/python3", "tools/third_party", "--check"]),
           lambda: check("api document", ["tests/openapi/lint"]),
           mutants]
    yield [*(lambda name=name: check(f"page {name}", ["ui/check", name]) for name in ("types", "style")),
           lambda: reported("page logic", ["ui/check", "logic"], "")]
    for preset in ("release", "asan"):
        yield [lambda program=program, preset=preset: reported(
                   f"{preset} {program.name}", [str(program), "--gtest_brief=1"], "--gtest_output=xml:")
               for program in test_programs(ROOT / "build" / preset)]
    yield [lambda: fuzz(60 if long else 10)]
    yield [lambda: pytest("end to end", ["tests/e2e", f"--ignore={ALONE}"])]
    yield [lambda: pytest("end to end in a browser", [ALONE], at_once=1)]
    yield [lambda: reported("page in a browser", ["ui/check", "browser"], "")]
    yield [lambda: pytest("end to end on Docker", OF_EVERY_ENGINE, FLOTILLA_TEST_ENGINE="docker")]
    yield [lambda: pytest("end to end on PostgreSQL", OF_EVERY_STORE, FLOTILLA_TEST_STORE="postgres")]
    if long:
        for program in sorted((ROOT / "tests" / "long").iterdir()):
            yield [lambda program=program: check(program.name, [str(program)], LONG_STEP_LIMIT_SECONDS)]


def timed(step) -> tuple[tuple[str, int, int, str], float]:
    begun = time.monotonic()
    return step(), time.monotonic() - begun


def main() -> int:
    print(f"on {os.cpu_count()} processors, with {shutil.disk_usage(ROOT).free >> 30} GiB of disk free", flush=True)
    all_passed = all_failed = 0
    for at_once in steps("--long" in sys.argv[1:]):
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for (name, passed, failed, output), seconds in pool.map(timed, at_once):
                line = f"{'FAILED' if failed else 'ok':6} {name}: {passed} passed, {failed} failed ({seconds:.1f} s)"
                print(f"{line}\n{output}" if failed else line, flush=True)
                all_passed += passed
                all_failed += failed
    print(f"{all_passed} passed, {all_failed} failed")
    return 0 if all_failed == 0 and all_passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
