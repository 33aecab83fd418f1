/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/opt.h"
#include "oci/annotations.h"
#include "oci/features.h"
#include "oci/spec.h"
#include "rootfs/options.h"
#include "security/caps.h"
#include "security/seccomp.h"
#include "util/arena.h"
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

static int run(struct cli *cli, const void *options, char **operands,
	       struct err *e)
{
	struct oci_features f = {
		.capabilities = cap_names,
		.seccomp_actions = seccomp_action_names,
		.seccomp_operators = seccomp_operator_names,
		.seccomp_archs = seccomp_arch_names,
		.seccomp_known_flags = seccomp_flag_names,
		.unsafe_annotations = oci_annotations_unsafe,
	};
	struct oci_strv mount_options;
	auto_buf text = { 0 };
	struct jsonw w = JSONW_INDENTED(&text);

	if (rootfs_mount_options(&cli->arena, &mount_options) < 0 ||
	    supported_flags(&cli->arena, &f.seccomp_supported_flags) < 0)
		return err_set(e, ENOMEM, "out of memory");
	f.mount_options = (const char *const *)mount_options.v;
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
