/* Copyright 2026 the liquid_control authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * What an Arm Cortex-M4 does before main, for QEMU's board mps2-an386 and newlib's semihosting.
 */
#include <stdint.h>

extern uint32_t stack_top[];
extern void _start(void);     /* of newlib: clears .bss, calls main, exits */

#define CPACR (*(volatile uint32_t *)0xE000ED88u)

static void reset(void)
{
    CPACR |= 0xFu << 20;      /* the floating-point unit, before anything uses it */
    __asm__ volatile("dsb\n\tisb");
    _start();
}

static void fault(void)
{
    /* Semihosting: end with an error instead of hanging. */
    __asm__ volatile("movs r0, #0x18\n\tldr r1, =0x20023\n\tbkpt 0xAB");
    for (;;) {
    }
}

__attribute__((section(".vectors"), used))
static const struct {
    uint32_t *stack;
    void (*handlers[15])(void);
} vectors = {stack_top, {reset, fault, fault, fault, fault, fault, fault, fault, fault, fault,
                         fault, fault, fault, fault, fault}};
