# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Definitions that go into a bag, held against those that `rosbags` knows by itself."""

from liquid_control.errors import BagError
from liquid_control.nodes.definitions import message_type
from liquid_control.nodes.graph import environment
import pytest

pytest.importorskip('rclpy')
typesys = pytest.importorskip('rosbags.typesys')
from liquid_control.nodes.recorder import topics  # noqa: E402, I100


@pytest.fixture(autouse=True)
def ament(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the environment that nodes have."""
    monkeypatch.setenv('AMENT_PREFIX_PATH', environment()['AMENT_PREFIX_PATH'])


@pytest.mark.parametrize('name', sorted({
    f'{kind.__module__.split(".")[0]}/msg/{kind.__name__}'
    for stamped, images in ((True, 'raw'), (False, 'compressed'))
    for kind, _ in topics(stamped, images).values()}))
def test_every_recorded_type_is_defined_whole(name: str) -> None:
    """The fields of the type and of all nested ones, and the hash that ROS tools compare."""
    found = message_type(name)
    known = typesys.get_typestore(typesys.Stores.ROS2_JAZZY)
    defined = typesys.get_types_from_msg(found.definition, name)
    assert name in defined
    for nested, fields in defined.items():
        assert fields == known.fielddefs[nested], nested
    if found.type_hash:      # share/ has the hashes from Iron on
        assert found.type_hash == known.hash_rihs01(name)


def test_a_type_that_is_not_installed_is_named() -> None:
    with pytest.raises(BagError, match='install nowhere_msgs, or source the workspace'):
        message_type('nowhere_msgs/msg/Nothing')
