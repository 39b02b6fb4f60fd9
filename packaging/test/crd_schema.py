#!/usr/bin/env python3
"""Writes the schema of a kind that an operator defines, as kubeconform reads it and as strict as
those of Kubernetes: a name that the definition does not know is refused.

crd_schema.py DEFINITION.yaml OUT    DEFINITION is a CustomResourceDefinition
"""

import json
import sys
from pathlib import Path
from typing import Any

import yaml


def strict(schema: Any) -> Any:
    """The schema without room for names that it does not list."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: strict(one) for name, one in schema.items()}
    if made.get("x-kubernetes-int-or-string"):
        made.pop("type", None)
    open_ended = made.get("x-kubernetes-preserve-unknown-fields") or "additionalProperties" in made
    if isinstance(made.get("properties"), dict) and made.get("type") == "object" and not open_ended:
        made["additionalProperties"] = False
    return made


def main() -> None:
    definition = yaml.safe_load(Path(sys.argv[1]).read_text())["spec"]
    out = Path(sys.argv[2])
    out.mkdir(parents=True, exist_ok=True)
    for version in definition["versions"]:
        schema = strict(version["schema"]["openAPIV3Schema"])
        # The operator leaves what these are to Kubernetes.
        schema["properties"]["metadata"] = {"type": "object"}
        name = f"{definition['names']['singular']}-ray-{version['name']}.json"
        (out / name).write_text(json.dumps(schema))


if __name__ == "__main__":
    main()
