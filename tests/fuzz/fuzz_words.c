/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Short texts from outside: what a container says on its notify socket, and
 * signals as a person writes them.  The first byte chooses.
 */
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "util/notify.h"
#include "util/signame.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The same by strtok(3), for messages without a NUL. */
static bool ready_by_words(const char *text, size_t len)
{
	char *copy = strndup(text, len), *rest = copy, *line;
	bool ready = false;

	while ((line = strsep(&rest, "\n")))
		ready |= strcmp(line, "READY=1") == 0;
	free(copy);
	return ready;
}

static void check_message(const char *text, size_t len)
{
	bool ready = notify_says_ready(text, len);

	if (!memchr(text, '\0', len) && ready != ready_by_words(text, len))
		__builtin_trap();
}

static void check_signal(const char *text)
{
	char name[SIGNAME_MAX];
	int sig = signame_parse(text);

	if (sig > SIGRTMAX)
		__builtin_trap();
	if (sig > 0 && signame_parse(signame_of(sig, name)) != sig)
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (!size)
		return 0;
	text = malloc(size);
	if (!text)
		return 0;
	memcpy(text, data + 1, size - 1);
	text[size - 1] = '\0';
	if (data[0] & 1)
		check_message(text, size - 1);
	else
		check_signal(text);
	free(text);
	return 0;
}
