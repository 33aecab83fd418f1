/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/decode.h"

#include <errno.h>

#include "oci/tables.h"
#include "util/arena.h"

static const struct json_field root_fields[] = {
	JSON_STR(struct oci_root, path, "path", JSON_REQUIRED),
	JSON_BOOL(struct oci_root, readonly, "readonly", 0),
};
static const struct json_table oci_root_table =
	JSON_TABLE(struct oci_root, root_fields);

static const struct json_field spec_fields[] = {
	JSON_STR(struct oci_spec, oci_version, "ociVersion", JSON_REQUIRED),
	JSON_POINTER(struct oci_spec, process, oci_process, "process", 0),
	JSON_POINTER(struct oci_spec, root, oci_root, "root", 0),
	JSON_STR(struct oci_spec, hostname, "hostname", 0),
	JSON_STR(struct oci_spec, domainname, "domainname", 0),
	JSON_LIST(struct oci_spec, n_mounts, mounts, oci_mount, "mounts", 0),
	JSON_OBJECT(struct oci_spec, hooks, oci_hooks, "hooks", 0),
	JSON_MAP(struct oci_spec, annotations, "annotations", 0),
	JSON_POINTER(struct oci_spec, linux_, oci_linux, "linux", 0),
	JSON_PRESENT(struct oci_spec, has_vm, "vm"),
	JSON_PRESENT(struct oci_spec, has_windows, "windows"),
	JSON_PRESENT(struct oci_spec, has_solaris, "solaris"),
	JSON_PRESENT(struct oci_spec, has_zos, "zos"),
};
const struct json_table oci_spec_table =
	JSON_TABLE(struct oci_spec, spec_fields);

/* A new struct of @table with what @src says. */
static int decode_new(const struct json_source *src,
		      const struct json_table *table, struct arena *a,
		      void **ret, struct err *e)
{
	void *p = arena_alloc(a, table->size);
	int r;

	if (!p)
		return err_sys(e, ENOMEM, "decode %s",
			       src->path[0] ? src->path : "the configuration");
	r = json_decode(src, table, a, p, e);
	if (r == 0)
		*ret = p;
	return r;
}

/* One place for each kind of namespace, from the list of the file. */
static int sort_namespaces(struct oci_linux *l, struct err *e)
{
	for (size_t i = 0; i < l->n_namespace_entries; i++) {
		const struct oci_namespace_entry *entry =
			&l->namespace_entries[i];
		struct oci_namespace *ns = &l->namespaces[entry->type];

		if (ns->listed)
			return err_set(e, EINVAL,
				       "linux.namespaces[%zu]: a second \"%s\"",
				       i, oci_ns_name(entry->type));
		ns->listed = true;
		ns->path = entry->path && entry->path[0] ? entry->path : NULL;
	}
	return 0;
}

int oci_spec_decode(const char *text, size_t len, struct arena *a,
		    struct oci_spec **ret, struct err *e)
{
	const struct json_source src = { text, len, "" };
	struct oci_spec *spec;
	void *p = NULL;
	int r;

	r = decode_new(&src, &oci_spec_table, a, &p, e);
	if (r < 0)
		return r;
	spec = p;
	if (!spec->linux_)
		spec->linux_ = arena_alloc(a, sizeof(*spec->linux_));
	if (!spec->linux_)
		return err_sys(e, ENOMEM, "decode the configuration");
	r = sort_namespaces(spec->linux_, e);
	if (r == 0)
		*ret = spec;
	return r;
}

int oci_process_decode(const char *text, size_t len, struct arena *a,
		       struct oci_process **ret, struct err *e)
{
	const struct json_source src = { text, len, "process" };
	void *p = NULL;
	int r = decode_new(&src, &oci_process_table, a, &p, e);

	if (r == 0)
		*ret = p;
	return r;
}

int oci_resources_decode(const char *text, size_t len, struct arena *a,
			 struct oci_resources **ret, struct err *e)
{
	const struct json_source src = { text, len, "linux.resources" };
	void *p = NULL;
	int r = decode_new(&src, &oci_resources_table, a, &p, e);

	if (r == 0)
		*ret = p;
	return r;
}

int oci_seccomp_decode(const struct oci_raw *raw, struct arena *a,
		       struct oci_seccomp **ret, struct err *e)
{
	const struct json_source src = { raw->data, raw->len, "linux.seccomp" };
	void *p = NULL;
	int r = decode_new(&src, &oci_seccomp_table, a, &p, e);

	if (r == 0)
		*ret = p;
	return r;
}

const char *oci_ns_name(enum oci_ns ns)
{
	return oci_ns_words.word[ns];
}
