# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
What a training YAML says: everything that a run depends on, and nothing about the machine.

A run is this file, the version of the package, and the number of threads.
"""

from dataclasses import asdict, dataclass
from typing import Any, Literal

from liquid_control.config import nearest
from liquid_control.errors import ConfigError
from liquid_control.nets.policy import NetConfig
from liquid_control.sensing.extra import EXTRA_NAMES
from liquid_control.signals import Axis, CommandSpec
from liquid_control.sim.seeds import TRAINING_SEEDS, VALIDATION_SEEDS
from liquid_control.sim.sensor_config import BlackoutConfig
from liquid_control.sim.vehicle import DRONE
from liquid_control.training.variants import check_shares, VariantConfig
import yaml


def _positive(where: str, **values: float) -> None:
    """Refuse what must be above zero and is not."""
    for name, value in values.items():
        if value <= 0:
            raise ConfigError(f'{where}.{name}: expected more than 0, found {value}')


def _share(where: str, **values: float) -> None:
    """Refuse a share or probability outside [0, 1]."""
    for name, value in values.items():
        if not 0.0 <= value <= 1.0:
            raise ConfigError(f'{where}.{name}: expected a value in [0, 1], found {value}')


@dataclass(frozen=True)
class DisturbanceConfig:
    """Bursts of noise on the flown command; labels stay clean, so recoveries are seen."""

    share: float = 0.5             # of the flights that have them
    every_s: float = 2.5           # mean time between bursts
    length_s: tuple[float, float] = (0.2, 0.8)
    amplitude: float = 0.8         # standard deviation, as a share of each axis limit

    def __post_init__(self) -> None:
        """Refuse probabilities and times out of range."""
        _share('disturbance', share=self.share)
        _positive('disturbance', every_s=self.every_s, shortest=self.length_s[0])


@dataclass(frozen=True)
class FaultConfig:
    """Faults of the camera, drawn uniformly for every flight; null leaves the world's own."""

    share: float = 1.0             # of the flights that have each of the next four
    jitter: tuple[float, float] | None = None      # of each interval, as a share of it
    drop: tuple[float, float] | None = None        # probability that a frame is lost
    stale: tuple[float, float] | None = None       # that a frame repeats the last image
    noise_std: tuple[float, float] | None = None   # of 255
    blackout_share: float = 0.0                    # of the flights that have blackouts
    blackout: BlackoutConfig = BlackoutConfig()

    def __post_init__(self) -> None:
        """Refuse ranges that run backward, and shares out of range."""
        _share('faults', share=self.share, blackout_share=self.blackout_share)
        for name, highest in (('jitter', 0.95), ('drop', 0.95), ('stale', 1.0),
                              ('noise_std', 255.0)):
            low, high = getattr(self, name) or (0.0, 0.0)
            if not 0.0 <= low <= high <= highest:
                raise ConfigError(f'faults.{name}: expected 0 <= low <= high <= {highest}, '
                                  f'found {low}, {high}')


@dataclass(frozen=True)
class RoundConfig:
    """One round: flights are added, then encoder and head are trained on all there is."""

    flights: int
    expert_share: float            # of the time that the expert flies (beta of DAgger)
    encoder_frames: int            # shown to the encoder, repetitions included
    head_iterations: int
    winds: tuple[str, ...] | None = None     # of this round; null: those of the collection
    faults: FaultConfig | None = None        # likewise; {} for those of the world alone

    def __post_init__(self) -> None:
        """Refuse a round that flies or trains nothing."""
        _positive('rounds', flights=self.flights, encoder_frames=self.encoder_frames,
                  head_iterations=self.head_iterations)
        _share('rounds', expert_share=self.expert_share)
        if self.winds is not None and not self.winds:
            raise ConfigError('rounds.winds: expected at least one wind, or null, found none')


@dataclass(frozen=True)
class CollectionConfig:
    """Where and how data is flown."""

    worlds: tuple[str, ...] = ('forest',)
    winds: tuple[str, ...] = ('W0', 'W1', 'W2', 'W3', 'W4', 'W5')
    first_seed: int = 0
    camera_rate_hz: tuple[float, float] = (15.0, 60.0)   # drawn log-uniformly per flight
    flights_per_shard: int = 6
    segment_s: float = 1.5         # mean time until expert or policy takes over, in DAgger
    max_time_s: float = 30.0       # a flight is cut here
    disturbance: DisturbanceConfig = DisturbanceConfig()
    faults: FaultConfig = FaultConfig()
    variants: tuple[VariantConfig, ...] = ()    # vehicles other than the world's

    def __post_init__(self) -> None:
        """Refuse seeds that are not for training."""
        check_shares(self.variants)
        _positive('collection', flights_per_shard=self.flights_per_shard,
                  segment_s=self.segment_s, max_time_s=self.max_time_s,
                  slowest_rate=self.camera_rate_hz[0])
        if not self.camera_rate_hz[0] <= self.camera_rate_hz[1] <= 240:
            raise ConfigError('collection.camera_rate_hz: expected low <= high <= 240, '
                              f'found {self.camera_rate_hz}')
        if self.first_seed not in TRAINING_SEEDS:
            raise ConfigError(f'collection.first_seed: expected a training seed, 0 to '
                              f'{TRAINING_SEEDS[-1]}, found {self.first_seed}')


@dataclass(frozen=True)
class AugmentationConfig:
    """What the camera may suffer; strengths are drawn per image."""

    noise: tuple[float, float] = (0.0, 12.0)        # standard deviation, of 255
    brightness: tuple[float, float] = (0.5, 1.5)    # factor
    contrast: tuple[float, float] = (0.6, 1.6)      # factor about the image's mean
    saturation: tuple[float, float] = (0.4, 1.6)    # factor about grey
    clean_share: float = 0.25                       # of images that are left as they are
    noise_bank: int = 512                           # prepared noise images

    def __post_init__(self) -> None:
        """Refuse an empty bank and an impossible share."""
        _positive('augmentation', noise_bank=self.noise_bank)
        _share('augmentation', clean_share=self.clean_share)


@dataclass(frozen=True)
class EncoderTraining:
    """The convolution, on shuffled frames."""

    batch: int = 384
    learning_rate: float = 1.5e-3
    fine_tune_rate: float = 7.0e-4       # from the second round on
    weight_decay: float = 1.0e-4
    auxiliary_weight: float = 0.3
    mirror_share: float = 0.5
    threads: int = 2
    # Of the convolution in training; auto is bfloat16 on a processor that multiplies it itself
    # (AMX, AVX-512 BF16, ARM's BF16), where it is faster, and float32 elsewhere.
    precision: Literal['float32', 'bfloat16', 'auto'] = 'float32'
    checkpoint_frames: int = 100_000     # between two checkpoints

    def __post_init__(self) -> None:
        """Refuse what cannot train."""
        _positive('encoder', batch=self.batch, learning_rate=self.learning_rate,
                  threads=self.threads, checkpoint_frames=self.checkpoint_frames)
        _share('encoder', mirror_share=self.mirror_share)


@dataclass(frozen=True)
class HeadTraining:
    """The liquid head, back-propagated through time on cached features."""

    batch: int = 64
    steps: int = 64
    burn_in: int = 8
    learning_rate: float = 4.0e-3
    rate_hz: tuple[float, float] = (10.0, 60.0)   # drawn per window by leaving frames out
    drop_share: float = 0.03                      # of single frames left out on top
    copies: int = 3                # cached: clean, augmented, mirrored and augmented, ...
    threads: int = 1
    checkpoint_iterations: int = 500

    def __post_init__(self) -> None:
        """Refuse a window that is all burn-in."""
        _positive('head', batch=self.batch, copies=self.copies, threads=self.threads,
                  checkpoint_iterations=self.checkpoint_iterations,
                  learning_rate=self.learning_rate)
        _share('head', drop_share=self.drop_share)
        low, high = self.rate_hz
        if not 0.0 < low <= high:
            raise ConfigError(f'head.rate_hz: expected 0 < low <= high, found {low}, {high}')
        if not 0 <= self.burn_in < self.steps:
            raise ConfigError(f'head.burn_in: expected 0 to steps - 1 = {self.steps - 1}, '
                              f'found {self.burn_in}')


@dataclass(frozen=True)
class ValidationConfig:
    """Flights that choose among the rounds' policies."""

    first_seed: int = 500_000
    flights: int = 48              # of every round
    final_flights: int = 96        # of the chosen one, on the seeds that follow
    winds: tuple[str, ...] = ('W0', 'W1', 'W2', 'W3', 'W4', 'W5')
    faults_share: float = 0.0      # of the flights with the rates and faults of the collection

    def __post_init__(self) -> None:
        """Refuse seeds that are not for validation."""
        _share('validation', faults_share=self.faults_share)
        _positive('validation', flights=self.flights)
        last = self.first_seed + self.flights + self.final_flights - 1
        if self.first_seed not in VALIDATION_SEEDS or last not in VALIDATION_SEEDS:
            raise ConfigError(
                f'validation.first_seed: expected seeds from {VALIDATION_SEEDS[0]} to '
                f'{VALIDATION_SEEDS[-1]}, found {self.first_seed} to {last}')


@dataclass(frozen=True)
class TrainingConfig:
    """One training run, from nothing to a sealed bundle."""

    name: str
    description: str
    seed: int
    rounds: tuple[RoundConfig, ...]
    command: tuple[Axis, ...] = DRONE.axes
    step_on: Literal['camera', 'imu'] = 'camera'    # imu: every sample, frames held between
    dt_range: tuple[float, float] = (0.01, 0.25)    # the bundle's [s]
    jobs: int = 2                                   # processes that fly
    policy: NetConfig = NetConfig()
    collection: CollectionConfig = CollectionConfig()
    augmentation: AugmentationConfig = AugmentationConfig()
    encoder: EncoderTraining = EncoderTraining()
    head: HeadTraining = HeadTraining()
    validation: ValidationConfig = ValidationConfig()

    def __post_init__(self) -> None:
        """Refuse a run without rounds, or one that runs out of training seeds."""
        if not self.rounds:
            raise ConfigError('rounds: expected at least one round, found none')
        if not self.name.replace('_', '').isalnum():
            raise ConfigError(f'name: expected letters, digits and underscores, '
                              f'found {self.name!r}')
        last = self.collection.first_seed + sum(item.flights for item in self.rounds) - 1
        if last not in TRAINING_SEEDS:
            raise ConfigError(f'rounds: the flights need seeds up to {last}, beyond the training '
                              f'seeds (0 to {TRAINING_SEEDS[-1]}); ask for fewer flights')
        _positive('training', jobs=self.jobs, shortest_dt=self.dt_range[0])
        for name in self.policy.extra:
            if name not in EXTRA_NAMES:
                raise ConfigError(f'policy.extra: unknown input {name!r}'
                                  f'{nearest(name, EXTRA_NAMES)}')
        if self.policy.axes != self.command_spec.names:
            raise ConfigError(f'policy.axes: expected the axes of the command, '
                              f'{self.command_spec.names}, found {self.policy.axes}')

    @property
    def command_spec(self) -> CommandSpec:
        """Specification of the axes, as the runtime takes it."""
        return CommandSpec(self.command)


def settings_values(config: TrainingConfig) -> dict[str, Any]:
    """Return the settings as plain YAML values, every default spelled out."""
    return yaml.safe_load(yaml.safe_dump(plain(asdict(config))))


def plain(value: Any) -> Any:
    """
    Turn tuples into lists, as YAML has them; nothing is shared with what was given.

    :param value: mappings, sequences, and what they hold.
    """
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value
