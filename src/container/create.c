/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "container/container.h"
#include "container/job.h"
#include "util/auto.h"

int container_create(const struct context *ctx, const struct create_options *o,
		     struct err *e)
{
	_Alignas(max_align_t) unsigned char room[ARENA_ROOM];
	struct job j;
	int r;

	job_init(&j, ctx, o, false, e);
	arena_lend(&j.arena, room, sizeof(room));
	r = job_prepare(&j);
	if (r == 0)
		r = job_launch(&j);
	if (r == 0)
		r = job_wait(&j);
	if (r < 0)
		job_undo(&j);
	job_done(&j);
	return r;
}
