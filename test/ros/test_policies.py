# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The SROS 2 policies allow what the running nodes use, and little else; read from the graph."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
import xml.etree.ElementTree as ElementTree

from liquid_control.nodes.graph import Graph
import pytest

POLICIES = Path(__file__).parents[2] / 'config' / 'sros2' / 'policies.xml'
NODES = ('controller', 'guard', 'world', 'monitor')
# What a node uses only where something asks for it; each by the parameter, or the kind of policy,
# that does.
ON_DEMAND = {
    'controller': {
        'publish': {'~/shadow', '~/heartbeat', '~/ticks'},
        'subscribe': {'odom', 'flow', 'world/lockstep', 'cmd_vel', 'camera/image_raw/compressed'}},
    'guard': {
        'publish': {'~/heartbeat'},
        'subscribe': {'odom', 'range', 'depth/image_raw', 'camera/image_raw/compressed'}},
    'world': {'publish': {'/tf', '/tf_static', '~/lockstep'}},
    'monitor': {'subscribe': {'controller/neurons'}},
}

Rights = dict[str, set[str]]


def allowed() -> dict[str, Rights]:
    """Return what the file allows: enclave -> publish, subscribe, reply, request -> names."""
    found: dict[str, Rights] = {}
    for enclave in ElementTree.parse(POLICIES).getroot().iter('enclave'):
        profile, = enclave.iter('profile')
        node = enclave.attrib['path'].removeprefix('/liquid_control/')
        assert profile.attrib == {'ns': '/', 'node': node}
        rights: Rights = {right: set() for right in ('publish', 'subscribe', 'reply', 'request')}
        for entry in profile:
            for right, rule in entry.attrib.items():
                assert rule == 'ALLOW'
                names = [str(item.text) for item in entry]
                assert names and not any('*' in name for name in names), 'each by its name'
                rights[right] |= set(names)
        found[node] = rights
    return found


def test_one_node_commands_the_vehicle_and_one_engages_it() -> None:
    """Whoever else is broken into can do neither."""
    rights = allowed()
    assert [node for node in rights if 'cmd_vel' in rights[node]['publish']] == ['guard']
    assert [node for node in rights if 'cmd_vel_policy' in rights[node]['publish']] == [
        'controller']
    assert [node for node in rights if 'cmd_vel_manual' in rights[node]['publish']] == ['operator']
    assert [node for node in rights if '~/engage' in rights[node]['reply']] == [
        'controller', 'guard']
    assert [node for node in rights if 'guard/engage' in rights[node]['request']] == [
        'controller', 'operator']
    assert not rights['monitor']['request']
    assert not rights['world']['request']


def used(node: Any, name: str) -> Rights:
    """Return what a running node has on the graph, by names as the file writes them."""
    def short(full: str) -> str:
        own = f'/{name}/'
        if full.startswith(own):
            return '~/' + full.removeprefix(own)
        absolute = {'/clock', '/diagnostics', '/rosout', '/parameter_events', '/tf', '/tf_static'}
        return full if full in absolute else full.removeprefix('/')

    asked: dict[str, Callable[[str, str], list[tuple[str, list[str]]]]] = {
        'publish': node.get_publisher_names_and_types_by_node,
        'subscribe': node.get_subscriber_names_and_types_by_node,
        'reply': node.get_service_names_and_types_by_node,
        'request': node.get_client_names_and_types_by_node}
    return {right: {short(topic) for topic, _ in ask(name, '/')} for right, ask in asked.items()}


def test_the_running_nodes_use_what_is_allowed_and_no_more(
        graph: Graph, probe: Any, policy: str, quick_world: Callable[..., str]) -> None:
    """A right that nothing uses is a hole; one that is missing stops the vehicle."""
    common = {'use_sim_time': True}
    piloting = {**common, 'policy': policy, 'sim': True, 'auto_engage': True}
    graph.start('world', {'world': quick_world(time_limit=600.0), 'listeners': 3})
    graph.start('controller', piloting)
    graph.start('guard', piloting)
    graph.start('monitor', {**common, 'live': False})
    probe.until(probe.moving, 'it flies')
    rights = allowed()
    for name in NODES:
        # Discovery of the last entities may still be under way.
        def found(name: str = name) -> Rights:
            return used(probe.node, name)

        def complete(name: str = name) -> bool:
            if name not in probe.node.get_node_names():
                return False
            needed = {right: names - ON_DEMAND.get(name, {}).get(right, set())
                      for right, names in rights[name].items()}
            return all(names <= found(name)[right] for right, names in needed.items())

        try:
            probe.until(complete, f'{name} uses what it may', limit=15.0)
        except AssertionError:
            pytest.fail(f'{name} may, and does not: ' + '; '.join(
                f'{right} {sorted(names - found()[right])}'
                for right, names in rights[name].items()))
        for right, names in found().items():
            assert names <= rights[name][right], f'{name}: {right}'
