# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
A C program that takes a core through its bundle's golden steps, on whatever machine it runs.

The frames are encoded here, so that it needs neither encoder nor file.
"""

from string import Template
import textwrap

from liquid_control.runtime.bundle import Bundle
from liquid_control.runtime.c_source.generate import CSource
from liquid_control.runtime.c_source.unit import number, Precision
from liquid_control.runtime.golden import golden_steps
from liquid_control.runtime.stepper import PROVIDER, Stepper
from liquid_control.signals import Float32Array
import numpy as np

INT8_TOLERANCE = 0.05     # of commands; what an LSTM carries has no bound to measure it by

PROGRAM = """\
/* The golden steps of policy $name: exit status 0 where the core reproduces them.
 * Written by liquid_control; do not edit.
 */
#include "$name.h"

#include <math.h>
#include <stdio.h>

#define STEPS $steps

$tables
static float largest(float before, const float *found, const float *expected, int count)
{
    for (int i = 0; i < count; ++i) {
        const float error = fabsf(found[i] - expected[i]) / fmaxf(1.0f, fabsf(expected[i]));
        before = error <= before ? before : error;      /* NaN is an error too */
    }
    return before;
}

int main(void)
{
    float state[${NAME}_STATE], command[${NAME}_COMMAND];
    float command_error = 0.0f, state_error = 0.0f;
    ${name}_reset(state);
    for (int t = 0; t < STEPS; ++t) {
        if (${name}_step(features + t * ${NAME}_FEATURES, imu + t * ${NAME}_IMU,
                         $extra, dt[t], state, command, NULL)) {
            printf("step %d: dt refused\\n", t);
            return 1;
        }
        command_error = largest(command_error, command, commands + t * ${NAME}_COMMAND,
                                ${NAME}_COMMAND);
        state_error = largest(state_error, state, states + t * ${NAME}_STATE, ${NAME}_STATE);
    }
    printf("$name: %d golden steps, largest error of a command %.2e, of a state %.2e, "
           "allowed %.0e\\n", STEPS, (double)command_error, (double)state_error, $tolerance);
    return !(command_error <= ${tolerance}f$judge_state);
}
"""


def golden_program(bundle: Bundle, code: CSource, precision: Precision) -> str:
    """
    Write the program.

    :param bundle: the policy, loaded.
    :param code: its core.
    :param precision: of that core: with int8 the commands alone are judged, by a bound of their
        own, and the error of the state is printed.
    """
    golden, stepper = golden_steps(bundle), Stepper(bundle)
    tolerance = INT8_TOLERANCE if precision == 'int8' else bundle.spec.golden_tolerance[PROVIDER]
    features = np.stack([stepper.encode(frame) for frame in golden['frames']])
    tables = {'features': features, 'imu': golden['imu'], 'dt': golden['dt'],
              'commands': golden['command'], 'states': golden['state']}
    extra = 'NULL'
    if bundle.spec.observation.extra:
        tables['extra'] = golden['extra']
        extra = f'extra + t * {code.name.upper()}_EXTRA'
    return Template(PROGRAM).substitute(
        name=code.name, NAME=code.name.upper(), steps=len(features), extra=extra,
        tolerance=repr(float(tolerance)),
        judge_state='' if precision == 'int8' else f' && state_error <= {float(tolerance)!r}f',
        tables='\n'.join(_table(name, values) for name, values in tables.items()))


def _table(name: str, values: Float32Array) -> str:
    """Write an array as a constant."""
    numbers = textwrap.fill(', '.join(number(value) for value in values.ravel()), 97,
                            initial_indent='    ', subsequent_indent='    ',
                            break_on_hyphens=False)
    return f'static const float {name}[{values.size}] = {{\n{numbers}\n}};\n'
