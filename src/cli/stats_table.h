/* SPDX-License-Identifier: Apache-2.0 */
/* cli/stats_table.h - the statistics of a cgroup for people. */
#ifndef CLI_STATS_TABLE_H
#define CLI_STATS_TABLE_H

#include <stddef.h>
#include <stdint.h>

struct arena;
struct cgroup_stats;

/* stats_table - to standard output; cells are allocated in @a. */
void stats_table(const struct cgroup_stats *s, struct arena *a);

#define SIZE_TEXT 32 /* bytes, the NUL included */

/* size_text - bytes in the largest unit that leaves a number of at least 1,
 * with one digit behind the point: "512B", "1.5KiB", "64.0MiB". */
const char *size_text(uint64_t bytes, char buf[SIZE_TEXT]);

#endif
