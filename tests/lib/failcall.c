/* SPDX-License-Identifier: Apache-2.0 */
/*
 * failcall - run a program and make one system call of one of its processes
 * fail, or kill the process there.
 *
 *	failcall --list -- PROGRAM ARG…
 *		one line for each call on standard error: PROCESS N NAME
 *	failcall PROCESS N NAME ERRNO -- PROGRAM ARG…
 *		the Nth call of that name in the process is not made, the
 *		process is told ERRNO (a number)
 *	failcall PROCESS N NAME kill -- PROGRAM ARG…
 *		the process gets SIGKILL instead of making the call
 *
 * Processes are numbered in the order of their birth, the program itself is 0;
 * calls of one name from 1, beginning behind its execve.  A child is let go at its second
 * execve, its parent's counted (a runtime's child becomes its helper, then the
 * container), so what a container does is never counted.  Unlike with strace -e inject the numbers are
 * those of one process, and the children are left alone.
 *
 * The status is that of the program; 128 + n for a signal; 99 when the call did
 * not happen, 98 when the program could not be traced.
 */
#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <elf.h>
#include <linux/ptrace.h>

#define MAX_PROCESSES 64
#define MAX_CALL 512 /* system calls have lower numbers */

struct process {
	pid_t pid;
	unsigned int execs, calls[MAX_CALL];
	bool failing; /* its call is under way and will be told the error */
};

struct tracer {
	struct process p[MAX_PROCESSES];
	int n;
	bool list;
	int target; /* process */
	unsigned int nth;
	int call;
	int error; /* errno value, 0: kill */
	bool hit;
};

static struct process *find(struct tracer *t, pid_t pid)
{
	for (int i = 0; i < t->n; i++)
		if (t->p[i].pid == pid)
			return &t->p[i];
	if (t->n == MAX_PROCESSES)
		return NULL;
	t->p[t->n] = (struct process){ .pid = pid };
	return &t->p[t->n++];
}

/* The number of the call under way becomes none that exists. */
static void skip_call(pid_t pid)
{
#if defined(__x86_64__)
	struct user_regs_struct regs;

	ptrace(PTRACE_GETREGS, pid, NULL, &regs);
	regs.orig_rax = (unsigned long long)-1;
	ptrace(PTRACE_SETREGS, pid, NULL, &regs);
#elif defined(__aarch64__)
	int none = -1;
	struct iovec v = { &none, sizeof(none) };

	ptrace(PTRACE_SETREGSET, pid, NT_ARM_SYSTEM_CALL, &v);
#else
#error "failcall: add this architecture"
#endif
}

static void set_result(pid_t pid, int error)
{
	struct user_regs_struct regs;
	struct iovec v = { &regs, sizeof(regs) };

	ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &v);
#if defined(__x86_64__)
	regs.rax = (unsigned long long)-error;
#else
	regs.regs[0] = (unsigned long long)-error;
#endif
	ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &v);
}

static void on_entry(struct tracer *t, struct process *p, unsigned long long nr)
{
	int role = (int)(p - t->p);

	if (nr >= MAX_CALL)
		return;
	p->calls[nr]++;
	if (t->list) {
		char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE,
							      (int)nr);

		fprintf(stderr, "%d %u %s\n", role, p->calls[nr], name ? name : "?");
		free(name);
		return;
	}
	if (role != t->target || (int)nr != t->call || p->calls[nr] != t->nth)
		return;
	t->hit = true;
	if (!t->error) {
		kill(p->pid, SIGKILL);
		return;
	}
	skip_call(p->pid);
	p->failing = true;
}

static void on_syscall(struct tracer *t, struct process *p)
{
	struct ptrace_syscall_info info = { 0 };

	if (ptrace(PTRACE_GET_SYSCALL_INFO, p->pid, sizeof(info), &info) < 0)
		return;
	/* Of a child the calls between its birth and its execve count as well. */
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY && (p->execs || p != t->p)) {
		on_entry(t, p, info.entry.nr);
	} else if (info.op == PTRACE_SYSCALL_INFO_EXIT && p->failing) {
		p->failing = false;
		set_result(p->pid, t->error);
	}
}

static bool is_birth(int event)
{
	return event == PTRACE_EVENT_CLONE || event == PTRACE_EVENT_FORK ||
	       event == PTRACE_EVENT_VFORK;
}

/* A child of the helper is the helper until it executes something. */
static void on_birth(struct tracer *t, const struct process *parent)
{
	unsigned int execs = parent == t->p ? 0 : parent->execs;
	struct process *child;
	unsigned long pid = 0;

	ptrace(PTRACE_GETEVENTMSG, parent->pid, NULL, &pid);
	child = find(t, (pid_t)pid);
	if (child)
		child->execs = execs;
}

/* Return: the signal to go on with, or -1 when the process was let go. */
static int on_stop(struct tracer *t, struct process *p, int status)
{
	int sig = WSTOPSIG(status);

	if (sig == (SIGTRAP | 0x80)) {
		on_syscall(t, p);
		return 0;
	}
	if (sig == SIGTRAP && is_birth(status >> 16))
		on_birth(t, p);
	if (sig == SIGTRAP && status >> 16 == PTRACE_EVENT_EXEC &&
	    ++p->execs > 1 && p != t->p) {
		ptrace(PTRACE_DETACH, p->pid, NULL, NULL);
		return -1;
	}
	return sig == SIGTRAP || status >> 16 ? 0 : sig;
}

static int trace(struct tracer *t, pid_t first)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK |
			     PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
			     PTRACE_O_TRACEEXEC;
	int status, sig;
	pid_t pid;

	/* Seized, not attached: should this tracer end, they simply go on. */
	if (waitpid(first, &status, WUNTRACED) != first || !WIFSTOPPED(status) ||
	    ptrace(PTRACE_SEIZE, first, NULL, options) < 0)
		return 98;
	find(t, first);
	kill(first, SIGCONT);
	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		struct process *p;

		if (!WIFSTOPPED(status)) {
			if (pid != first)
				continue;
			if (!t->list && !t->hit)
				return 99;
			return WIFEXITED(status) ? WEXITSTATUS(status)
						 : 128 + WTERMSIG(status);
		}
		p = find(t, pid);
		sig = p ? on_stop(t, p, status) : 0;
		if (sig >= 0)
			ptrace(PTRACE_SYSCALL, pid, NULL, (long)sig);
	}
	return 98;
}

int main(int argc, char **argv)
{
	static struct tracer t;
	char **program;
	pid_t pid;

	if (argc > 3 && !strcmp(argv[1], "--list") && !strcmp(argv[2], "--")) {
		t.list = true;
		program = argv + 3;
	} else if (argc > 6 && !strcmp(argv[5], "--")) {
		t.target = atoi(argv[1]);
		t.nth = (unsigned int)atoi(argv[2]);
		t.call = seccomp_syscall_resolve_name(argv[3]);
		t.error = strcmp(argv[4], "kill") ? atoi(argv[4]) : 0;
		program = argv + 6;
	} else {
		fputs("usage: failcall --list -- PROGRAM ARG…\n"
		      "       failcall PROCESS N NAME ERRNO|kill -- PROGRAM ARG…\n",
		      stderr);
		return 98;
	}
	pid = fork();
	if (pid == 0) {
		raise(SIGSTOP);
		execvp(program[0], program);
		_exit(127);
	}
	return trace(&t, pid);
}
