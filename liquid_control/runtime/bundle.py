# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The policy bundle: a folder that holds all of a policy, loaded strictly or not at all.

Nothing is padded, nothing is pickled, nothing executable is loaded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
import hashlib
import math
from pathlib import Path

from liquid_control.config import build, nearest, share_directory
from liquid_control.errors import BundleError, ConfigError, SensorError
from liquid_control.runtime.golden import check_golden, write_golden
from liquid_control.runtime.integrity import HASHES, read_sealed, seal
from liquid_control.runtime.specification import (
    BundleSpec,
    CameraSpec,
    Normaliser,
    ObservationSpec,
)
from liquid_control.runtime.stepper import Stepper
from liquid_control.sensing.camera import CameraView, require_view
from liquid_control.signals import CommandSpec, FloatArray, ImageArray
import yaml

__all__ = ['Bundle', 'BundleSpec', 'CameraSpec', 'DEFAULT_POLICY', 'find', 'Normaliser',
           'ObservationSpec', 'policy_names', 'read_specification', 'record_golden', 'seal']

DEFAULT_POLICY = 'forest_liquid'
PITCH_TOLERANCE_DEG = 1.0     # a mount is not known better than this


@dataclass(frozen=True)
class Bundle:
    """A policy, checked; what was hashed is what is kept and run."""

    folder: Path
    spec: BundleSpec
    files: Mapping[str, bytes]     # name -> content, of every hashed file
    digest: str                    # sha256 of the hashes: names exactly this policy

    @classmethod
    def load(cls, folder: Path) -> Bundle:
        """
        Read and check a bundle: files, hashes, specification, networks, golden steps.

        :param folder: the bundle.
        :raises BundleError: for anything that is not as it was sealed.
        """
        return cls.load_tested(folder)[0]

    @classmethod
    def load_tested(cls, folder: Path) -> tuple[Bundle, Stepper]:
        """
        Load a bundle, and keep the networks that have reproduced its golden steps.

        :param folder: the bundle.
        :return: it, and its stepper: tested itself, and warm.
        :raises BundleError: for anything that is not as it was sealed.
        """
        files = read_sealed(folder)
        digest = hashlib.sha256((folder / HASHES).read_bytes()).hexdigest()
        bundle = cls(folder, _specification(folder, files['bundle.yaml']), files, digest)
        stepper = Stepper(bundle)
        check_golden(bundle, stepper)
        return bundle, stepper

    @property
    def command_spec(self) -> CommandSpec:
        """Return the axes of the command, with their limits."""
        return self.spec.command_spec

    @property
    def view(self) -> CameraView:
        """Return the image that the policy was trained on."""
        return self.spec.observation.camera.view

    def require_axes(self, names: Sequence[str]) -> None:
        """
        Check that this policy commands the vehicle at hand.

        :param names: axes that the vehicle takes, in order.
        :raises BundleError: if the policy has others.
        """
        if self.command_spec.names != tuple(names):
            raise BundleError(f'{self.folder}: expected a policy that commands '
                              f'{", ".join(names)}, found one that commands '
                              f'{", ".join(self.command_spec.names)}; it was trained for another '
                              'kind of vehicle: choose another policy')

    def require_camera(self, width: int, height: int, horizontal_fov_deg: float,
                       pitch_deg: float) -> None:
        """
        Check that a camera shows this policy what it was trained to see.

        :param width: of the images [px].
        :param height: of the images [px].
        :param horizontal_fov_deg: of the whole image.
        :param pitch_deg: of the mount, down positive.
        :raises BundleError: if the mount differs, or the field of view is too narrow.
        """
        camera = self.spec.observation.camera
        if abs(pitch_deg - camera.pitch_deg) > PITCH_TOLERANCE_DEG:
            raise BundleError(f'{self.folder}: expected a camera pitched {camera.pitch_deg:g} '
                              'degrees down, which this policy was trained with, found '
                              f'{pitch_deg:g}; turn the camera, or choose another policy')
        try:
            require_view(width, height, math.radians(horizontal_fov_deg), self.view)
        except SensorError as error:
            raise BundleError(f'{self.folder}: {error}') from error


def find(name_or_path: str | Path) -> Path:
    """
    Return the folder of a policy.

    :param name_or_path: name of a shipped policy, or path of a bundle.
    :raises BundleError: if there is none.
    """
    text = str(name_or_path)
    if text in policy_names():
        return _policies() / text
    path = Path(text).expanduser()
    if text and path.is_dir():
        return path
    if len(path.parts) > 1:
        raise BundleError(f'policy {text}: expected the folder of a bundle, found '
                          f'{"a file" if path.exists() else "nothing"} there; shipped policies: '
                          f'{", ".join(policy_names()) or "none"}')
    raise BundleError(f'unknown policy {text!r}{nearest(text, policy_names())} '
                      '(or give the path of a bundle)')


def read_specification(folder: Path) -> BundleSpec:
    """
    Read what a bundle says of itself, its hashes checked, without loading its networks.

    :param folder: the bundle.
    :raises BundleError: if a file is missing or altered, or the specification is wrong.
    """
    return _specification(folder, read_sealed(folder)['bundle.yaml'])


def policy_names() -> tuple[str, ...]:
    """Return the names of the shipped policies."""
    folder = _policies()
    if not folder.is_dir():
        return ()
    return tuple(sorted(path.name for path in folder.iterdir()
                        if (path / 'bundle.yaml').is_file()))


def record_golden(folder: Path, frames: ImageArray, imu: FloatArray, extra: FloatArray,
                  dt: FloatArray) -> None:
    """
    Write the golden steps of a bundle that is not sealed yet, by running its networks.

    :param folder: holds bundle.yaml, encoder.onnx and core.onnx.
    :param frames: (T, H, W, 3) uint8, at the bundle's size.
    :param imu: (T, 6), SI.
    :param extra: (T, E).
    :param dt: (T,) [s].
    :raises BundleError: if a file is missing, or the networks do not fit bundle.yaml.
    """
    files = {}
    for name in ('bundle.yaml', 'encoder.onnx', 'core.onnx'):
        path = folder / name
        if not path.is_file():
            raise BundleError(f'{folder}: {name} is missing; write it before the golden steps')
        files[name] = path.read_bytes()
    bundle = Bundle(folder, _specification(folder, files['bundle.yaml']), files, '')
    write_golden(bundle, frames, imu, extra, dt)


def _policies() -> Path:
    return share_directory() / 'config' / 'policies'


def _specification(folder: Path, content: bytes) -> BundleSpec:
    """Read bundle.yaml from the bytes that were checked."""
    where = str(folder / 'bundle.yaml')
    try:
        values = yaml.safe_load(content.decode('utf-8'))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BundleError(f'{where}: expected YAML, found: {error}') from error
    if not isinstance(values, dict):
        raise BundleError(f'{where}: expected keys and values, found {type(values).__name__}')
    if 'format' in values and values['format'] != 1:
        raise BundleError(f'{where}: expected format 1, found {values["format"]!r}; this bundle '
                          'belongs to another version of liquid_control')
    try:
        return build(BundleSpec, values, where)
    except ConfigError as error:
        raise BundleError(f'{error}; export the bundle again with this version') from error
