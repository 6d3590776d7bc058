/* Copyright 2026 the liquid_control authors
 * SPDX-License-Identifier: Apache-2.0
 *
 * Steps a core with intervals that change. On a Cortex-M under QEMU's -icount it prints the stack of a
 * step [bytes] and its instructions; elsewhere it is a program for callgrind.
 */
#include "core.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>

#define STEPS 100

static float features[CORE_FEATURES], imu[CORE_IMU], extra[CORE_EXTRA + 1], state[CORE_STATE];
static float command[CORE_COMMAND];

static void step(int t)
{
    core_step(features, imu, extra, 0.02f + 0.001f * (float)(t & 15), state, command, NULL);
}

#ifdef __arm__
#define SYSTICK ((volatile uint32_t *)0xE000E010u)     /* control, reload, current */
#define PAINTED 4096                                   /* words below this function's frame */
#define LOOPS 1000000u

static uint32_t ticks_since(uint32_t begun)
{
    return (begun - SYSTICK[2]) & 0xFFFFFFu;
}

/* Instructions that a tick of the timer takes, in thousandths, by a loop of two. */
static uint32_t calibrate(void)
{
    uint32_t loops = LOOPS;
    const uint32_t begun = SYSTICK[2];
    __asm__ volatile("1: subs %0, #1\n\tbne 1b" : "+r"(loops) : : "cc");
    return (uint32_t)(2000ull * LOOPS / ticks_since(begun));
}

__attribute__((noinline)) static unsigned stack_of_step(void)
{
    volatile uint32_t *top = (volatile uint32_t *)__builtin_frame_address(0) - 32;
    for (int i = 1; i <= PAINTED; ++i) {
        top[-i] = 0xA5A5A5A5u;
    }
    step(0);
    int untouched = PAINTED;
    while (untouched > 0 && top[-untouched] == 0xA5A5A5A5u) {
        --untouched;
    }
    return 4u * (unsigned)(untouched + 32);
}

static void report(void)
{
    SYSTICK[1] = 0xFFFFFFu;
    SYSTICK[2] = 0;
    SYSTICK[0] = 5;                                    /* on, by the processor's clock */
    const uint32_t thousandths = calibrate(), begun = SYSTICK[2];
    for (int t = 0; t < STEPS; ++t) {
        step(t);
    }
    const uint64_t ticks = ticks_since(begun);
    printf("stack %u instructions %lu\n", stack_of_step(),
           (unsigned long)(ticks * thousandths / (1000u * STEPS)));
}
#endif

int main(void)
{
    for (int i = 0; i < CORE_FEATURES; ++i) {
        features[i] = 0.25f * (float)(3 * i % 9 - 4);
    }
    imu[2] = 9.81f;
    core_reset(state);
#ifdef __arm__
    report();
#else
    for (int t = 0; t < STEPS; ++t) {
        step(t);
    }
#endif
    return isnan(command[0]) != 0;
}
