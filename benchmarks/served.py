"""A server of the program, as the benchmarks start and ask it."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path


class Server:
    """`inlier serve` on a free port of this machine."""

    def __init__(
        self, program: str | Path, *flags: str, variables: dict[str, str] | None = None
    ) -> None:
        command = [str(program), "serve", "--listen", "127.0.0.1:0", *flags]
        environment = {**os.environ, **(variables or {})}
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline().rsplit(":", 1)[1])

    def answer(self, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        """The status and the body of an answer, on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, body, {"Content-Type": "image/jpeg"} if body else {})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, content

    def wait(self) -> None:
        """Until it is ready."""
        while self.answer("GET", "/readyz")[0] != 200:
            time.sleep(0.05)

    def cpu_ms(self) -> float:
        """User and system time so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(") ", 1)[1].split()
        return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_mb(self, name: str = "VmRSS") -> float:
        """What the process holds, or held at most (VmHWM)."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1000

    def open_files(self) -> Counter[str]:
        """How many files it has open, by the endings of their names; other things by their kinds.
        Tables that are deleted but still open end in "(deleted)"."""
        found: Counter[str] = Counter()
        for link in Path(f"/proc/{self.process.pid}/fd").iterdir():
            name = os.readlink(link)
            found[Path(name).suffix or name.split(":")[0]] += 1
        return found

    def stop(self) -> None:
        """Ends it, and fails unless it ends well."""
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait() == 0
