# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Turn toward whatever is red and fly on: one flight in Gymnasium, by 20 lines."""

import gymnasium
import liquid_control.sim.registration  # noqa: F401
import numpy as np

env = gymnasium.make('liquid_control/DroneNav-v0', winds=('W1',))
observation, info = env.reset(seed=3)
done, total = False, 0.0
while not done:
    red, green, blue = np.moveaxis(observation['frame'].astype(float), -1, 0)
    columns = np.nonzero(red > 2 * np.maximum(green, blue) + 20)[1]     # of the target's pixels
    left = 1 - 2 * columns.mean() / red.shape[1] if len(columns) else 0.7   # else look around
    action = np.array([0.6 if len(columns) else 0.0, 0.0, 0.0, np.clip(left, -1, 1)], np.float32)
    observation, reward, terminated, truncated, info = env.step(action)
    total += float(reward)
    done = terminated or truncated
print(f"{info['outcome']} after {info['time_s']:.1f} s, return {total:.1f}")
env.close()
