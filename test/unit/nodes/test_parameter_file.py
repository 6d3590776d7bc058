# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What a parameter file says to one node, by the rules of rcl."""

from pathlib import Path

from liquid_control.nodes.parameter_file import in_shadow, node_parameters
import pytest


@pytest.mark.parametrize(('text', 'namespace', 'shadow'), [
    ('/**: {ros__parameters: {shadow: true}}', '', True),
    ('/**: {ros__parameters: {shadow: true}}', 'alpha/one', True),
    ('/**/controller: {ros__parameters: {shadow: true}}', '', True),
    ('/**/controller: {ros__parameters: {shadow: true}}', 'alpha', True),
    ('/*/controller: {ros__parameters: {shadow: true}}', '', None),
    ('/*/controller: {ros__parameters: {shadow: true}}', '/alpha', True),
    ('controller: {ros__parameters: {shadow: true}}', '', True),
    ('controller: {ros__parameters: {shadow: true}}', 'alpha', None),
    ('alpha: {controller: {ros__parameters: {shadow: true}}}', 'alpha', True),
    ('/drone_2/controller: {ros__parameters: {shadow: true}}', 'drone_1', None),
    ('/**/other: {ros__parameters: {shadow: true}}', '', None),
    ('/**: {ros__parameters: {shadow: true}}\n'
     '/**/controller: {ros__parameters: {shadow: false}}', '', False),
    ('controller:', '', None), ('controller: {ros__parameters: }', '', None), ('', '', None),
    ('[', '', None), ('- 1', '', None)])
def test_names_are_matched_as_rcl_does(text: str, namespace: str, shadow: bool | None,
                                       tmp_path: Path) -> None:
    file = tmp_path / 'mine.yaml'
    file.write_text(text)
    assert node_parameters(str(file), namespace, 'controller').get('shadow') is shadow


def test_a_file_that_is_not_there_says_nothing(tmp_path: Path) -> None:
    assert node_parameters(str(tmp_path / 'none.yaml'), '', 'controller') == {}


@pytest.mark.parametrize(('value', 'shadow'), [
    ('true', True), ('Yes', True), ('on', True), ('y', True), ('Y', True), ('n', False),
    ('false', False), ('"true"', False), ('1', False)])
def test_shadow_is_true_where_rcl_takes_it_for_true(value: str, shadow: bool,
                                                    tmp_path: Path) -> None:
    """What it takes for text or a number, the controller refuses."""
    file = tmp_path / 'mine.yaml'
    file.write_text(f'controller: {{ros__parameters: {{shadow: {value}}}}}')
    assert in_shadow(str(file), '') is shadow
