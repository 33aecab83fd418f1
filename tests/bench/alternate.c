// SPDX-License-Identifier: Apache-2.0
/*
 * alternate - compare commands by running them in turn: A B C A B C …
 *
 * A machine's speed drifts; commands that alternate meet the same drift, and so
 * their ratio holds where two measurements one after the other do not.
 *
 *   alternate [-n ROUNDS] [-w WARMUP] NAME COMMAND [NAME COMMAND]…
 *
 * COMMAND is split at blanks; %d in a word becomes a number that is new in every
 * run.  Output: one line for each NAME, separated by tabs:
 *
 *   NAME  median-µs  min-µs  median-cpu-µs  peak-KiB  failures
 *
 * cpu is user + system of the command and of the children it waited for; peak
 * is the largest resident set among them.  The first failure's stderr is shown.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COMMANDS_MAX 16
#define WORDS_MAX 64
#define WORD_MAX 256
#define ROUNDS_MAX 100000

struct command {
	const char *name;
	char *words[WORDS_MAX + 1];	/* as given, %d not yet replaced */
	long *wall, *cpu;		/* microseconds, one for each round */
	long peak;			/* KiB */
	int count, failures;
};

static void die(const char *what)
{
	fprintf(stderr, "alternate: %s: %s\n", what, strerror(errno));
	exit(1);
}

static long micros(struct timeval t)
{
	return t.tv_sec * 1000000L + t.tv_usec;
}

static long now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000L + t.tv_nsec / 1000;
}

/* Replaces each %d in the words of C by NUMBER. */
static void fill_in(const struct command *c, int number, char storage[][WORD_MAX],
		    char *ret_argv[])
{
	int i;

	for (i = 0; c->words[i]; i++) {
		const char *mark = strstr(c->words[i], "%d");

		ret_argv[i] = c->words[i];
		if (!mark)
			continue;
		snprintf(storage[i], WORD_MAX, "%.*s%d%s", (int)(mark - c->words[i]),
			 c->words[i], number, mark + 2);
		ret_argv[i] = storage[i];
	}
	ret_argv[i] = NULL;
}

static void show(int fd)
{
	char text[4096];
	ssize_t n = pread(fd, text, sizeof(text), 0);

	if (n > 0)
		fwrite(text, 1, (size_t)n, stderr);
}

static void run_once(struct command *c, int number, const posix_spawn_file_actions_t *files, int log)
{
	static char storage[WORDS_MAX][WORD_MAX];
	char *argv[WORDS_MAX + 1];
	struct rusage usage;
	long start, wall;
	int status, r;
	pid_t pid;

	fill_in(c, number, storage, argv);
	if (ftruncate(log, 0))
		die("ftruncate");
	start = now();
	r = posix_spawnp(&pid, argv[0], files, NULL, argv, environ);
	if (r) {
		errno = r;
		die(argv[0]);
	}
	if (wait4(pid, &status, 0, &usage) != pid)
		die("wait4");
	wall = now() - start;
	if (status != 0 && c->failures++ == 0) {
		fprintf(stderr, "alternate: %s failed (status 0x%x):\n", c->name, (unsigned int)status);
		show(log);
	}
	c->wall[c->count] = wall;
	c->cpu[c->count++] = micros(usage.ru_utime) + micros(usage.ru_stime);
	if (usage.ru_maxrss > c->peak)
		c->peak = usage.ru_maxrss;
}

static int compare(const void *a, const void *b)
{
	long x = *(const long *)a, y = *(const long *)b;

	return (x > y) - (x < y);
}

static long sorted_median(long *values, int n)
{
	qsort(values, (size_t)n, sizeof(*values), compare);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

static void split(char *text, struct command *c)
{
	int n = 0;

	for (char *word = strtok(text, " "); word; word = strtok(NULL, " ")) {
		if (n == WORDS_MAX) {
			errno = E2BIG;
			die(c->name);
		}
		c->words[n++] = word;
	}
	if (n == 0) {
		errno = EINVAL;
		die(c->name);
	}
}

static void usage(void)
{
	fprintf(stderr, "usage: alternate [-n ROUNDS] [-w WARMUP] NAME COMMAND [NAME COMMAND]...\n");
	exit(2);
}

int main(int argc, char **argv)
{
	static struct command commands[COMMANDS_MAX];
	posix_spawn_file_actions_t files;
	int rounds = 20, warmup = 2, n = 0, number = 0, option, log;
	char log_name[] = "/tmp/alternate.XXXXXX";

	while ((option = getopt(argc, argv, "+n:w:")) != -1) {
		switch (option) {
		case 'n': rounds = atoi(optarg); break;
		case 'w': warmup = atoi(optarg); break;
		default: usage();
		}
	}
	if (rounds < 1 || rounds > ROUNDS_MAX || warmup < 0 || optind == argc ||
	    (argc - optind) % 2 || (argc - optind) / 2 > COMMANDS_MAX)
		usage();
	for (; optind < argc; optind += 2, n++) {
		commands[n].name = argv[optind];
		commands[n].wall = calloc((size_t)(rounds + warmup), sizeof(long));
		commands[n].cpu = calloc((size_t)(rounds + warmup), sizeof(long));
		if (!commands[n].wall || !commands[n].cpu)
			die("calloc");
		split(argv[optind + 1], &commands[n]);
	}
	log = mkostemp(log_name, O_CLOEXEC | O_APPEND);
	if (log < 0 || unlink(log_name))
		die(log_name);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_adddup2(&files, log, 2);

	for (int round = 0; round < warmup + rounds; round++) {
		for (int i = 0; i < n; i++) {
			if (round == warmup) {
				commands[i].count = 0;
				commands[i].failures = 0;
			}
			run_once(&commands[i], number++, &files, log);
		}
	}
	for (int i = 0; i < n; i++) {
		struct command *c = &commands[i];
		long wall = sorted_median(c->wall, c->count);

		printf("%s\t%ld\t%ld\t%ld\t%ld\t%d\n", c->name, wall, c->wall[0],
		       sorted_median(c->cpu, c->count), c->peak, c->failures);
	}
	return 0;
}
