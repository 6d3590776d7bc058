# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What stands in a scene, and its goals, as bodies in a Bullet world."""

from collections.abc import Sequence
import struct
import tempfile

from liquid_control.signals import FloatArray, ImageArray
from liquid_control.sim import meshes
from liquid_control.sim.bullet import Bullet
from liquid_control.sim.mission.ball import Ball
from liquid_control.sim.mission.gate import Gate
from liquid_control.sim.mission.goal import Goal
from liquid_control.sim.mission.lane import Lane
from liquid_control.sim.scene import Scene
from liquid_control.sim.scenery.solids import Box, Obstacle
import numpy as np

_LEVEL = (0.0, 0.0, 0.0, 1.0)


def build_scene(bullet: Bullet, scene: Scene) -> 'GoalBodies':
    """
    Put ground, obstacles, walls and goals into a Bullet world.

    :param bullet: the world to build it in.
    :param scene: what to build.
    :returns: what shows which goal is the next.
    """
    ground = bullet.loadURDF('plane.urdf')
    bullet.changeVisualShape(ground, -1, rgbaColor=_opaque(scene.ground_color))
    pillars = [_build_obstacle(bullet, obstacle) for obstacle in scene.obstacles]
    walls = [_build_box(bullet, wall) for wall in scene.walls]
    if scene.lane is not None:
        _paint_lane(bullet, scene.lane)
    textures = scene.appearance.textures
    if textures is not None:
        for bodies, image in (([ground], textures.ground), (pillars, textures.bark),
                              (walls, textures.wall)):
            texture = _load_texture(bullet, image)
            for body in bodies:
                bullet.changeVisualShape(body, -1, textureUniqueId=texture)
    return GoalBodies(bullet, scene.goals, ground)


def _paint_lane(bullet: Bullet, lane: Lane) -> None:
    """Lay a lane and its two lines on the ground; nothing can be touched there."""
    config = lane.config
    edge, half = lane.width / 2 + 2 * config.line, config.line / 2
    stripes = [(-edge, edge, 0.004, config.surface)] + [
        (side * lane.width / 2 - half, side * lane.width / 2 + half, 0.008, config.color)
        for side in (-1.0, 1.0)]
    for right, left, height, color in stripes:
        mesh = meshes.stripe(lane.border(right), lane.border(left), height)
        _mesh_body(bullet, mesh, np.array(color))


def _load_texture(bullet: Bullet, image: ImageArray) -> int:
    """Hand an image to Bullet, which reads files alone: as a Targa file, the simplest it knows."""
    height, width = image.shape[:2]
    head = struct.pack('<BBBHHBHHHHBB', 0, 0, 2, 0, 0, 0, 0, 0, width, height, 24, 0x20)
    with tempfile.NamedTemporaryFile(suffix='.tga') as file:
        file.write(head + image[..., ::-1].tobytes())
        file.flush()
        return int(bullet.loadTexture(file.name))


class GoalBodies:
    """Goals one can see: the next ball alone, and all gates, the next in its own colour."""

    def __init__(self, bullet: Bullet, goals: tuple[Goal, ...], ground: int) -> None:
        """
        Build them, and show the first.

        :param bullet: the world to build them in.
        :param goals: in order.
        :param ground: Bullet's number of what they stand on.
        """
        self._bullet, self.ground = bullet, ground
        self._goals = goals
        self._gates = {index: [_build_box(bullet, box) for box in goal.boxes]
                       for index, goal in enumerate(goals) if isinstance(goal, Gate)}
        self._ball: int | None = None
        self.show(0, 0.0)

    def show(self, index: int, t: float) -> None:
        """
        Show that a goal is the next; those before it are done.

        :param index: of the goal; past the last, all are done.
        :param t: since the start of the flight [s].
        """
        if self._ball is not None:
            self._bullet.removeBody(self._ball)
            self._ball = None
        for number, bodies in self._gates.items():
            if number in (index - 1, index):
                gate = self._goals[number]
                assert isinstance(gate, Gate)
                color = gate.color if number == index else gate.boxes[0].color
                for body in bodies:
                    self._bullet.changeVisualShape(body, -1, rgbaColor=_opaque(color))
        goal = self._goals[index] if index < len(self._goals) else None
        if isinstance(goal, Ball):
            # A goal, not an obstacle: no collision.
            self._ball = _mesh_body(self._bullet, meshes.ball(goal.radius), np.array(goal.color),
                                    position=goal.place(t))

    def move(self, place: tuple[float, ...]) -> None:
        """
        Move the ball that is shown.

        :param place: (3,) of its centre [m].
        """
        if self._ball is not None:
            self._bullet.resetBasePositionAndOrientation(self._ball, place, _LEVEL)


def _build_obstacle(bullet: Bullet, obstacle: Obstacle) -> int:
    collision = bullet.createCollisionShape(
        bullet.GEOM_CYLINDER, radius=obstacle.radius, height=obstacle.height,
        collisionFramePosition=[0.0, 0.0, obstacle.height / 2])
    return _mesh_body(bullet, meshes.pillar(obstacle.radius, obstacle.height), obstacle.color,
                      collision=collision, position=[*obstacle.position, 0.0],
                      places=meshes.pillar_texture(obstacle.height))


def _build_box(bullet: Bullet, box: Box) -> int:
    half = (box.size / 2).tolist()
    visual = bullet.createVisualShape(bullet.GEOM_BOX, halfExtents=half,
                                      rgbaColor=_opaque(box.color), specularColor=[0.0, 0.0, 0.0])
    collision = bullet.createCollisionShape(bullet.GEOM_BOX, halfExtents=half)
    turned = [0.0, 0.0, float(np.sin(box.yaw / 2)), float(np.cos(box.yaw / 2))]
    return int(bullet.createMultiBody(0.0, collision, visual, box.centre.tolist(), turned))


def _mesh_body(bullet: Bullet, mesh: meshes.Mesh, color: FloatArray, *, collision: int = -1,
               position: Sequence[float] = (0.0, 0.0, 0.0),
               places: FloatArray | None = None) -> int:
    """
    Build a body that looks like a mesh; `places` (V, 2) are those of its vertices in a texture.

    By a file, which Bullet reads until the body is there: a mesh that it is handed by its vertices
    it never frees, 17 kB of each pillar.
    """
    with tempfile.NamedTemporaryFile('w', suffix='.obj', encoding='ascii') as file:
        file.write(meshes.wavefront(mesh, places))
        file.flush()
        visual = bullet.createVisualShape(bullet.GEOM_MESH, fileName=file.name,
                                          rgbaColor=_opaque(color),
                                          specularColor=[0.0, 0.0, 0.0])
        return int(bullet.createMultiBody(0.0, collision, visual, position))


def _opaque(color: FloatArray | tuple[float, float, float]) -> list[float]:
    return [*np.clip(color, 0, 1), 1.0]
