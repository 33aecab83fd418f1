# SPDX-License-Identifier: Apache-2.0
"""terminal.py PROMPT COMMAND [ARG...]: run COMMAND on a terminal of its own.

Types the lines of standard input, one at each PROMPT ("^Z" and "^C" are those
keys, typed without waiting for a prompt), prints what comes back and ends with
the command's status; 124 after two minutes without a word from it.
"""
import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time

QUIET = 120


def main():
    prompt, command = sys.argv[1].encode(), sys.argv[2:]
    lines = [line.rstrip("\n") for line in sys.stdin]
    pid, fd = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 90, 0, 0))
        os.execvp(command[0], command)
    pending = b""
    while True:
        if not select.select([fd], [], [], QUIET)[0]:
            return 124
        try:
            data = os.read(fd, 65536)
        except OSError:
            break
        if not data:
            break
        os.write(1, data.replace(b"\r", b""))
        pending += data
        if not pending.endswith(prompt) or not lines:
            continue
        pending = b""
        os.write(fd, lines.pop(0).encode() + b"\n")
        while lines and lines[0] in ("^Z", "^C"):
            time.sleep(2)
            os.write(fd, bytes([ord(lines.pop(0)[1]) - 64]))
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


sys.exit(main())
