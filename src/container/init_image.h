/* SPDX-License-Identifier: Apache-2.0 */
/*
 * container/init_image.h - the program berth-init, which travels inside berth.
 *
 * It must not be a way from a container to a file of the host (CVE-2019-5736:
 * /proc/PID/exe, opened for writing).  So it runs from a read-only mount of
 * its own: a detached clone of a file in the state directory, where berth has
 * put it, that is in no mount namespace and gone with its last user.  All
 * starts share that file's pages, and what a processor or an emulator knows of
 * them.  Where a mount cannot be cloned it runs from a sealed memfd, a copy that
 * is no file of the host at all.
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
