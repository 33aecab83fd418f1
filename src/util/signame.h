/* SPDX-License-Identifier: Apache-2.0 */
/* util/signame.h - names of signals and their numbers, as kill(1) takes them. */
#ifndef UTIL_SIGNAME_H
#define UTIL_SIGNAME_H

#define SIGNAME_MAX 16 /* bytes of the longest name, "SIGRTMAX-14", and a NUL */

/**
 * signame_parse - a signal from what a person or an engine writes
 * @s:		"TERM", "SIGTERM", "15", "RTMIN+3", "RTMAX-1", in either case; "0"
 *		asks only whether the process is there, as kill(2) has it
 *
 * Return: the number, 0 to SIGRTMAX; -EINVAL when there is no such signal.
 */
int signame_parse(const char *s);

/**
 * signame_of - the name of a signal, "SIGTERM"
 * @buf:	used for names that have to be put together ("SIGRTMIN+3", or the
 *		plain number when there is no name)
 */
const char *signame_of(int sig, char buf[static SIGNAME_MAX]);

#endif
