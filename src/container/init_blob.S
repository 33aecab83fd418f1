/* SPDX-License-Identifier: Apache-2.0 */
/* The program berth-init as bytes; see container/init_image.h. */
	.section .rodata
	.balign 4096
	.globl init_image
	.hidden init_image
init_image:
	.incbin INIT_IMAGE
	.globl init_image_end
	.hidden init_image_end
init_image_end:
	.globl init_image_key
	.hidden init_image_key
init_image_key: /* the first half of its SHA-256: one version is one file */
	.asciz INIT_KEY
	.section .note.GNU-stack,"",%progbits
