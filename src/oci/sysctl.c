/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/sysctl.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "oci/decode.h"
#include "util/auto.h"
#include "util/weak.h"

#define NAME_MAX_BYTES 256

/* A name that ends with a slash stands for all that is below it. */
static const struct {
	char name[24];
	uint8_t ns; /* enum oci_ns */
} scopes[] = {
	{ "net/", OCI_NS_NETWORK },
	{ "fs/mqueue/", OCI_NS_IPC },
	{ "kernel/auto_msgmni", OCI_NS_IPC },
	{ "kernel/msg_next_id", OCI_NS_IPC },
	{ "kernel/msgmax", OCI_NS_IPC },
	{ "kernel/msgmnb", OCI_NS_IPC },
	{ "kernel/msgmni", OCI_NS_IPC },
	{ "kernel/sem", OCI_NS_IPC },
	{ "kernel/sem_next_id", OCI_NS_IPC },
	{ "kernel/shm_next_id", OCI_NS_IPC },
	{ "kernel/shm_rmid_forced", OCI_NS_IPC },
	{ "kernel/shmall", OCI_NS_IPC },
	{ "kernel/shmmax", OCI_NS_IPC },
	{ "kernel/shmmni", OCI_NS_IPC },
	{ "kernel/domainname", OCI_NS_UTS },
};

static bool parts_are_names(const char *path)
{
	if (weak(DEFENCE_SYSCTL_NAME))
		return true;
	for (;;) {
		size_t len = strcspn(path, "/");

		if (len == 0 || (len == 1 && path[0] == '.') ||
		    (len == 2 && path[0] == '.' && path[1] == '.'))
			return false;
		if (!path[len])
			return true;
		path += len + 1;
	}
}

int oci_sysctl_path(const char *name, char *buf, size_t size)
{
	bool dotted = name[strcspn(name, "./")] == '.';
	size_t len = strlen(name);

	if (len >= size)
		return -EINVAL;
	for (size_t i = 0; i <= len; i++) {
		char c = name[i];

		if (dotted && (c == '.' || c == '/'))
			c = c == '.' ? '/' : '.';
		buf[i] = c;
	}
	return parts_are_names(buf) ? 0 : -EINVAL;
}

/* The namespace that @path belongs to; OCI_NS_COUNT: to the whole host. */
static enum oci_ns scope_of(const char *path)
{
	for (size_t i = 0; i < ARRAY_LEN(scopes); i++) {
		const char *name = scopes[i].name;
		size_t len = strlen(name);
		bool below = name[len - 1] == '/';

		if (strncmp(path, name, len) == 0 && (below || !path[len]))
			return (enum oci_ns)scopes[i].ns;
	}
	return OCI_NS_COUNT;
}

static int check_one(const struct oci_linux *l, const char *name,
		     struct err *e)
{
	char path[NAME_MAX_BYTES];
	enum oci_ns ns;

	if (oci_sysctl_path(name, path, sizeof(path)) < 0)
		return err_set(e, EINVAL, "linux.sysctl[\"%.200s\"]: not the "
			       "name of a sysctl", name);
	if (strcmp(path, "kernel/hostname") == 0)
		return err_set(e, EINVAL, "linux.sysctl[\"%s\"]: is what the "
			       "property hostname is for", name);
	if (weak(DEFENCE_SYSCTL_SCOPE))
		return 0;
	ns = scope_of(path);
	if (ns == OCI_NS_COUNT)
		return err_set(e, EINVAL, "linux.sysctl[\"%s\"]: belongs to no "
			       "namespace, so it would change the host", name);
	if (!l->namespaces[ns].listed)
		return err_set(e, EINVAL, "linux.sysctl[\"%s\"]: needs a "
			       "namespace of type %s (linux.namespaces), or it "
			       "would change the host", name, oci_ns_name(ns));
	return 0;
}

int oci_sysctl_check(const struct oci_linux *l, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < l->sysctl.n; i++)
		r = check_one(l, l->sysctl.v[i].key, e);
	return r;
}
