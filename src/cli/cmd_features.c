/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/opt.h"
#include "oci/annotations.h"
#include "oci/features.h"
#include "oci/spec.h"
#include "process/memory_policy.h"
#include "rootfs/options.h"
#include "security/caps.h"
#include "security/seccomp.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/buf.h"
#include "util/jsonw.h"

/* Those of the known flags that the running kernel has. */
static int supported_flags(struct arena *a, const char *const **ret)
{
	const char **v;
	size_t n = 0;

	while (seccomp_flag_names[n])
		n++;
	v = arena_array(a, n + 1, sizeof(*v));
	if (!v)
		return -ENOMEM;
	n = 0;
	for (const char *const *name = seccomp_flag_names; *name; name++)
		if (seccomp_flag_supported(*name))
			v[n++] = *name;
	*ret = v;
	return 0;
}

/* What a person who reports an error is asked for first. */
static int annotations(struct arena *a, struct oci_map *ret)
{
	char library[SECCOMP_LIBRARY_MAX];
	const struct { const char *key, *value; } known[] = {
		{ "berth.version", BERTH_VERSION },
		{ "berth.commit", version_commit },
		{ "io.github.seccomp.libseccomp.version", library },
		/* How engines ask whether `checkpoint` is there. */
		{ "org.opencontainers.runc.checkpoint.enabled", "false" },
	};

	ret->n = 0;
	ret->v = arena_array(a, ARRAY_LEN(known), sizeof(*ret->v));
	if (!ret->v)
		return -ENOMEM;
	seccomp_library(library);
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		struct oci_kv *kv = &ret->v[ret->n];

		if (!known[i].value[0])
			continue;
		kv->key = arena_strdup(a, known[i].key);
		kv->value = arena_strdup(a, known[i].value);
		if (!kv->key || !kv->value)
			return -ENOMEM;
		ret->n++;
	}
	return 0;
}

static int run(struct cli *cli, const void *options, char **operands,
	       struct err *e)
{
	struct oci_features f = {
		.capabilities = cap_names,
		.seccomp_actions = seccomp_action_names,
		.seccomp_operators = seccomp_operator_names,
		.seccomp_archs = seccomp_arch_names,
		.seccomp_known_flags = seccomp_flag_names,
		.cgroup_systemd = true,
		.cgroup_systemd_user = true,
		.memory_policy_modes = memory_policy_modes,
		.memory_policy_flags = memory_policy_flags,
		.unsafe_annotations = oci_annotations_unsafe,
	};
	struct oci_strv mount_options;
	struct oci_map versions;
	auto_buf text = { 0 };
	struct jsonw w = JSONW_INDENTED(&text);

	if (rootfs_mount_options(&cli->arena, &mount_options) < 0 ||
	    annotations(&cli->arena, &versions) < 0 ||
	    supported_flags(&cli->arena, &f.seccomp_supported_flags) < 0)
		return err_set(e, ENOMEM, "out of memory");
	f.mount_options = (const char *const *)mount_options.v;
	f.annotations = &versions;
	oci_features_write(&w, &f);
	if (text.failed)
		return err_set(e, ENOMEM, "out of memory");
	puts(buf_str(&text));
	return 0;
}

static const struct opt options[] = { OPTIONS_END };

const struct command cmd_features = {
	.name = "features",
	.operands = "",
	.summary = "show what berth supports",
	.description =
		"Show what berth supports as the JSON document of the OCI runtime\n"
		"specification, which engines read.",
	.options = options,
	.run = run,
};
