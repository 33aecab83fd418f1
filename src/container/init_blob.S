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
	.section .note.GNU-stack,"",%progbits
