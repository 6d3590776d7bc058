# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Frames come at their rate, with the jitter, losses, repeats and noise that were asked for."""

from collections.abc import Callable

from liquid_control.signals import CameraFrame
from liquid_control.sim.camera import Camera
from liquid_control.sim.camera_faults import Light
from liquid_control.sim.sensor_config import (
    BlackoutConfig,
    CameraConfig,
    DepthConfig,
    ExposureConfig,
    LightChangeConfig,
    LightConfig,
)
from liquid_control.sim.simulation import Simulation
from liquid_control.sim.world_config import WorldConfig
import numpy as np
import pytest

HERE, LEVEL = np.zeros(3), np.array([0.0, 0.0, 0.0, 1.0])


class Counting:
    """A renderer whose images are all different and cost nothing."""

    horizontal_fov = 1.5
    depth = np.ones((8, 8))

    def __init__(self) -> None:
        self.images = 0

    def render(self, position: np.ndarray, orientation: np.ndarray) -> np.ndarray:
        """Return the number of this image, in every pixel."""
        self.images += 1
        return np.full((8, 8, 3), (self.images - 1) % 255 + 1, dtype=np.uint8)


def dark(frame: CameraFrame) -> bool:
    """Tell whether a frame is black."""
    return not frame.image.any()


def film(seconds: float, seed: int = 0, **faults: object) -> list[CameraFrame]:
    """Return the frames of a camera asked at 240 Hz."""
    settings = {'rate_hz': (30.0, 30.0), **faults}
    camera = Camera(CameraConfig(8, 8, 90.0, **settings), Counting(),    # type: ignore[arg-type]
                    np.random.default_rng(seed), np.random.default_rng(seed + 1000))
    frames = (camera.frame(k * 1_000_000_000 // 240, HERE, LEVEL)
              for k in range(round(seconds * 240)))
    return [frame for frame in frames if frame is not None]


def test_exact_rate_without_faults() -> None:
    frames = film(10.0)
    assert len(frames) == 300 and frames[0].stamp_ns == 0
    intervals = np.diff([frame.stamp_ns for frame in frames])
    np.testing.assert_allclose(intervals, 1e9 / 30, atol=2)
    images = [frame.image[0, 0, 0] for frame in frames]
    assert np.all(np.diff(images[:250]) == 1)            # every frame is a new image


def test_jitter_spreads_intervals_and_keeps_the_rate() -> None:
    frames = film(120.0, jitter=0.2)
    assert frames[0].stamp_ns == 0
    assert abs(len(frames) - 3600) < 4 * 0.2 / np.sqrt(3) * np.sqrt(3600)
    intervals = np.diff([frame.stamp_ns for frame in frames]) * 1e-9 * 30
    substep = 30 / 240                                   # frames fall on substeps
    assert 0.8 - substep < intervals.min() < 0.9 and 1.1 < intervals.max() < 1.2 + substep
    expected = np.sqrt(0.04 / 3 + substep ** 2 / 6)      # uniform jitter, and the grid's
    assert intervals.std() == pytest.approx(expected, rel=0.1)


def test_rate_is_drawn_once_a_flight_over_its_range() -> None:
    rates = [(len(film(4.0, seed, rate_hz=(10.0, 40.0))) - 1) / 4.0 for seed in range(60)]
    assert 9.5 < min(rates) < 15 and 35 < max(rates) < 40.5
    intervals = np.diff([frame.stamp_ns for frame in film(4.0, 3, rate_hz=(10.0, 40.0))])
    assert np.ptp(intervals) <= 1e9 / 240 + 2


def test_lost_frames_are_not_there() -> None:
    count = len(film(100.0, drop=0.25))
    assert abs(count - 2250) < 4 * np.sqrt(3000 * 0.25 * 0.75)


def test_stale_frames_repeat_the_last_image_under_a_new_stamp() -> None:
    frames = film(100.0, stale=0.4)
    assert len(frames) == 3000
    repeats = np.array([np.array_equal(a.image, b.image) for a, b in zip(frames, frames[1:])])
    assert abs(repeats.sum() - 1200) < 4 * np.sqrt(3000 * 0.4 * 0.6)
    assert np.all(np.diff([frame.stamp_ns for frame in frames]) > 0)
    assert film(1.0, stale=1.0)[0].image[0, 0, 0] == 1      # the first is an image all the same


def test_one_fault_does_not_shift_the_others() -> None:
    clean = [frame.stamp_ns for frame in film(20.0, jitter=0.2)]
    stale = [frame.stamp_ns for frame in film(20.0, jitter=0.2, stale=0.5)]
    lossy = [frame.stamp_ns for frame in film(20.0, jitter=0.2, drop=0.5)]
    assert stale == clean
    assert set(lossy) < set(clean)


def test_blackouts_are_bursts_of_the_length_and_at_the_rate_asked_for() -> None:
    frames = film(1000.0, blackout=BlackoutConfig(every_s=2.0, length_s=(0.5, 1.0)))
    black = np.array([dark(frame) for frame in frames])
    assert black.mean() == pytest.approx(0.75 / 2.75, abs=0.03)
    edges = np.flatnonzero(np.diff(black.astype(int)))
    lengths = np.diff(edges)[::2] / 30
    assert not black[0] and lengths.min() > 0.5 - 2 / 30
    assert np.mean(lengths < 1.0 + 2 / 30) > 0.95       # two may touch
    other = film(10.0, jitter=0.2, drop=0.3, blackout=BlackoutConfig(every_s=1.0))
    assert ([frame.stamp_ns for frame in other]
            == [frame.stamp_ns for frame in film(10.0, jitter=0.2, drop=0.3)])


def test_dark_time_counts_from_the_last_good_frame() -> None:
    camera = Camera(CameraConfig(8, 8, 90.0, blackout=BlackoutConfig(every_s=1.0)),
                    Counting(), np.random.default_rng(0),       # type: ignore[arg-type]
                    np.random.default_rng(1))
    good, longest = 0, 0.0
    for k in range(240 * 10):
        frame = camera.frame(k * 1_000_000_000 // 240, HERE, LEVEL)
        if frame is not None:
            good = good if dark(frame) else frame.stamp_ns
            assert camera.dark_s == pytest.approx((frame.stamp_ns - good) * 1e-9)
            longest = max(longest, camera.dark_s)
    assert 0.3 < longest < 1.4


def test_latency_delays_delivery_and_not_the_stamp() -> None:
    camera = Camera(CameraConfig(8, 8, 90.0, rate_hz=(60.0, 60.0), latency_s=(0.1, 0.1)),
                    Counting(), np.random.default_rng(0),       # type: ignore[arg-type]
                    np.random.default_rng(1))
    delays, images = [], []
    for k in range(240):
        now = k * 1_000_000_000 // 240
        frame = camera.frame(now, HERE, LEVEL)
        if frame is not None:
            delays.append((now - frame.stamp_ns) * 1e-9)
            images.append(int(frame.image[0, 0, 0]))
    assert len(delays) == 54                                     # 60, less those on their way
    assert 0.1 <= min(delays) and max(delays) < 0.1 + 1 / 240 + 1e-9
    assert images == list(range(1, 55))


def test_light_is_one_for_a_flight_and_does_what_it_says() -> None:
    def first(seed: int, **ranges: tuple[float, float]) -> int:
        seen = {int(frame.image[0, 0, 0]) for frame in film(2.0, seed, stale=1.0, light=(
            LightConfig(**ranges)))}
        assert len(seen) == 1
        return seen.pop()
    assert first(0, brightness=(8.0, 8.0)) == 8
    assert len({first(seed, brightness=(10.0, 200.0)) for seed in range(6)}) > 3
    image = np.random.default_rng(0).integers(90, 170, (12, 16, 3)).astype(np.uint8)

    def lit(**ranges: tuple[float, float]) -> np.ndarray:
        return Light(LightConfig(**ranges), np.random.default_rng(0))(image).astype(float)
    np.testing.assert_array_equal(lit(), image)
    np.testing.assert_allclose(lit(brightness=(0.5, 0.5)), 0.5 * image, atol=0.6)
    assert lit(contrast=(0.5, 0.5)).std() == pytest.approx(0.5 * image.std(), rel=0.02)
    assert np.ptp(lit(saturation=(0.0, 0.0)), axis=2).max() == 0
    blurred = lit(blur_px=(1.0, 1.0))
    assert blurred.mean() == pytest.approx(image.mean(), abs=1.0)
    # A Gaussian of 1 px leaves white noise 1 / (2 sqrt(pi)) of its sd.
    assert blurred[2:-2, 2:-2].std() == pytest.approx(image.std() * 0.282, rel=0.15)


def test_light_that_changes_in_flight_scales_the_images() -> None:
    changes = LightChangeConfig(every_s=1.0, level=(0.5, 0.5), over_s=(0.2, 0.2))
    frames = film(8.0, light_changes=changes)                  # an image of k in every pixel
    shares = np.array([frame.image[0, 0, 0] / k for k, frame in enumerate(frames, 1)])
    assert shares[0] == 1.0
    np.testing.assert_allclose(shares[150:], 0.5, atol=0.01)
    assert [frame.stamp_ns for frame in frames] == [frame.stamp_ns for frame in film(8.0)]
    evened = film(8.0, light_changes=changes, exposure=ExposureConfig(lag_s=0.02))
    # It follows the light but for the change itself.
    shares = np.array([frame.image[0, 0, 0] / k for k, frame in enumerate(evened, 1)])
    np.testing.assert_allclose(shares[150:], 1.0, atol=0.01)


def test_depth_comes_with_its_frame_also_in_the_dark() -> None:
    class Deep(Counting):
        """A renderer whose depth tells the images apart."""

        def render(self, position: np.ndarray, orientation: np.ndarray) -> np.ndarray:
            image = super().render(position, orientation)
            self.depth = np.full((8, 8), float(self.images))
            return image
    config = CameraConfig(8, 8, 90.0, latency_s=(0.1, 0.1), depth=DepthConfig((0.1, 58.0)),
                          blackout=BlackoutConfig(every_s=0.3))
    camera = Camera(config, Deep(), np.random.default_rng(0),       # type: ignore[arg-type]
                    np.random.default_rng(1))
    black = 0
    for k in range(440):
        frame = camera.frame(k * 1_000_000_000 // 240, HERE, LEVEL)
        if frame is not None:
            depth = camera.depth_image
            assert depth is not None
            assert depth[0, 0] == pytest.approx(1 + frame.stamp_ns * 30e-9, abs=0.2)
            black += dark(frame)
            assert dark(frame) or frame.image[0, 0, 0] == depth[0, 0]
    assert 5 < black < 45


def test_noise_has_its_sd_and_moves_the_mean_by_less_than_a_level(
        simulate: Callable[..., Simulation], make_world: Callable[..., WorldConfig]) -> None:
    def images(noise: float) -> np.ndarray:
        world = make_world(camera={'noise_std': noise, 'stale': 0.0, 'jitter': 0.0})
        simulation = simulate(world)
        start = simulation.position
        frames = [simulation.camera.frame(k * 40_000_000, start, LEVEL) for k in range(6)]
        return np.array([frame.image for frame in frames if frame], dtype=float)
    clean, noisy = images(0.0), images(6.0)
    assert len(clean) == len(noisy) == 6
    np.testing.assert_array_equal(clean[0], clean[5])
    middle = (clean[0] > 40) & (clean[0] < 215)        # where nothing is clipped
    assert middle.mean() > 0.3
    errors = (noisy - clean)[:, middle]
    assert errors.std() == pytest.approx(6.0, rel=0.03)
    assert abs(errors.mean()) < 0.7
    # Fresh in every frame.
    assert abs(np.corrcoef(errors[0], errors[1])[0, 1]) < 0.05
