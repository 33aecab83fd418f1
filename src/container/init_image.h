/* SPDX-License-Identifier: Apache-2.0 */
/*
 * container/init_image.h - the program berth-init, which travels inside berth
 * and runs from a sealed memfd: whoever gets hold of /proc/PID/exe in a
 * container holds a copy that cannot be written and is no file of the host
 * (CVE-2019-5736).
 */
#ifndef CONTAINER_INIT_IMAGE_H
#define CONTAINER_INIT_IMAGE_H

#include "util/err.h"

/* init_image_open - a sealed memfd of berth-init, ready for execveat.
 * Return: the fd, owned by the caller; -errno. */
int init_image_open(struct err *e);

#endif
