# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Networks and data become a sealed policy bundle, checked by loading it."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
import shutil
from typing import Any

from liquid_control import __version__
from liquid_control.errors import BundleError
from liquid_control.nets.export import export_networks
from liquid_control.nets.policy import Policy
from liquid_control.runtime.bundle import Bundle, record_golden, seal
from liquid_control.runtime.integrity import read_sealed
from liquid_control.runtime.specification import Normaliser
from liquid_control.sensing.imu import IMU_NAMES
from liquid_control.signals import Float32Array, FloatArray, ImageArray
from liquid_control.sim.world_config import load_world
from liquid_control.training.dataset import Dataset
from liquid_control.training.mirror import IMU_SIGNS
from liquid_control.training.settings import settings_values, TrainingConfig
import numpy as np
from numpy.typing import NDArray
import yaml

GOLDEN_STEPS = 16
TOLERANCE = 1e-4
GPU_TOLERANCE = 1e-3       # asked of CUDA and TensorRT: a thousandth of a limit moves nothing
UNTRAINED = Normaliser((0.0, 0.0, 9.81, 0.0, 0.0, 0.0), (1.0, 1.0, 1.0, 1.0, 1.0, 1.0))
_SAMPLE = 20_000  # frames, evenly spread, that statistics are taken from


def sample(data: Dataset) -> NDArray[np.int64]:
    """
    Return frames evenly spread over the data.

    :param data: all flights.
    """
    return np.arange(0, len(data), max(1, len(data) // _SAMPLE))


def fit_normaliser(data: Dataset) -> Normaliser:
    """
    Choose shift and scale of the IMU; what a mirror turns keeps a mean of zero.

    :param data: flights of the first round.
    """
    imu = data.rows(sample(data))['imu'].astype(np.float64)
    mean = np.where(IMU_SIGNS > 0, imu.mean(0), 0.0)
    scale = np.maximum(np.sqrt(((imu - mean) ** 2).mean(0)), 1e-3)
    return Normaliser(_six(mean), _six(scale))


def _six(values: NDArray[np.float64]) -> tuple[float, float, float, float, float, float]:
    """Return six numbers as the specification takes them, short enough to read."""
    one, two, three, four, five, six = (float(f'{value:.6g}') for value in values)
    return one, two, three, four, five, six


def statistics(data: Dataset, features: Float32Array, states: Float32Array,
               extra: Sequence[str]) -> dict[str, Float32Array]:
    """
    Describe what training saw, so that a robot can tell when it sees something else.

    :param data: all flights.
    :param features: (n, features) of the encoder on recorded frames.
    :param states: (n, S), hidden states of the head in flights.
    :param extra: names of the policy's optional inputs.
    """
    indices = sample(data)
    rows = data.rows(indices)
    kinds = {'imu': rows['imu'], 'extra': data.extra(extra, indices, rows),
             'command': rows['label'], 'dt': rows['dt'][:, None], 'features': features,
             'state': states}
    found = {}
    for name, values in kinds.items():
        found[f'{name}_mean'] = values.mean(0).astype(np.float32)
        found[f'{name}_std'] = values.std(0).astype(np.float32)
        if values.shape[1]:
            found[f'{name}_quantiles'] = np.quantile(
                values, (0.0, 0.01, 0.5, 0.99, 1.0), 0).astype(np.float32)
    return found


def write_bundle(folder: Path, policy: Policy, normaliser: Normaliser, config: TrainingConfig,
                 provenance: dict[str, Any], seen: dict[str, Float32Array] | None = None,
                 data: Dataset | None = None) -> None:
    """
    Write, seal and load a bundle.

    :param folder: that is written, whole or not at all.
    :param policy: the networks.
    :param normaliser: of the IMU.
    :param config: of the run.
    :param provenance: of the training; no paths.
    :param seen: statistics, or None for an untrained policy.
    :param data: whose first frames are the golden steps; noise, for an untrained policy.
    :raises BundleError: if what was written does not load.
    """
    half = folder.with_name(folder.name + '.part')
    for old in (half, folder):
        shutil.rmtree(old, ignore_errors=True)
    half.mkdir(parents=True)
    export_networks(policy.encoder, policy.head, half)
    values = _specification(policy, normaliser, config, provenance)
    (half / 'bundle.yaml').write_text(yaml.safe_dump(values, sort_keys=False, width=99),
                                      encoding='utf-8')
    if seen is not None:
        np.savez_compressed(half / 'statistics.npz', allow_pickle=False, **seen)
    frames, imu, extra, dt = _golden_inputs(config, data)
    record_golden(half, frames, imu, extra, dt)
    seal(half)
    Bundle.load(half)
    half.rename(folder)


def publish(source: Path, target: Path) -> None:
    """
    Copy a bundle so that no half of one is ever there; one that is there already is kept.

    :param source: the bundle.
    :param target: its copy, replaced if it is another or altered.
    """
    half, old = (target.with_name(target.name + end) for end in ('.part', '.old'))
    for folder in (half, old):
        shutil.rmtree(folder, ignore_errors=True)
    if target.exists() and _same(source, target):
        return
    shutil.copytree(source, half)
    if target.exists():
        target.rename(old)
    half.rename(target)
    shutil.rmtree(old, ignore_errors=True)


def _same(one: Path, other: Path) -> bool:
    """Tell whether two folders hold the same sealed files."""
    try:
        return read_sealed(one) == read_sealed(other)
    except BundleError:
        return False


def _specification(policy: Policy, normaliser: Normaliser, config: TrainingConfig,
                   provenance: dict[str, Any]) -> dict[str, Any]:
    """Put bundle.yaml together."""
    net, cell = config.policy, policy.head.cell
    camera = load_world(config.collection.worlds[0]).camera
    return {
        'format': 1, 'name': config.name, 'description': config.description,
        'observation': {
            'camera': {'width': net.width, 'height': net.height,
                       'horizontal_fov_deg': camera.horizontal_fov_deg,
                       'pitch_deg': camera.pitch_deg},
            'imu': list(IMU_NAMES), 'extra': list(net.extra), 'features': net.features},
        'command': [asdict(axis) for axis in config.command],
        'normaliser': {'imu_mean': list(normaliser.imu_mean),
                       'imu_scale': list(normaliser.imu_scale)},
        'step_on': config.step_on, 'dt_range': list(config.dt_range),
        'nominal_dt': net.nominal_dt,
        'neurons': list(cell.neuron_names), 'state_size': cell.state_size,
        'golden_tolerance': {'CPUExecutionProvider': TOLERANCE,
                             'CUDAExecutionProvider': GPU_TOLERANCE,
                             'TensorrtExecutionProvider': GPU_TOLERANCE},
        'training': {'package_version': __version__, **provenance,
                     'config': settings_values(config)}}


def _golden_inputs(config: TrainingConfig, data: Dataset | None) -> tuple[
        ImageArray, FloatArray, FloatArray, FloatArray]:
    """Take the first steps of the data, or noise where there is none yet."""
    if data is not None:
        indices = np.arange(min(GOLDEN_STEPS, len(data)))
        rows = data.rows(indices)
        extra = data.extra(config.policy.extra, indices, rows)
        return (data.frames(indices), rows['imu'].astype(float), extra.astype(float),
                rows['dt'].astype(float))
    net, numbers = config.policy, np.random.default_rng(config.seed)
    shape = (GOLDEN_STEPS, net.height, net.width, 3)
    return (numbers.integers(256, size=shape, dtype=np.uint8),
            np.tile([0.0, 0.0, 9.81, 0.0, 0.0, 0.0], (GOLDEN_STEPS, 1)),
            np.zeros((GOLDEN_STEPS, len(net.extra))),
            np.full(GOLDEN_STEPS, net.nominal_dt))
