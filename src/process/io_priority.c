/* SPDX-License-Identifier: Apache-2.0 */
#include "process/io_priority.h"

#include <errno.h>
#include <linux/ioprio.h>
#include <stddef.h>
#include <string.h>

#include "oci/spec.h"
#include "util/auto.h"
#include "util/sys.h"

#define LOWEST 7 /* priority within a class */

static const struct {
	char name[20];
	int value;
} classes[] = {
	{ "IOPRIO_CLASS_RT", IOPRIO_CLASS_RT },
	{ "IOPRIO_CLASS_BE", IOPRIO_CLASS_BE },
	{ "IOPRIO_CLASS_IDLE", IOPRIO_CLASS_IDLE },
};

int io_priority_decode(const struct oci_io_priority *p, int *ret, struct err *e)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(classes); i++)
		if (strcmp(classes[i].name, p->class) == 0)
			break;
	if (i == ARRAY_LEN(classes))
		return err_set(e, EINVAL, "process.ioPriority.class: \"%.40s\" is "
			       "not known", p->class);
	if (p->priority < 0 || p->priority > LOWEST)
		return err_set(e, EINVAL, "process.ioPriority.priority: %d is out "
			       "of range (0 to %d)", p->priority, LOWEST);
	*ret = IOPRIO_PRIO_VALUE(classes[i].value, p->priority);
	return 0;
}

int io_priority_apply(int ioprio, pid_t pid, struct err *e)
{
	long r = SYS3(SYS_ioprio_set, IOPRIO_WHO_PROCESS, pid, ioprio);
	size_t i;

	if (r >= 0)
		return 0;
	for (i = 0; i + 1 < ARRAY_LEN(classes); i++)
		if (classes[i].value == IOPRIO_PRIO_CLASS(ioprio))
			break;
	return err_sys(e, (int)r, "process.ioPriority: set %s", classes[i].name);
}
