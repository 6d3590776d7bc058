# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""When a camera delivers a frame, and what goes wrong with it on the way."""

from liquid_control.signals import CameraFrame, FloatArray, ImageArray, NANOSECONDS
from liquid_control.sim.renderer import Renderer
from liquid_control.sim.world_config import CameraConfig
import numpy as np


class Camera:
    """A rolling schedule of frames with jitter, drops, repeated images and pixel noise."""

    def __init__(self, config: CameraConfig, renderer: Renderer,
                 rng: np.random.Generator) -> None:
        """
        Draw this flight's rate.

        :param config: geometry, timing and faults.
        :param renderer: makes the images.
        :param rng: where the draws come from.
        """
        self._config = config
        self._renderer = renderer
        self._rng = rng
        self.interval = 1.0 / rng.uniform(*config.rate_hz)   # nominal [s]
        self._due_ns = 0
        self._last: ImageArray | None = None

    @property
    def depth(self) -> FloatArray:
        """Depth of the last image that was rendered, (height, width) [m]."""
        return self._renderer.depth

    def frame(self, stamp_ns: int, position: FloatArray,
              orientation: FloatArray) -> CameraFrame | None:
        """
        Return a frame if one is due now and is not lost.

        :param stamp_ns: simulated time.
        :param position: of base_link, (3,) world [m].
        :param orientation: of base_link, (4,) quaternion x, y, z, w.
        """
        if stamp_ns < self._due_ns:
            return None
        config, rng = self._config, self._rng
        # All draws are made for every frame, so that one fault does not shift the others.
        jitter, lost, repeated = rng.uniform(-1, 1), rng.random(), rng.random()
        self._due_ns += round(self.interval * (1 + config.jitter * jitter) * NANOSECONDS)
        if lost < config.drop:
            return None
        if self._last is None or repeated >= config.stale:
            self._last = self._noisy(self._renderer.render(position, orientation))
        return CameraFrame(stamp_ns, self._last, self._renderer.horizontal_fov)

    def _noisy(self, image: ImageArray) -> ImageArray:
        if self._config.noise_std == 0:
            return image
        noise = self._rng.standard_normal(image.shape, dtype=np.float32)
        noisy = image + self._config.noise_std * noise
        return np.clip(np.rint(noisy), 0, 255).astype(np.uint8)
