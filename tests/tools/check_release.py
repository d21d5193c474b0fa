"""Check that a tag can be released: ``python tests/tools/check_release.py v0.1.0``."""

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def faults(tag, root=ROOT):
    """Return what stands against releasing a tag."""
    version = re.search(r'__version__.*= "(.+)"', (root / "ctnb" / "version.py").read_text(encoding="utf-8"))[1]
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = []
    if tag != f"v{version}":
        found.append(f"expected the tag v{version}, got {tag}: set ctnb/version.py first")
    if f"## [{version}]" not in (root / "CHANGELOG.md").read_text(encoding="utf-8"):
        found.append(f"CHANGELOG.md has no heading [{version}]: give Unreleased that name and a date")
    if not project.get("urls"):
        found.append("pyproject.toml names no address: fill in [project.urls]")
    return found


if __name__ == "__main__":
    problems = faults(sys.argv[1])
    print("\n".join(problems) or f"{sys.argv[1]} can be released.")
    sys.exit(1 if problems else 0)
