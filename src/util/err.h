/* SPDX-License-Identifier: Apache-2.0 */
/*
 * util/err.h - what went wrong, for a person: a negative errno as the return
 * value of every function that can fail, and one line of text beside it.
 *
 * The innermost function that knows the facts sets the text, callers wrap it
 * with the step that they were in.  Nothing below src/cli prints it.
 */
#ifndef UTIL_ERR_H
#define UTIL_ERR_H

#define ERR_TEXT_MAX 480 /* bytes, the NUL included */

struct err {
	int code;		 /* errno value, 0 while nothing failed */
	char text[ERR_TEXT_MAX]; /* outermost step first: "a: b: c"; one line,
				  * control characters in it became '?' */
};

#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

/**
 * err_set - report a failure that has no errno text of its own
 * @e:		filled; may be NULL when the caller wants only the code
 * @code:	positive errno value
 *
 * Return: -@code, so that "return err_set(e, EINVAL, ...)" is the idiom.
 */
int err_set(struct err *e, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);

/**
 * err_sys - report a failed system call; appends ": " and strerror(@code)
 * @code:	errno value, positive or negative (-errno as the sys_*
 *		wrappers return it)
 *
 * Return: the negative of |@code|.
 */
int err_sys(struct err *e, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);

/**
 * err_wrap - put "text: " in front of a report that is already there
 *
 * Return: -@e->code (-EIO when @e is NULL).
 */
int err_wrap(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
