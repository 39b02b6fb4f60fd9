"""Becomes another program that dies with the process which started it.

    die_with_parent.py PARENT_PID PROGRAM ARGUMENT…

It imports nothing of the package, since that would take longer than the program's own start.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL) != 0:
        sys.exit("the kernel does not tie a process to its parent")
    if os.getppid() != parent:  # it ended before the kernel was asked
        sys.exit("the parent has ended already")
    try:
        os.execvp(command[0], command)
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")


if __name__ == "__main__":
    main()
