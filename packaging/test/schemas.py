#!/usr/bin/env python3
"""Writes Kubernetes' schemas as kubeconform reads them: one file a kind, with all it refers to.

schemas.py WHEEL VERSION OUT KIND...    WHEEL is that of the package kubernetes-validate
"""

import json
import sys
import zipfile
from pathlib import Path


def main() -> None:
    wheel, version, out, *kinds = sys.argv[1:]
    folder = f"kubernetes_validate/kubernetes-json-schema/v{version}-local-strict"
    Path(out).mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(wheel) as files:
        definitions = json.loads(files.read(f"{folder}/_definitions.json"))["$defs"]
        names = {name.rsplit("/", 1)[1] for name in files.namelist() if name.startswith(folder)}
        wanted = [name for name in names if name.split("-")[0] in map(str.lower, kinds)]
        for name in wanted:
            text = files.read(f"{folder}/{name}").decode()
            # Their own names are addresses on the web, which nobody asks here.
            schema = json.loads(text.replace('"/api/_definitions.json#', '"#'))
            schema.pop("$id", None)
            schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
            schema["$defs"] = definitions
            (Path(out) / name).write_text(json.dumps(schema))


if __name__ == "__main__":
    main()
