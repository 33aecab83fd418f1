/* SPDX-License-Identifier: Apache-2.0 */
/*
 * container/init_image.h - the program berth-init, which travels inside berth.
 *
 * It must not be a way from a container to a file of the host (CVE-2019-5736:
 * /proc/PID/exe, opened for writing).  So it runs from a sealed memfd, a copy
 * that is no file of the host at all.  Where the kernel refuses executable memfds
 * it runs from a detached read-only mount of a file that berth puts into the
 * state directory; that is the second choice, because whoever closes the last fd
 * of such a mount waits for all processors (0.2 ms, against 0.02 for the copy).
 */
#ifndef CONTAINER_INIT_IMAGE_H
#define CONTAINER_INIT_IMAGE_H

#include "util/err.h"

/**
 * init_image_open - berth-init, ready for execveat with AT_EMPTY_PATH
 * @rootfd:	the directory of all state directories; -1: none
 *
 * Return: the fd, owned by the caller; -errno.
 */
int init_image_open(int rootfd, struct err *e);

#endif
