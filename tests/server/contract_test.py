#!/usr/bin/env python3
"""Sends every example of openapi.json to a server and holds the answers to its schema.

contract_test.py INLIER
"""

import http.client
import json
import random
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

try:
    import jsonschema
except ImportError:
    print("python3-jsonschema is not installed")
    sys.exit(77)

Json = Any
METHODS = {"get", "put", "post", "patch", "delete"}


def picture_of(name: str) -> bytes:
    """A picture of 240 by 200 px (PPM) that its name decides: rectangles in any colours."""
    dice = random.Random(name)
    rows = [bytearray(bytes(3) * 240) for _ in range(200)]
    for _ in range(150):
        left, top = dice.randrange(230), dice.randrange(190)
        right, bottom = left + dice.randrange(4, 60), top + dice.randrange(4, 60)
        colour = bytes(dice.randrange(256) for _ in range(3))
        for row in rows[top:bottom]:
            row[3 * left : 3 * right] = colour * (min(right, 240) - left)
    return b"P6 240 200 255\n" + b"".join(rows)


def body_of(body: Json) -> tuple[bytes, str | None]:
    """The bytes of a body and its content type."""
    if "json" in body:
        return json.dumps(body["json"]).encode(), "application/json"
    if "text" in body:
        return body["text"].encode(), None
    if "multipart" not in body:
        return picture_of(body.get("picture") or body["photo"]), "image/x-portable-pixmap"
    content = b""
    for part in body["multipart"]:
        name = f'form-data; name="{part["name"]}"'
        if "filename" in part:
            name += f'; filename="{part["filename"]}"'
        inner = {key: part[key] for key in ("picture", "photo", "text") if key in part}
        content += f"--edge\r\nContent-Disposition: {name}\r\n\r\n".encode()
        content += body_of(inner)[0] + b"\r\n"
    return content + b"--edge--\r\n", "multipart/form-data; boundary=edge"


def schema_of(contract: Json, operation: Json, status: int, media_type: str) -> Json:
    """The schema of an answer; None where the contract has none. Fails when it lacks the answer."""
    response = operation["responses"][str(status)]
    if "$ref" in response:
        response = contract["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
    if status == 204:
        return None
    return response["content"][media_type]["schema"]


def check(
    contract: Json, operation: Json, example: Json, status: int, kind: str, text: bytes
) -> None:
    """Holds one answer to the contract."""
    assert status == example["status"], f"{status} instead of {example['status']}: {text[:300]!r}"
    media_type = kind.split(";")[0]
    schema = schema_of(contract, operation, status, media_type)
    lines = []
    if media_type in ("application/json", "application/problem+json"):
        lines = [(json.loads(text), schema)]
    elif media_type == "application/x-ndjson":
        answer = {"$ref": "#/components/schemas/Answer"}
        lines = [(json.loads(line), answer) for line in text.splitlines()]
        lines = [(line, schema) for line, schema in lines if "error" not in line]
        assert lines
    for value, expected in lines:
        rooted = {**expected, "components": contract["components"]}
        jsonschema.Draft202012Validator(rooted).validate(value)


def run(port: int) -> int:
    """Sends the examples; the number of those that failed."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/openapi.json")
    contract = json.loads(connection.getresponse().read())
    examples = [
        (example, method, operation)
        for path in contract["paths"].values()
        for method, operation in path.items()
        if method in METHODS
        for example in operation["x-examples"]
    ]
    failed = 0
    for example, method, operation in sorted(examples, key=lambda e: e[0]["order"]):
        body, kind = body_of(example["body"]) if "body" in example else (None, None)
        headers = {"Content-Type": kind} if kind else {}
        headers.update(example.get("headers", {}))
        connection.request(method.upper(), example["target"], body, headers)
        answer = connection.getresponse()
        text = answer.read()
        try:
            check(
                contract,
                operation,
                example,
                answer.status,
                answer.headers.get("Content-Type", ""),
                text,
            )
        except (AssertionError, KeyError, ValueError, jsonschema.ValidationError) as error:
            failed += 1
            print(f"{method.upper()} {example['target']} ({example['summary']}): {error}")
    print(f"{len(examples)} examples, {failed} failed")
    return failed


def main(inlier: str) -> int:
    """Runs a server on a free port and stops it."""
    with tempfile.TemporaryDirectory() as name:
        command = [
            inlier,
            "serve",
            "--db",
            str(Path(name) / "db"),
            "--listen",
            "127.0.0.1:0",
            "--log",
            "none",
        ]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            try:
                assert server.stdout is not None
                port = int(server.stdout.readline().rsplit(":", 1)[1])
                wait_until_ready(port)
                failed = run(port)
            finally:
                server.send_signal(signal.SIGTERM)
            status = server.wait()
    return 1 if failed or status else 0


def wait_until_ready(port: int) -> None:
    """Asks /readyz until it says yes."""
    status = 0
    while status != 200:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        connection.request("GET", "/readyz")
        status = connection.getresponse().status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
