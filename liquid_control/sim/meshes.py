# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Low-polygon meshes: the software renderer's time goes by triangles and pixels."""

from liquid_control.signals import FloatArray
import numpy as np

Mesh = tuple[FloatArray, FloatArray, list[int]]   # vertices (V, 3), normals (V, 3), indices


def pillar(radius: float, height: float, sides: int = 10) -> Mesh:
    """
    Build an upright prism around z with smooth normals, standing on z = 0, with a lid.

    :param radius: of the circle around it [m].
    :param height: [m].
    :param sides: number of faces.
    """
    angles = 2 * np.pi * np.arange(sides) / sides
    outward = np.stack([np.cos(angles), np.sin(angles), np.zeros(sides)], axis=1)
    bottom = radius * outward
    top = bottom + [0.0, 0.0, height]
    lid = top.copy()
    centre = np.array([[0.0, 0.0, height]])
    up = np.tile([0.0, 0.0, 1.0], (sides + 1, 1))
    indices: list[int] = []
    for side in range(sides):
        after = (side + 1) % sides
        indices += [side, after, sides + after, side, sides + after, sides + side]
        indices += [2 * sides + side, 2 * sides + after, 3 * sides]
    return (np.concatenate([bottom, top, lid, centre]),
            np.concatenate([outward, outward, up]), indices)


def pillar_texture(height: float, sides: int = 10) -> FloatArray:
    """
    Return the places of a pillar's vertices in a texture, (V, 2): once around it, 1 m a time up.

    :param height: [m].
    :param sides: number of faces.
    """
    # To and fro around it, so that the last face joins the first.
    around = 1.0 - np.abs(1.0 - 2.0 * np.arange(sides) / sides)
    bottom = np.stack([around, np.zeros(sides)], axis=1)
    top = np.stack([around, np.full(sides, height)], axis=1)
    return np.concatenate([bottom, top, top, top[:1]])


def stripe(right: FloatArray, left: FloatArray, height: float) -> Mesh:
    """
    Build a level band between two lines, to be seen from above.

    :param right: (N, 2) one line [m].
    :param left: (N, 2) the other, to the left of the way along the first [m].
    :param height: above the ground [m].
    """
    count = len(right)
    vertices = np.column_stack([np.concatenate([right, left]), np.full(2 * count, height)])
    indices: list[int] = []
    for here in range(count - 1):
        indices += [here, here + 1, count + here + 1, here, count + here + 1, count + here]
    return vertices, np.tile([0.0, 0.0, 1.0], (2 * count, 1)), indices


def ball(radius: float, rings: int = 6, sides: int = 10) -> Mesh:
    """
    Build a sphere of quads between two poles.

    :param radius: [m].
    :param rings: from pole to pole.
    :param sides: around the axis.
    """
    polar = np.pi * np.arange(rings + 1) / rings
    around = 2 * np.pi * np.arange(sides) / sides
    normals = np.array([[np.sin(p) * np.cos(a), np.sin(p) * np.sin(a), np.cos(p)]
                        for p in polar for a in around])
    indices: list[int] = []
    for ring in range(rings):
        for side in range(sides):
            here, after = ring * sides + side, ring * sides + (side + 1) % sides
            indices += [here, here + sides, after + sides, here, after + sides, after]
    return radius * normals, normals, indices


def wavefront(mesh: Mesh, places: FloatArray | None = None) -> str:
    """
    Write a mesh in Wavefront's OBJ format.

    :param mesh: what.
    :param places: (V, 2) of its vertices in a texture.
    """
    vertices, normals, indices = mesh
    where = np.zeros((len(vertices), 2)) if places is None else places
    lines = [f'{kind} ' + ' '.join(f'{value:.9g}' for value in row)
             for kind, rows in (('v', vertices), ('vt', where), ('vn', normals)) for row in rows]
    faces = np.reshape(indices, (-1, 3)) + 1
    lines += ['f ' + ' '.join(f'{corner}/{corner}/{corner}' for corner in face) for face in faces]
    return '\n'.join(lines) + '\n'
