# SPDX-License-Identifier: Apache-2.0
"""load.py --seed N --create N --at-once N --slow N --prefix P BERTH ARG...

Runs commands of berth in random order on containers of random ids, many at a
time, and kills one in ten of them at a random instant with SIGKILL.  A command
that was not killed ends in time, and with success or one line of error that the
state of its container explains.  Deletes all containers in the end.
"""
import argparse
import os
import random
import re
import signal
import subprocess
import sys
import time

# What may be wrong with a container of which another command has hold, or whose
# creation was killed.  Anything else is a failure.
EXPLAINED = re.compile(
    r"does not exist|container not running|exists already|is (creating|created|running|stopped|paused)"
    r"|has ended|is being (created|deleted)|cannot (start|exec|pause|resume)|not (created|paused|running)"
    r"|no such process|process is gone|its end|ended before|was deleted|killed", re.IGNORECASE)

COMMANDS = (
    # weight, name, arguments before the id, and behind it
    (10, "create", (), ()),
    (6, "run", ("--detach",), ()),
    (10, "start", (), ()),
    (16, "exec", (), ("true",)),
    (6, "kill", (), ("KILL",)),
    (4, "pause", (), ()),
    (4, "resume", (), ()),
    (6, "state", (), ()),
    (6, "delete", (), ()),
    (10, "delete", ("--force",), ()),
)


class Load:
    def __init__(self, args):
        self.args = args
        self.random = random.Random(args.seed)
        self.left = args.create
        self.known = []
        self.failures = []
        self.counts = {}
        self.running = []
        self.usual = 0.005 * args.slow  # seconds that a command takes here

    def choose(self):
        weights = [c[0] for c in COMMANDS]
        while True:
            command = self.random.choices(COMMANDS, weights)[0]
            makes = command[1] in ("create", "run")
            if makes and self.left and len(self.known) < 2 * self.args.at_once:
                self.left -= 1
                self.known.append("%s-%d" % (self.args.prefix, self.left))
                return command, self.known[-1]
            if not makes and self.known:
                return command, self.random.choice(self.known)
            if not self.known and not self.left:
                return None, None

    def launch(self):
        (command, name) = self.choose()
        if not command:
            return False
        _, verb, before, after = command
        argv = [*self.args.berth, verb, *before, name, *after]
        out = os.memfd_create("out")
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
        now = time.monotonic()
        kill_at = None
        if self.random.random() < 0.1:
            kill_at = now + self.random.random() * self.usual
        self.running.append([process, out, name, argv[len(self.args.berth):], now, kill_at, False, False])
        return True

    def finished(self, job):
        process, out, name, argv, started, _, killed, _ = job
        size = os.fstat(out).st_size
        text = os.pread(out, size, 0).decode(errors="replace").strip()
        os.close(out)
        status = process.returncode
        self.usual += (time.monotonic() - started - self.usual) / 20
        kind = "killed" if status == -signal.SIGKILL and killed else "good" if status == 0 else "refused"
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if argv[0] == "exec" and status == 128 + signal.SIGKILL:
            kind = "ended with its container"
        if kind == "refused" and not (status in (1, 255) and EXPLAINED.search(text) and "\n" not in text):
            self.failures.append("%s: status %d: %s" % (" ".join(argv), status, text))
        if argv[0] == "delete" and status == 0 and name in self.known:
            self.known.remove(name)

    def watch(self):
        now = time.monotonic()
        for job in list(self.running):
            process, started, kill_at = job[0], job[4], job[5]
            if process.poll() is not None:
                self.running.remove(job)
                self.finished(job)
            elif kill_at and now >= kill_at and not job[6]:
                job[6] = True
                process.kill()
            elif now - started > 5 * self.args.slow and not job[7]:
                # Whoever comes to stand in a container that is paused just then
                # waits with it.
                job[7] = True
                subprocess.run([*self.args.berth, "resume", job[2]], capture_output=True)
            elif now - started > 30 * self.args.slow:
                self.failures.append("%s: hangs" % " ".join(job[3]))
                process.kill()
                process.wait()

    def run(self):
        while self.left or self.running:
            while self.left and len(self.running) < self.args.at_once and self.launch():
                self.watch()
            self.watch()
            time.sleep(0.002)
        # A delete may have been there before the create that it met.
        listed = subprocess.run([*self.args.berth, "list", "--quiet"], capture_output=True, text=True)
        for name in listed.stdout.split():
            process = subprocess.run([*self.args.berth, "delete", "--force", name], capture_output=True, text=True,
                                     timeout=30 * self.args.slow)
            if process.returncode:
                self.failures.append("delete --force %s: %s" % (name, process.stderr.strip()))
        print("seed %d: %s" % (self.args.seed, ", ".join("%d %s" % (n, k) for k, n in sorted(self.counts.items()))))
        for failure in self.failures[:40]:
            print(failure)
        return bool(self.failures)


def main():
    parser = argparse.ArgumentParser()
    for name in ("seed", "create", "at-once", "slow"):
        parser.add_argument("--" + name, type=int, required=True)
    parser.add_argument("--prefix", required=True)
    parser.add_argument("berth", nargs=argparse.REMAINDER)
    return Load(parser.parse_args()).run()


sys.exit(main())
