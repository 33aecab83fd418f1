/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/opt.h"
#include "oci/decode.h"
#include "util/auto.h"
#include "util/fs.h"

#define FILE_MAX (1 << 20) /* bytes of a resources document */

struct update_options {
	const char *file, *cpus, *mems, *l3_cache_schema, *mem_bw_schema;
	struct oci_opt_u64 blkio_weight, shares, period, burst, rt_period;
	struct oci_opt_i64 quota, idle, rt_runtime, pids;
	struct oci_opt_i64 memory, reservation, swap, kernel, kernel_tcp;
};

/* The parts of oci_resources that options can fill, with their storage. */
struct limits {
	struct oci_resources all;
	struct oci_memory memory;
	struct oci_cpu cpu;
	struct oci_pids pids;
	struct oci_block_io block_io;
};

static bool any_memory(const struct update_options *o)
{
	return o->memory.set || o->reservation.set || o->swap.set ||
	       o->kernel.set || o->kernel_tcp.set;
}

static bool any_cpu(const struct update_options *o)
{
	return o->shares.set || o->period.set || o->burst.set ||
	       o->rt_period.set || o->quota.set || o->idle.set ||
	       o->rt_runtime.set || o->cpus || o->mems;
}

static bool any_schema(const struct update_options *o)
{
	return o->l3_cache_schema || o->mem_bw_schema;
}

/* Those of the cgroup. */
static bool any_limit(const struct update_options *o)
{
	return any_memory(o) || any_cpu(o) || o->pids.set ||
	       o->blkio_weight.set;
}

static int check(const void *options, char **operands, struct err *e)
{
	const struct update_options *o = options;

	if (o->file && any_limit(o))
		return err_set(e, EINVAL,
			       "--resources and other limits exclude each other");
	if (!o->file && !any_limit(o) && !any_schema(o))
		return err_set(e, EINVAL, "nothing to update: no limit is given");
	if (o->blkio_weight.set && o->blkio_weight.v > 1000)
		return err_set(e, EINVAL,
			       "--blkio-weight: it must be between 10 and 1000");
	return 0;
}

static void from_options(const struct update_options *o, struct limits *l)
{
	*l = (struct limits){ 0 };
	l->memory = (struct oci_memory){
		.limit = o->memory,
		.reservation = o->reservation,
		.swap = o->swap,
		.kernel = o->kernel,
		.kernel_tcp = o->kernel_tcp,
	};
	l->cpu = (struct oci_cpu){
		.shares = o->shares,
		.period = o->period,
		.quota = o->quota,
		.burst = o->burst,
		.idle = o->idle,
		.realtime_period = o->rt_period,
		.realtime_runtime = o->rt_runtime,
		.cpus = (char *)(uintptr_t)o->cpus,
		.mems = (char *)(uintptr_t)o->mems,
	};
	l->pids.limit = o->pids;
	l->block_io.weight.set = o->blkio_weight.set;
	l->block_io.weight.v = (uint32_t)o->blkio_weight.v;
	l->all = (struct oci_resources){
		.memory = any_memory(o) ? &l->memory : NULL,
		.cpu = any_cpu(o) ? &l->cpu : NULL,
		.pids = o->pids.set ? &l->pids : NULL,
		.block_io = o->blkio_weight.set ? &l->block_io : NULL,
	};
}

static int decode(struct cli *cli, const char *file,
		  struct oci_resources **ret, struct err *e)
{
	bool is_stdin = strcmp(file, "-") == 0;
	const char *name = is_stdin ? "standard input" : file;
	auto_mem char *text = NULL;
	size_t len = 0;
	int r;

	r = is_stdin ? fs_read_fd(STDIN_FILENO, name, FILE_MAX, &text, &len, e) :
		       fs_read_all(AT_FDCWD, file, FILE_MAX, &text, &len, e);
	if (r < 0)
		return r;
	r = oci_resources_decode(text, len, &cli->arena, ret, e);
	return r < 0 ? err_wrap(e, "%s", name) : 0;
}

/* An empty schema leaves it as it is: engines pass the option by habit. */
static int update_schemata(struct cli *cli, const struct update_options *o,
			   const char *id, struct err *e)
{
	const struct oci_intel_rdt rdt = {
		.l3_cache_schema = (char *)(uintptr_t)o->l3_cache_schema,
		.mem_bw_schema = (char *)(uintptr_t)o->mem_bw_schema,
	};

	if ((!o->l3_cache_schema || !*o->l3_cache_schema) &&
	    (!o->mem_bw_schema || !*o->mem_bw_schema))
		return 0;
	return container_update_rdt(&cli->ctx, id, &rdt, e);
}

static int run(struct cli *cli, const void *options, char **operands,
	       struct err *e)
{
	const struct update_options *o = options;
	struct oci_resources *resources;
	struct limits l;
	int r = 0;

	if (o->file) {
		r = decode(cli, o->file, &resources, e);
	} else {
		from_options(o, &l);
		resources = &l.all;
	}
	if (r == 0 && (o->file || any_limit(o)))
		r = container_update(&cli->ctx, operands[0], resources, e);
	return r < 0 ? r : update_schemata(cli, o, operands[0], e);
}

static const struct opt options[] = {
	STRING(update_options, file, "resources", 'r', "FILE",
	       "limits as JSON, as in linux.resources; - for standard input"),
	SIZE(update_options, memory, "memory", 0, "BYTES",
	     "memory limit, as 64m; -1 for none"),
	SIZE(update_options, reservation, "memory-reservation", 0, "BYTES",
	     "memory that is reclaimed last"),
	SIZE(update_options, swap, "memory-swap", 0, "BYTES",
	     "limit of memory and swap together; -1 for none"),
	U64(update_options, shares, "cpu-share", 0, "N",
	    "relative weight of CPU time, 2 to 262144"),
	I64(update_options, quota, "cpu-quota", 0, "USEC",
	    "CPU time in each period; -1 for no limit"),
	U64(update_options, period, "cpu-period", 0, "USEC",
	    "length of a period"),
	U64(update_options, burst, "cpu-burst", 0, "USEC",
	    "unused CPU time that may be saved for later"),
	I64(update_options, idle, "cpu-idle", 0, "N",
	    "1: run only when nobody else wants the CPU"),
	STRING(update_options, cpus, "cpuset-cpus", 0, "LIST",
	       "CPUs to run on, as 0-3,6"),
	STRING(update_options, mems, "cpuset-mems", 0, "LIST",
	       "memory nodes to allocate from"),
	I64(update_options, pids, "pids-limit", 0, "N",
	    "most processes at a time; -1 for no limit"),
	U64(update_options, blkio_weight, "blkio-weight", 0, "N",
	    "relative weight of block I/O, 10 to 1000"),
	U64(update_options, rt_period, "cpu-rt-period", 0, "USEC",
	    "accepted only as 0: cgroup v2 has no real-time limits"),
	I64(update_options, rt_runtime, "cpu-rt-runtime", 0, "USEC",
	    "accepted only as 0: cgroup v2 has no real-time limits"),
	SIZE(update_options, kernel, "kernel-memory", 0, "BYTES",
	     "accepted only as 0 or -1: part of --memory"),
	SIZE(update_options, kernel_tcp, "kernel-memory-tcp", 0, "BYTES",
	     "accepted only as 0 or -1: part of --memory"),
	STRING(update_options, l3_cache_schema, "l3-cache-schema", 0, "SCHEMA",
	       "share of the L3 cache, as L3:0=7f0;1=1f"),
	STRING(update_options, mem_bw_schema, "mem-bw-schema", 0, "SCHEMA",
	       "memory bandwidth, as MB:0=20;1=70"),
	OPTIONS_END,
};

const struct command cmd_update = {
	.name = "update",
	.operands = "ID",
	.summary = "change the limits of a container",
	.description =
		"Change the resource limits of the container ID while it runs. Limits that are\n"
		"not given stay as they are.",
	.examples = "  berth update --memory 512m --pids-limit 200 web\n"
		    "  echo '{\"cpu\": {\"quota\": 50000, \"period\": 100000}}' | berth update -r - web",
	.options = options,
	.size = sizeof(struct update_options),
	.min = 1,
	.max = 1,
	.check = check,
	.run = run,
};
