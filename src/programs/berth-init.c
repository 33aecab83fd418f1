/* SPDX-License-Identifier: Apache-2.0 */
/*
 * berth-init FD - execute the start plan that arrives on the ladder FD.
 *
 * Run by the runtime only, see container/init_image.h and init/init.h.
 */
#include <fcntl.h>
#include <linux/auxvec.h>

#include "init/init.h"

#ifdef BERTH_FREESTANDING
/* The canary of -fstack-protector; init_start fills it before any frame that
 * is guarded exists. */
extern uintptr_t __stack_chk_guard;
__attribute__((visibility("hidden"))) uintptr_t __stack_chk_guard;

/* A seccomp profile may refuse even this; nothing refuses a trap, which kills
 * also the first process of a pid namespace. */
static _Noreturn void leave(int status)
{
	SYS1(SYS_exit_group, status);
	__builtin_trap();
}

_Noreturn void __stack_chk_fail(void);

_Noreturn void __stack_chk_fail(void)
{
	leave(134);
}
#endif

static int parse_fd(const char *s)
{
	int fd = 0;

	for (; *s >= '0' && *s <= '9' && fd < 1 << 20; s++)
		fd = fd * 10 + (*s - '0');
	return *s ? -1 : fd;
}

static int program(int argc, char **argv)
{
	int ladder = argc == 2 ? parse_fd(argv[1]) : -1;

	/* It came through execve without close-on-exec; no other exec gets it. */
	if (ladder < 3 || SYS3(SYS_fcntl, ladder, F_SETFD, FD_CLOEXEC) < 0)
		return 2;
	return init_main(ladder);
}

#ifdef BERTH_FREESTANDING
INIT_ENTRY;

_Noreturn void init_start(uintptr_t *sp);

__attribute__((no_stack_protector)) _Noreturn void
init_start(uintptr_t *sp)
{
	int argc = (int)sp[0];
	char **argv = (char **)(sp + 1);
	uintptr_t *aux = sp + 1 + argc + 1;

	init_set_guard(&__stack_chk_guard);
	while (*aux++)
		; /* the environment */
	for (; aux[0] != AT_NULL; aux += 2)
		if (aux[0] == AT_RANDOM)
			__stack_chk_guard = *(uintptr_t *)aux[1];
	leave(program(argc, argv));
}
#else
int main(int argc, char **argv)
{
	return program(argc, argv);
}
#endif
