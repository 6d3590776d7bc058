# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The frame of the generated files; $names are filled in."""

HEADER = """\
/* The liquid core of policy $name, in C99. Written by liquid_control $version; do not edit.
 *
 * Bundle $digest,
 * weights of synapses in $precision: $bytes bytes of tables, $macs multiply-accumulates a step.
 * It allocates nothing and keeps nothing: the state is the caller's, one array for each vehicle.
 */
#ifndef ${NAME}_H
#define ${NAME}_H

#define ${NAME}_FEATURES $features
#define ${NAME}_IMU 6
#define ${NAME}_EXTRA $extra
#define ${NAME}_STATE $state
#define ${NAME}_COMMAND $commands
#define ${NAME}_NEURONS $neurons

#ifdef __cplusplus
extern "C" {
#endif

/* Make the state that of a core that has seen nothing: state[${NAME}_STATE]. */
void ${name}_reset(float *state);

/* Advance by an interval.
 *
 * features[${NAME}_FEATURES]: of the policy's encoder.
 * imu[${NAME}_IMU]: ax, ay, az [m/s^2], wx, wy, wz [rad/s], mean over the interval; x forward, y
 *     left, z up. At rest az is +9.81. It is normalised here.
 * extra[${NAME}_EXTRA]: optional inputs, in the bundle's order; NULL where there are none.
 * dt: elapsed since the step before [s].
 * state[${NAME}_STATE]: of the step before; replaced.
 * command[${NAME}_COMMAND]: set, each in [-1, 1]; the whole scale is $limits [m/s; rad/s].
 * time_constants[${NAME}_NEURONS]: set [s], infinite for a cell that has none; may be NULL.
 *
 * Returns 0; or -1 where dt is not above zero and finite, and then nothing is changed.
 */
int ${name}_step(const float *features, const float *imu, const float *extra, float dt,
                 float *state, float *command, float *time_constants);

#ifdef __cplusplus
}
#endif

#endif
"""

SOURCE = """\
/* The liquid core of policy $name, in C99. Written by liquid_control $version; do not edit. */
#include "$name.h"

#include <math.h>
#include <stdint.h>

$tables$helpers
void ${name}_reset(float *state)
{
    for (int i = 0; i < $state; ++i) {
        state[i] = 0.0f;
    }
}

int ${name}_step(const float *features, const float *imu, const float *extra, float dt,
                 float *state, float *command, float *time_constants)
{
    if (!(dt > 0.0f) || isinf(dt)) {
        return -1;
    }
$statements    return 0;
}
"""
