# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What the world looks like from a camera's pose."""

from liquid_control.signals import FloatArray, ImageArray
from liquid_control.sim.bullet import Bullet
from liquid_control.sim.inner_loop import rotation_matrix
from liquid_control.sim.scene import Scene
from liquid_control.sim.sensor_config import CameraConfig, FARTHEST_DRAWN
import numpy as np

_NEAR, _FAR = 0.05, 60.0                    # clipping planes [m]


class Renderer:
    """A pinhole camera fixed to the vehicle, rendered by Bullet's TinyRenderer."""

    def __init__(self, bullet: Bullet, config: CameraConfig, scene: Scene) -> None:
        """
        Prepare projection, light and sky.

        :param bullet: a world in which the scene is built.
        :param config: size, field of view, pitch.
        :param scene: for light and sky.
        """
        self._bullet = bullet
        self._size = (config.width, config.height)
        self.horizontal_fov = float(np.deg2rad(config.horizontal_fov_deg))
        vertical = 2 * np.arctan(np.tan(self.horizontal_fov / 2) * config.height / config.width)
        self._projection = bullet.computeProjectionMatrixFOV(
            float(np.rad2deg(vertical)), config.width / config.height, _NEAR, _FAR)
        pitch = np.deg2rad(config.pitch_deg)
        self._forward = np.array([np.cos(pitch), 0.0, -np.sin(pitch)])
        self._up = np.array([np.sin(pitch), 0.0, np.cos(pitch)])
        self._mount = np.array(config.mount)
        self._light = (10.0 * scene.light).tolist()
        self._looks = scene.appearance
        blend = np.linspace(1.0, 0.0, config.height)[:, None]     # zenith above, horizon below
        self._sky = (255 * (scene.sky_color[1] * blend + scene.sky_color[0] * (1 - blend)))
        self.depth: FloatArray = np.full((config.height, config.width), _FAR)  # of the last image

    def render(self, position: FloatArray, orientation: FloatArray) -> ImageArray:
        """
        Render one image.

        :param position: of base_link, (3,) world [m].
        :param orientation: of base_link, (4,) quaternion x, y, z, w.
        :return: (height, width, 3) RGB; `depth` then holds metres along the optical axis.
        """
        bullet = self._bullet
        rotation = rotation_matrix(orientation)
        eye = position + rotation @ self._mount
        view = bullet.computeViewMatrix(eye, eye + rotation @ self._forward, rotation @ self._up)
        width, height = self._size
        _, _, color, depth, _ = bullet.getCameraImage(
            width, height, view, self._projection, lightDirection=self._light,
            lightAmbientCoeff=self._looks.ambient, lightDiffuseCoeff=self._looks.diffuse,
            lightSpecularCoeff=0.0, shadow=0,
            renderer=bullet.ER_TINY_RENDERER, flags=bullet.ER_NO_SEGMENTATION_MASK)
        buffer = np.reshape(depth, (height, width)).astype(float)
        self.depth = _FAR * _NEAR / (_FAR - (_FAR - _NEAR) * buffer)
        image = np.array(np.reshape(color, (height, width, 4))[..., :3], dtype=np.uint8)
        sky = self.depth > FARTHEST_DRAWN
        image[sky] = self._sky[np.nonzero(sky)[0]].astype(np.uint8)
        return image
