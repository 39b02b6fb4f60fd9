#!/usr/bin/env python3
"""Answers for a cluster that has one Deployment, whose annotations can be read and patched.

fake_cluster.py FOLDER    writes FOLDER/port, and FOLDER/deployment.json after each change
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

FOLDER = Path(sys.argv[1])
PATH = "/apis/apps/v1/namespaces/shop/deployments/inlier-read"
deployment: dict[str, object] = {"spec": {"template": {"metadata": {}}}}


def merged(old: object, new: object) -> object:
    """A JSON merge patch (RFC 7396), of values that are no null."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return new
    return {**old, **{key: merged(old.get(key), value) for key, value in new.items()}}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.answer()

    def do_PATCH(self) -> None:
        if self.headers["Content-Type"] != "application/merge-patch+json":
            self.send_error(415)
            return
        patch = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        changed = merged(deployment, patch)
        if isinstance(changed, dict):
            deployment.update(changed)
        unfinished = FOLDER / "deployment.tmp"
        unfinished.write_text(json.dumps(deployment))
        unfinished.rename(FOLDER / "deployment.json")
        self.answer()

    def answer(self) -> None:
        if self.headers["Authorization"] != "Bearer token-of-the-writer":
            self.send_error(401)
        elif self.path != PATH:
            self.send_error(404)
        else:
            body = json.dumps(deployment).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)


def main() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    (FOLDER / "port").write_text(str(server.server_address[1]))
    server.serve_forever()


if __name__ == "__main__":
    main()
