/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "container/plan.h"
#include "container/record.h"
#include "oci/spec.h"
#include "process/memory_policy.h"
#include "process/personality.h"
#include "security/caps.h"
#include "security/lsm.h"
#include "security/process.h"
#include "security/rlimits.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/fs.h"
#include "util/log.h"
#include "util/num.h"
#include "wire/plan.h"

/* What execvp(3) takes where the environment has no PATH. */
#define DEFAULT_PATH \
	"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static const char *env_value(const struct oci_process *p, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < p->env.n; i++)
		if (strncmp(p->env.v[i], name, len) == 0 &&
		    p->env.v[i][len] == '=')
			return p->env.v[i] + len + 1;
	return NULL;
}

/* The paths that PLAN_FIND tries: the program itself when it has a slash, else
 * it in every directory of PATH; an empty one is the working directory. */
static int plan_find(struct plan_builder *b, const struct oci_process *p,
		     struct arena *a, struct err *e)
{
	const char *name = p->args.v[0], *path = env_value(p, "PATH");
	struct plan_op *op;
	char **v;
	size_t n = 1;

	if (strchr(name, '/')) {
		op = plan_add(b, PLAN_FIND, NULL);
		op->str[0] = plan_vec(b, p->args.v, 1);
		op->str[1] = plan_str(b, name);
		return 0;
	}
	if (!*name)
		return err_set(e, ENOENT, "process.args[0]: executable file not "
			       "found in $PATH: the name is empty");
	if (!path)
		path = DEFAULT_PATH;
	for (const char *s = path; *s; s++)
		n += *s == ':';
	v = arena_array(a, n, sizeof(*v));
	if (!v)
		return err_set(e, ENOMEM, "process.env: out of memory");
	for (size_t i = 0; i < n; i++) {
		int len = (int)strcspn(path, ":");

		v[i] = arena_printf(a, "%.*s/%s", len ? len : 1,
				    len ? path : ".", name);
		if (!v[i])
			return err_set(e, ENOMEM, "process.env: out of memory");
		path += len + 1;
	}
	op = plan_add(b, PLAN_FIND, NULL);
	op->str[0] = plan_vec(b, v, n);
	op->str[1] = plan_str(b, name);
	return 0;
}

void process_plan_hooks(struct plan_builder *b, const struct plan_hooks *h)
{
	for (size_t i = 0; i < h->list->n; i++) {
		const struct oci_hook *hook = &h->list->v[i];
		char *path_only[] = { hook->path };
		struct plan_op *op;

		op = plan_add(b, PLAN_HOOK, "hook `%s` (%s[%zu])", hook->path,
			      h->name, i);
		op->str[0] = plan_str(b, hook->path);
		op->str[1] = hook->args.n
				     ? plan_vec(b, hook->args.v, hook->args.n)
				     : plan_vec(b, path_only, 1);
		op->str[2] = plan_vec(b, hook->env.v, hook->env.n);
		op->str[3] = plan_blob(b, h->state, strlen(h->state));
		op->num[0] = hook->timeout.set ? (uint64_t)hook->timeout.v : 0;
		op->num[1] = h->pid_at;
		op->fd[0] = h->out;
		op->fd[1] = h->err;
	}
}

/* Ids return, and other state directories have the same: a name that has been
 * in use must not lead to somebody else's keys. */
void process_plan_keyring(struct plan_builder *b, const struct record *r,
			  enum keyring_rights rights)
{
	struct plan_op *op = plan_add(b, PLAN_KEYRING, "session keyring");
	char name[320];

	snprintf(name, sizeof(name), "%s.%s", r->id, r->created);
	op->str[0] = plan_str(b, name);
	op->num[0] = rights;
}

unsigned int process_listen_fds(void)
{
	const char *fds = getenv("LISTEN_FDS"), *pid = getenv("LISTEN_PID");
	uint64_t n, p;

	/* sd_listen_fds(3): meant for us only if the pid says so. */
	if (!fds || !pid || num_u64(pid, INT32_MAX, &p) < 0 ||
	    num_u64(fds, 4096, &n) < 0 || (pid_t)p != getpid())
		return 0;
	return (unsigned int)n;
}

/*
 * Less than what a process was given takes CAP_SYS_RESOURCE, which is the
 * machine's: without it the score may have to stay.
 */
static void plan_oom_score(struct plan_builder *b,
			   const struct process_request *r)
{
	const struct oci_opt_i32 *want = &r->process->oom_score_adj;
	struct plan_op *op;
	char text[16];
	int64_t own;

	if (!want->set)
		return;
	op = plan_add(b, PLAN_OOM_SCORE, "process.oomScoreAdj");
	op->num[0] = (uint64_t)(int64_t)want->v;
	if (!r->rootless || fs_read_small(AT_FDCWD, "/proc/self/oom_score_adj",
					  text, sizeof(text)) <= 0 ||
	    num_i64(text, INT32_MIN, INT32_MAX, &own) < 0 || want->v >= own)
		return;
	op->flags = PLAN_F_OPTIONAL;
	log_warning(r->log, "process.oomScoreAdj: %d is less than berth's own, "
		    "%d, which may not be allowed without CAP_SYS_RESOURCE",
		    want->v, (int)own);
}

int process_plan_early(struct plan_builder *b, const struct process_request *r,
		       struct err *e)
{
	const struct oci_process *p = r->process;
	struct rlimit_list limits;
	int n = rlimits_decode(p, &limits, e);

	if (n < 0)
		return n;
	plan_oom_score(b, r);
	return security_plan_rlimits_raise(b, &limits, e);
}

static void warn_caps(const struct log *log, const struct cap_report *report)
{
	if (report->n_unknown)
		log_warning(log, "%s: unknown capability, left out",
			    report->unknown);
	for (int i = 0; i < CAPS_COUNT; i++) {
		if (report->ungranted >> i & 1)
			log_warning(log, "process.capabilities: %s is not "
				    "available to berth itself, left out",
				    cap_names[i]);
		/* runc and crun wrote such sets for years: no news. */
		if (report->ambient_lost >> i & 1)
			log_debug(log, "process.capabilities.ambient: %s is not "
				    "permitted and inheritable, left out",
				    cap_names[i]);
	}
}

static int process_caps(const struct process_request *r, struct cap_sets *ret,
			struct err *e)
{
	uint64_t available = CAPS_ALL;
	struct cap_report report;
	int n = r->all_caps ? 0 : caps_available(&available);

	if (n < 0)
		return err_sys(e, n, "read berth's own capabilities");
	caps_decode(r->process->capabilities, available, ret, &report);
	warn_caps(r->log, &report);
	return 0;
}

static int check_preserved(unsigned int n, const char *asked, struct err *e)
{
	for (unsigned int i = 0; i < n; i++) {
		int flags = fcntl((int)i + 3, F_GETFD);

		/* One that is closed at execve is berth's own. */
		if (flags < 0 || (flags & FD_CLOEXEC))
			return err_set(e, EBADF, "%s %u: fd %u is not open",
				       asked, n, i + 3);
	}
	return 0;
}

/* The environment, with LISTEN_FDS and their names where fds are handed on. */
static int final_env(const struct oci_process *p, unsigned int listen,
		     struct arena *a, struct oci_strv *ret)
{
	const char *names = getenv("LISTEN_FDNAMES");

	*ret = p->env;
	if (!listen || env_value(p, "LISTEN_FDS"))
		return 0;
	ret->v = arena_array(a, p->env.n + 3, sizeof(*ret->v));
	if (!ret->v)
		return -ENOMEM;
	if (p->env.n)
		memcpy(ret->v, p->env.v, p->env.n * sizeof(*ret->v));
	ret->v[ret->n++] = arena_printf(a, "LISTEN_FDS=%u", listen);
	if (names)
		ret->v[ret->n++] = arena_printf(a, "LISTEN_FDNAMES=%s", names);
	return ret->v[p->env.n] && ret->v[ret->n - 1] ? 0 : -ENOMEM;
}

static void plan_args(struct plan_builder *b, const struct oci_process *p,
		      unsigned int listen, struct arena *a)
{
	struct plan_op *op = plan_add(b, PLAN_ARGS, NULL);
	struct oci_strv env;

	if (final_env(p, listen, a, &env) < 0) {
		b->failed = ENOMEM;
		env = p->env;
	}
	op->str[1] = plan_vec(b, p->args.v, p->args.n);
	op->str[2] = plan_vec(b, env.v, env.n);
	op->num[0] = p->user.uid;
	if (!env_value(p, "HOME"))
		op->flags |= PLAN_F_HOME;
	if (listen)
		op->flags |= PLAN_F_LISTEN_PID;
}

static enum user_groups which_groups(const struct process_request *r)
{
	if (r->keep_groups)
		return GROUPS_KEEP;
	return r->try_groups ? GROUPS_TRY : GROUPS_SET;
}

/* See security/process.h for the order and its reasons. */
static int plan_identity(struct plan_builder *b,
			 const struct process_request *r, struct err *e)
{
	const struct oci_process *p = r->process;
	struct cap_sets sets;
	int n = process_caps(r, &sets, e);

	if (n == 0 && r->linux_)
		n = personality_plan(b, r->linux_->personality, e);
	if (n == 0 && r->linux_)
		n = memory_policy_plan(b, r->linux_->memory_policy, e);
	if (n < 0)
		return n;
	security_plan_cap_bound(b, &sets);
	n = security_plan_user(b, &p->user, which_groups(r), e);
	if (n < 0)
		return n;
	plan_add(b, PLAN_UMASK, NULL)->num[0] =
		p->user.umask.set ? p->user.umask.v : 0022;
	plan_add(b, PLAN_CHDIR, "process.cwd: %s", p->cwd)->str[0] =
		plan_str(b, p->cwd);
	if (r->lsm)
		lsm_plan_exec(b, r->lsm);
	security_plan_caps(b, &sets, r->seccomp && !p->no_new_privileges);
	if (p->no_new_privileges)
		plan_add(b, PLAN_NO_NEW_PRIVS, "process.noNewPrivileges");
	return 0;
}

int process_plan(struct plan_builder *b, const struct process_request *r,
		 struct arena *a, struct err *e)
{
	const struct oci_process *p = r->process;
	unsigned int listen = process_listen_fds();
	unsigned int keep = r->preserve_fds + listen;
	struct rlimit_list limits;
	struct plan_op *op;
	int n = check_preserved(r->preserve_fds, "--preserve-fds", e);

	/* Now that these are open the sum is a small number. */
	if (n == 0 && listen)
		n = check_preserved(keep, r->preserve_fds
				    ? "LISTEN_FDS and --preserve-fds"
				    : "LISTEN_FDS", e);
	if (n == 0)
		n = rlimits_decode(p, &limits, e);
	if (n < 0)
		return n;
	if (p->user.uid) {
		op = plan_add(b, PLAN_STDIO_OWNER, "standard streams");
		op->num[0] = p->user.uid;
		op->num[1] = UINT32_MAX;
	}
	/* Before the user changes it is allowed more often; whatever fails now
	 * is tried again as the user. */
	op = plan_add(b, PLAN_CHDIR, "process.cwd: %s", p->cwd);
	op->str[0] = plan_str(b, p->cwd);
	op->flags = PLAN_F_OPTIONAL;
	n = plan_find(b, p, a, e);
	if (n < 0)
		return n;
	op = plan_add(b, PLAN_READY, NULL);
	op->fd[0] = plan_fd(b, r->socket);
	op->num[0] = 3 + keep;
	if (r->start_hooks)
		process_plan_hooks(b, r->start_hooks);
	n = plan_identity(b, r, e);
	if (n < 0)
		return n;
	plan_args(b, p, listen, a);
	security_plan_rlimits(b, &limits);
	plan_add(b, PLAN_CLOSE_FDS, NULL)->num[0] = 3 + keep;
	if (r->seccomp)
		security_plan_seccomp(b, r->seccomp);
	plan_add(b, PLAN_EXEC, NULL);
	return 0;
}
