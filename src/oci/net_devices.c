/* SPDX-License-Identifier: Apache-2.0 */
/* config-linux.md "Network Devices": names that the kernel could take. */
#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "oci/net_devices.h"
#include "oci/spec.h"

/* As the kernel's dev_valid_name(), and what its names are never made of. */
static const char *wrong_name(const char *name)
{
	if (!name[0])
		return "is empty";
	if (strlen(name) >= IFNAMSIZ)
		return "is longer than 15 bytes";
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
	    strpbrk(name, "/: \t\n\v\f\r"))
		return "is no name of a network device";
	return NULL;
}

/* "eth%d", which the kernel numbers: nothing else may follow a '%'. */
static bool is_template(const char *name)
{
	const char *percent = strchr(name, '%');

	return percent && percent[1] == 'd' && !percent[2];
}

static const char *inside_name(const struct oci_net_device *d)
{
	return d->rename && d->rename[0] ? d->rename : d->name;
}

static int check_one(const struct oci_net_device *d, struct err *e)
{
	const char *why = wrong_name(d->name);

	if (why || strchr(d->name, '%'))
		return err_set(e, EINVAL, "linux.netDevices[\"%.40s\"]: %s",
			       d->name, why ?: "is no name of a network device");
	why = wrong_name(inside_name(d));
	if (!why && strchr(inside_name(d), '%') && !is_template(inside_name(d)))
		why = "has a '%' that is not a \"%d\" at the end";
	if (why)
		return err_set(e, EINVAL, "linux.netDevices[\"%s\"].name: "
			       "\"%.40s\" %s", d->name, inside_name(d), why);
	return 0;
}

int oci_net_devices_check(const struct oci_linux *l, struct err *e)
{
	if (!l->n_net_devices)
		return 0;
	if (!l->namespaces[OCI_NS_NETWORK].listed)
		return err_set(e, EINVAL, "linux.netDevices: needs a network "
			       "namespace (linux.namespaces)");
	for (size_t i = 0; i < l->n_net_devices; i++) {
		const char *name = inside_name(&l->net_devices[i]);
		int r = check_one(&l->net_devices[i], e);

		if (r < 0)
			return r;
		for (size_t k = 0; k < i && !is_template(name); k++)
			if (strcmp(inside_name(&l->net_devices[k]), name) == 0)
				return err_set(e, EINVAL, "linux.netDevices"
					       "[\"%s\"]: a second device with "
					       "the name %s",
					       l->net_devices[i].name, name);
	}
	return 0;
}
