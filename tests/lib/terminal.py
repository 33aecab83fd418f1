# SPDX-License-Identifier: Apache-2.0
"""terminal.py COMMAND [ARG...]: run COMMAND on a terminal of its own.
terminal.py --listen SOCKET: be the one who gets the terminal (--console-socket).

The steps on standard input say what happens at the terminal, one a line:

    expect TEXT     wait until TEXT is printed, behind what earlier steps expected
    type TEXT       type a line
    key X           type control-X
    size ROWS COLS  change the window's size; show: print it
    signal NAME     send COMMAND a signal; run SHELL: run something beside it
    raw, cooked     wait until the terminal's mode is that
    accept          take the terminal, which has to be there already

After the last of them COMMAND has to end (a terminal taken: to be hung up).
Then a line says whether the mode of the terminal is what it was.  The status is
COMMAND's (128 + the signal that ended it), 124 where a step takes too long.
"""
import fcntl
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import termios
import time

QUIET = 120
RAW = termios.ICANON | termios.ECHO | termios.ISIG


class Terminal:
    def __init__(self):
        self.master = self.slave = self.pid = self.listener = None
        self.seen = b""

    def start(self, command):
        self.master, self.slave = os.openpty()
        self.size(30, 90)
        self.mode = termios.tcgetattr(self.slave)
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.master)
            take(self.slave)
            os.execvp(command[0], command)

    def listen(self, path):
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        parent = os.open(os.path.dirname(path), os.O_PATH)
        self.listener.bind("/proc/self/fd/%d/%s" % (parent, os.path.basename(path)))
        self.listener.listen(1)
        self.listener.settimeout(0)

    def accept(self):
        peer = self.listener.accept()[0]
        peer.settimeout(0)
        name, fds, _, _ = socket.recv_fds(peer, 4096, 4)
        print("received %d: %s" % (len(fds), name.decode()), flush=True)
        self.master = fds[0]

    def size(self, rows, cols):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", int(rows), int(cols), 0, 0))

    def show(self):
        size = fcntl.ioctl(self.master, termios.TIOCGWINSZ, b"\0" * 8)
        print("size %d %d" % struct.unpack("HHHH", size)[:2], flush=True)

    def read(self, seconds):
        """What is printed within that time; None at the end."""
        if not select.select([self.master], [], [], seconds)[0]:
            return b""
        try:
            data = os.read(self.master, 65536)
        except OSError:
            return None
        os.write(1, data.replace(b"\r", b""))
        self.seen += data
        return data or None

    def until(self, what, condition):
        end = time.monotonic() + QUIET
        while not condition():
            if time.monotonic() > end or self.read(0.05) is None and not condition():
                print("terminal.py: gave up waiting: %s" % what, flush=True)
                sys.exit(124)

    def expect(self, text):
        self.until("expect " + text, lambda: text.encode() in self.seen)
        self.seen = self.seen.split(text.encode(), 1)[1]

    def type(self, text=""):
        os.write(self.master, text.encode() + b"\n")

    def key(self, letter):
        os.write(self.master, bytes([ord(letter) - 64]))

    def signal(self, name):
        os.kill(self.pid, getattr(signal, "SIG" + name))

    def run(self, command):
        subprocess.run(command, shell=True, check=True, stdin=subprocess.DEVNULL)

    def raw(self):
        self.until("raw", lambda: not termios.tcgetattr(self.master)[3] & RAW)

    def cooked(self):
        self.until("cooked", lambda: termios.tcgetattr(self.master)[3] & RAW == RAW)

    def end(self):
        if self.pid is None:
            while self.master is not None and self.read(QUIET):
                pass
            return 0
        ended = []

        def condition():
            if not ended:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
                if pid:
                    ended.append(status)
            return ended
        self.until("the end", condition)
        while self.read(0):
            pass
        same = termios.tcgetattr(self.slave) == self.mode
        print("\nterminal as before" if same else "\nterminal changed", flush=True)
        code = os.waitstatus_to_exitcode(ended[0])
        return code if code >= 0 else 128 - code


def take(slave):
    # What a shell has ignored in the background stays so.
    for number in signal.SIGHUP, signal.SIGINT, signal.SIGQUIT:
        signal.signal(number, signal.SIG_DFL)
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in range(3):
        os.dup2(slave, fd)
    os.closerange(3, 256)


def main():
    terminal = Terminal()
    if sys.argv[1] == "--listen":
        terminal.listen(sys.argv[2])
    else:
        terminal.start(sys.argv[1:])
    for line in sys.stdin:
        name, _, rest = line.rstrip("\n").partition(" ")
        step = getattr(terminal, name)
        step(*rest.split()) if name == "size" else step(rest) if rest else step()
    return terminal.end()


sys.exit(main())
