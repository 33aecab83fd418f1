/* SPDX-License-Identifier: Apache-2.0 */
#include "util/signame.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "util/auto.h"
#include "util/num.h"

/* The first row of a number is the name that is printed. */
static const struct {
	char name[8];
	int sig;
} names[] = {
	{ "HUP", SIGHUP },	 { "INT", SIGINT },	{ "QUIT", SIGQUIT },
	{ "ILL", SIGILL },	 { "TRAP", SIGTRAP },	{ "ABRT", SIGABRT },
	{ "IOT", SIGIOT },	 { "BUS", SIGBUS },	{ "FPE", SIGFPE },
	{ "KILL", SIGKILL },	 { "USR1", SIGUSR1 },	{ "SEGV", SIGSEGV },
	{ "USR2", SIGUSR2 },	 { "PIPE", SIGPIPE },	{ "ALRM", SIGALRM },
	{ "TERM", SIGTERM },	 { "STKFLT", SIGSTKFLT }, { "CHLD", SIGCHLD },
	{ "CLD", SIGCHLD },	 { "CONT", SIGCONT },	{ "STOP", SIGSTOP },
	{ "TSTP", SIGTSTP },	 { "TTIN", SIGTTIN },	{ "TTOU", SIGTTOU },
	{ "URG", SIGURG },	 { "XCPU", SIGXCPU },	{ "XFSZ", SIGXFSZ },
	{ "VTALRM", SIGVTALRM }, { "PROF", SIGPROF },	{ "WINCH", SIGWINCH },
	{ "IO", SIGIO },	 { "POLL", SIGPOLL },	{ "PWR", SIGPWR },
	{ "SYS", SIGSYS },
};

/* "RTMIN", "RTMIN+3", "RTMAX-2".  The C library keeps the first real-time signals
 * for itself and counts SIGRTMIN from behind them, as kill(1) does. */
static int parse_realtime(const char *s)
{
	int low = SIGRTMIN, high = SIGRTMAX;
	int up = strncasecmp(s, "RTMIN", 5) == 0;
	uint64_t n = 0;

	if (!up && strncasecmp(s, "RTMAX", 5) != 0)
		return -EINVAL;
	s += 5;
	if (*s && (*s != (up ? '+' : '-') ||
		   num_u64(s + 1, (uint64_t)(high - low), &n) < 0))
		return -EINVAL;
	return up ? low + (int)n : high - (int)n;
}

int signame_parse(const char *s)
{
	uint64_t n;

	if (num_u64(s, (uint64_t)SIGRTMAX, &n) == 0)
		return (int)n;
	if (strncasecmp(s, "SIG", 3) == 0)
		s += 3;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcasecmp(s, names[i].name) == 0)
			return names[i].sig;
	return parse_realtime(s);
}

const char *signame_of(int sig, char buf[static SIGNAME_MAX])
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].sig == sig) {
			snprintf(buf, SIGNAME_MAX, "SIG%s", names[i].name);
			return buf;
		}
	if (sig == SIGRTMIN)
		return "SIGRTMIN";
	if (sig == SIGRTMAX)
		return "SIGRTMAX";
	if (sig > SIGRTMIN && sig < SIGRTMAX)
		snprintf(buf, SIGNAME_MAX, "SIGRTMIN+%d", sig - SIGRTMIN);
	else
		snprintf(buf, SIGNAME_MAX, "%d", sig);
	return buf;
}
