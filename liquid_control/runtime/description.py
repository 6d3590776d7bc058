# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What somebody must know who runs a bundle's networks without this package."""

from liquid_control.runtime.bundle import Bundle

TEXT = """\
# {name}

{description}

Bundle {digest}. Two networks in ONNX, with a batch of one; a step runs one after the other.

| network | input | shape, type | what |
|---|---|---|---|
| encoder.onnx | frame | (1, {height}, {width}, 3) uint8 | RGB, horizontal field of view \
{fov:g} degrees, mounted {pitch:g} degrees downward |
| core.onnx | features | (1, {features}) float32 | output of the encoder |
| | imu | (1, 6) float32 | {imu}, mean over the interval, normalised: (value - mean) / scale |
| | extra | (1, {extras}) float32 | {extra} |
| | state | (1, {state}) float32 | `next_state` of the step before; zeros at the start |
| | dt | (1, 1) float32 | elapsed since the step before [s]; trained on {lowest:g} to \
{highest:g}, at the start {nominal:g} |

IMU: specific force [m/s^2] and rate of turn [rad/s], x forward, y left, z up; at rest az is +9.81.
Mean {mean}, scale {scale}.

| output of core.onnx | shape | what |
|---|---|---|
| command | (1, {commands}) | in [-1, 1]; times the limits: {limits} [m/s; rad/s] |
| next_state | (1, {state}) | |
| time_constants | (1, {neurons}) | [s], of every neuron in this step |

Limits on acceleration, and what is to happen when a sensor falls silent, are not in the networks.
"""


def describe(bundle: Bundle) -> str:
    """
    Describe inputs and outputs of the networks, in Markdown.

    :param bundle: the policy.
    """
    spec = bundle.spec
    camera, sizes, normaliser = spec.observation.camera, spec.observation, spec.normaliser
    return TEXT.format(
        name=spec.name, description=spec.description, digest=bundle.digest, width=camera.width,
        height=camera.height, fov=camera.horizontal_fov_deg, pitch=camera.pitch_deg,
        features=sizes.features, imu=', '.join(sizes.imu), extras=len(sizes.extra),
        extra=', '.join(sizes.extra) or 'none: without elements', state=spec.state_size,
        lowest=spec.dt_range[0], highest=spec.dt_range[1], nominal=spec.nominal_dt,
        mean=list(normaliser.imu_mean), scale=list(normaliser.imu_scale),
        commands=len(spec.command), neurons=len(spec.neurons),
        limits=', '.join(f'{axis.name} {axis.limit:g}' for axis in spec.command))
