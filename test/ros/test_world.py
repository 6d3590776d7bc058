# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The world node: what of its sensors and its vehicle's beliefs comes out over ROS."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from liquid_control.nodes import messages
from liquid_control.nodes.graph import Graph
from nav_msgs.msg import Odometry
import numpy as np
import pytest
from sensor_msgs.msg import Image
import yaml

DRIFTING = {'velocity_estimate': {'drifting': {'time_constant_s': [5.0, 5.0]}},
            'flow': {'noise_std': 0.0}}


def write(folder: Path, **sections: dict[str, Any]) -> str:
    """Write the empty world with other values in some sections."""
    shipped = Path(__file__).parents[2] / 'sim_worlds' / 'empty.yaml'
    world = yaml.safe_load(shipped.read_text('utf-8'))
    for name, values in sections.items():
        world[name] |= values
    path = folder / 'mine.yaml'
    path.write_text(yaml.safe_dump(world))
    return str(path)


def test_odom_carries_the_estimate_and_a_late_image_its_own_stamp(
        graph: Graph, probe: Any, tmp_path: Path) -> None:
    world = write(tmp_path, imu={'specific_force_noise': 0.0, 'specific_force_bias': 0.15},
                  vehicle=DRIFTING, camera={'latency_s': [0.1, 0.1]})
    odometry, images = probe.listen(Odometry, 'odom'), probe.listen(Image, 'camera/image_raw')
    graph.start('world', {'world': world, 'wind': 'W0', 'seed': 500_000, 'listeners': 0})
    probe.until(lambda: len(odometry) > 30 and len(images) > 30, 'odometry and images')
    places = np.array([[getattr(message.pose.pose.position, axis) for axis in 'xyz']
                       for message in odometry])
    stamps = np.array([messages.stamp_ns(message.header.stamp) for message in odometry]) * 1e-9
    linear = [message.twist.twist.linear for message in odometry]
    # It believes that it hovers, and flies.
    assert max(np.linalg.norm([one.x, one.y, one.z]) for one in linear) < 0.3
    assert np.linalg.norm(places[-1] - places[0]) > 0.5 * (stamps[-1] - stamps[0])
    taken = np.array([messages.stamp_ns(message.header.stamp) for message in images[2:-2]]) * 1e-9
    late = stamps[:, None] - taken
    assert np.all(np.any((late > 0.099) & (late < 0.106), axis=0))


@pytest.mark.parametrize('sensor', ['camera', 'imu'])
def test_lockstep_refuses_late_sensors(refused: Callable[..., str], tmp_path: Path,
                                       sensor: str) -> None:
    world = write(tmp_path, **{sensor: {'latency_s': [0.0, 0.05]}})
    text = refused('world', '-p', f'world:={world}', '-p', 'lockstep:=true')
    assert f'found {sensor}: latency_s up to 0.05 s' in text
