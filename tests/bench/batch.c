// SPDX-License-Identifier: Apache-2.0
/*
 * batch - run a command many times, some of them at a time.
 *
 *   batch [-n RUNS] [-j AT-A-TIME] COMMAND [WORD]…
 *
 * The first @ in each word becomes the number of the run, from 0.  A run ends
 * when the process ends that was started, the whole when the last one does.  The
 * status is 0 if that of all was 0.
 */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define WORDS_MAX 64
#define WORD_MAX 256

static void start(char *const words[], int count, int number)
{
	char storage[WORDS_MAX][WORD_MAX], *argv[WORDS_MAX + 1];
	pid_t pid;
	int r;

	for (int i = 0; i < count; i++) {
		const char *mark = strchr(words[i], '@');

		argv[i] = words[i];
		if (!mark)
			continue;
		snprintf(storage[i], WORD_MAX, "%.*s%d%s", (int)(mark - words[i]), words[i],
			 number, mark + 1);
		argv[i] = storage[i];
	}
	argv[count] = NULL;
	r = posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ);
	if (r) {
		fprintf(stderr, "batch: %s: %s\n", argv[0], strerror(r));
		exit(1);
	}
}

static int failed(int number_left)
{
	int status;
	pid_t pid;

	do
		pid = wait(&status);
	while (pid < 0 && errno == EINTR);
	if (pid > 0 && status == 0)
		return 0;
	fprintf(stderr, "batch: status 0x%x with %d to go\n", (unsigned int)status, number_left);
	return 1;
}

int main(int argc, char **argv)
{
	int runs = 100, width = 1, running = 0, failures = 0, option;

	while ((option = getopt(argc, argv, "+n:j:")) != -1) {
		switch (option) {
		case 'n': runs = atoi(optarg); break;
		case 'j': width = atoi(optarg); break;
		default: runs = 0;
		}
	}
	argc -= optind;
	if (runs < 1 || width < 1 || argc < 1 || argc > WORDS_MAX) {
		fprintf(stderr, "usage: batch [-n RUNS] [-j AT-A-TIME] COMMAND [WORD]...\n");
		return 2;
	}
	for (int n = 0; n < runs; n++) {
		if (running == width)
			failures += failed(runs - n);
		else
			running++;
		start(argv + optind, argc, n);
	}
	for (; running > 0; running--)
		failures += failed(0);
	return failures > 0;
}
