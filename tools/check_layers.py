#!/usr/bin/python3
"""Checks who includes whom below src/, as ARCHITECTURE.md says. Prints each line that breaks a rule."""
import pathlib
import re
import sys

SOURCE = pathlib.Path(__file__).resolve().parent.parent / "src"

# Module: the modules that it may include, besides itself and base.
MAY_INCLUDE = {
    "base": set(),
    "core": set(),
    "metrics": set(),
    "wire": {"core"},
    "config": set(),
    "net": set(),
    "store": {"core", "metrics"},
    "queue": {"core", "metrics", "store", "net"},
    "image": {"core"},
    "engine": {"core", "metrics", "image", "logs", "net"},
    "logs": {"core", "net"},
    "cluster": {"core", "metrics", "engine", "image", "logs"},
    "service": {"core", "metrics", "store", "queue", "cluster", "engine", "image", "logs"},
    "worker": {"core", "store", "queue", "cluster", "engine", "image"},
    "api": {"core", "metrics", "wire", "service", "logs"},
    "client": {"core", "wire", "net"},
    "app": None,  # the composition root: everything but cli and client
    "cli": {"app", "client", "wire", "net", "config", "core", "image"},
}
NOT_BY_APP = {"cli", "client"}
# Folders that are no implementation of an interface: part of the module for whoever may include that.
PARTS = {"net/aws"}
SHARED_LAYOUT = "logs/file/log_path.hpp"  # where log files lie: others write what the reader reads
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')


def complaint(module: str, subfolder: str, included: str) -> str | None:
    """What is wrong with a file of `module` (in `subfolder`, or "") that includes `included`."""
    parts = included.split("/")
    target = parts[0]
    if target not in MAY_INCLUDE:
        return f"{target} is no module"
    inner = parts[1] if len(parts) > 2 else ""
    if target == module:
        if inner and inner != subfolder and f"{target}/{inner}" not in PARTS and included != SHARED_LAYOUT:
            return f"{target}/{inner} is an implementation: only app names it"
        return None
    allowed = set(MAY_INCLUDE) - NOT_BY_APP if module == "app" else MAY_INCLUDE[module] | {"base"}
    if target not in allowed:
        return f"{module} may not include {target}"
    shared_layout = included == SHARED_LAYOUT
    is_part = f"{target}/{inner}" in PARTS
    if inner and module != "app" and not shared_layout and not is_part:
        return f"{target}/{inner} is an implementation: only app names it"
    return None


def main() -> int:
    bad = 0
    for path in sorted(SOURCE.rglob("*.[ch]pp")):
        relative = path.relative_to(SOURCE)
        if len(relative.parts) < 2:
            continue  # main.cpp
        module = relative.parts[0]
        subfolder = relative.parts[1] if len(relative.parts) > 2 else ""
        for number, line in enumerate(path.read_text().splitlines(), 1):
            found = INCLUDE.match(line)
            wrong = complaint(module, subfolder, found.group(1)) if found else None
            if wrong:
                print(f"src/{relative}:{number}: {wrong}")
                bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
