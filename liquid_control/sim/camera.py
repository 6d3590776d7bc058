# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""When a camera delivers a frame, and what goes wrong with it on the way."""

from collections import deque
from typing import NamedTuple

from liquid_control.signals import (
    CameraFrame,
    Float32Array,
    FloatArray,
    ImageArray,
    NANOSECONDS,
)
from liquid_control.sim.camera_faults import Blackouts, Light
from liquid_control.sim.depth import DepthCamera
from liquid_control.sim.exposure import Exposure, LightChanges
from liquid_control.sim.motion_blur import MotionBlur
from liquid_control.sim.renderer import Renderer
from liquid_control.sim.sensor_config import CameraConfig
import numpy as np

_STILL = np.zeros(3)


class _Taken(NamedTuple):
    """A frame on its way."""

    frame: CameraFrame
    dark: bool
    fresh: bool
    depth: Float32Array | None


class Camera:
    """A rolling schedule of frames with jitter, drops, repeated images, noise and darkness."""

    def __init__(self, config: CameraConfig, renderer: Renderer, rng: np.random.Generator,
                 faults_rng: np.random.Generator, *, since_ns: int = 0) -> None:
        """
        Draw this flight's rate, latency and light.

        :param config: geometry, timing and faults.
        :param renderer: makes the images.
        :param rng: where the draws of timing and noise come from.
        :param faults_rng: where those of blackouts, light and latency come from.
        :param since_ns: when the first frame is taken.
        """
        # New streams go to the end: a flight that does not use them stays what it was.
        blackout_rng, light_rng, latency_rng, changes_rng, depth_rng = faults_rng.spawn(5)
        self._config = config
        self._renderer = renderer
        self._rng = rng
        self.interval = 1.0 / rng.uniform(*config.rate_hz)   # nominal [s]
        self._latency_ns = round(latency_rng.uniform(*config.latency_s) * NANOSECONDS)
        self._blackouts = Blackouts(config.blackout, blackout_rng)
        self._light = Light(config.light, light_rng)
        self._changes = LightChanges(config.light_changes, changes_rng)
        self._exposure = Exposure(config.exposure)
        focal = config.width / 2 / np.tan(np.deg2rad(config.horizontal_fov_deg) / 2)
        self._blur = (MotionBlur(config.shutter_s, float(focal), np.deg2rad(config.pitch_deg))
                      if config.shutter_s else None)
        self._depth_camera = None if config.depth is None else DepthCamera(config.depth,
                                                                           depth_rng)
        self._due_ns = since_ns
        self._last: ImageArray | None = None
        self._last_dark = False
        self._last_depth: Float32Array | None = None
        self._on_its_way: deque[_Taken] = deque()
        self._last_good_ns = since_ns
        self.dark_s = 0.0     # of the last frame delivered: since the last that was not black
        self.fresh = True     # whether that frame was an image of its own, not a repeated one
        self.depth_image: Float32Array | None = None   # of that frame, where depth is measured

    @property
    def depth(self) -> FloatArray:
        """Depth of the last image that was rendered, (height, width) [m]."""
        return self._renderer.depth

    def dark(self, stamp_ns: int) -> bool:
        """
        Tell whether images are black now.

        :param stamp_ns: simulated time, never backward.
        """
        return self._blackouts.dark(stamp_ns / NANOSECONDS)

    def frame(self, stamp_ns: int, position: FloatArray, orientation: FloatArray,
              angular_velocity: FloatArray = _STILL) -> CameraFrame | None:
        """
        Return a frame if one arrives now; its stamp is when it was taken.

        :param stamp_ns: simulated time.
        :param position: of base_link, (3,) world [m].
        :param orientation: of base_link, (4,) quaternion x, y, z, w.
        :param angular_velocity: (3,) world [rad/s].
        """
        if stamp_ns >= self._due_ns:
            self._take(stamp_ns, position, orientation, angular_velocity)
        if not self._on_its_way or (
                stamp_ns < self._on_its_way[0].frame.stamp_ns + self._latency_ns):
            return None
        frame, dark, self.fresh, self.depth_image = self._on_its_way.popleft()
        if dark:
            self.dark_s = (frame.stamp_ns - self._last_good_ns) / NANOSECONDS
        else:
            self._last_good_ns, self.dark_s = frame.stamp_ns, 0.0
        return frame

    def _take(self, stamp_ns: int, position: FloatArray, orientation: FloatArray,
              angular_velocity: FloatArray) -> None:
        """Take a frame and send it off, unless it is lost."""
        config, rng = self._config, self._rng
        # Drawn for every frame: without pixel noise, which only new images take, one fault does
        # not shift the others.
        jitter, lost, repeated = rng.uniform(-1, 1), rng.random(), rng.random()
        self._due_ns += round(self.interval * (1 + config.jitter * jitter) * NANOSECONDS)
        level = self._changes.level(stamp_ns / NANOSECONDS)
        exposure = level * self._exposure.gain(stamp_ns / NANOSECONDS,
                                               level * self._light.brightness)
        if lost < config.drop:
            return
        fresh = self._last is None or repeated >= config.stale
        if self._last is None or fresh:
            self._last_dark = self.dark(stamp_ns)
            self._last = self._image(position, orientation, angular_velocity, exposure)
        frame = CameraFrame(stamp_ns, self._last, self._renderer.horizontal_fov)
        self._on_its_way.append(_Taken(frame, self._last_dark, fresh, self._last_depth))

    def _image(self, position: FloatArray, orientation: FloatArray,
               angular_velocity: FloatArray, exposure: float) -> ImageArray:
        """Return a new image, black in the dark; depth is measured in the dark too."""
        config = self._config
        if self._last_dark and self._depth_camera is None:
            return np.zeros((config.height, config.width, 3), np.uint8)
        image = self._renderer.render(position, orientation)
        if self._depth_camera is not None:
            self._last_depth = self._depth_camera.measured(self._renderer.depth)
        if self._last_dark:
            return np.zeros((config.height, config.width, 3), np.uint8)
        if self._blur is not None:
            image = self._blur(image, orientation, angular_velocity)
        return self._noisy(self._light(image, exposure))

    def _noisy(self, image: ImageArray) -> ImageArray:
        if self._config.noise_std == 0:
            return image
        noise = self._rng.standard_normal(image.shape, dtype=np.float32)
        noisy = image + self._config.noise_std * noise
        return np.clip(np.rint(noisy), 0, 255).astype(np.uint8)
