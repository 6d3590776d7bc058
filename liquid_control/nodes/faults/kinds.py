# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The kinds of faults: what each is, which reasons may name it, whether it must end in rest."""

from dataclasses import dataclass

CAMERA, IMU, COMMAND = 'camera/image_raw', 'imu/data', 'cmd_vel_policy'
DEADLINE = 0.3          # of every input, as in config/drone.yaml [s]
# What only the controller can see: should it be late itself, the guard's deadline comes on top.
BY_CONTROLLER = 2 * DEADLINE

# A machine without time for the graph makes inputs late too, and a stop that lasts disengages.
# So these are never unexpected, and never enough where a kind must be named by something else.
LATE = frozenset({'camera_stale', 'imu_stale', 'command_stale', 'not_engaged'})
WELL = frozenset({'ok', 'limited'})


@dataclass(frozen=True, slots=True)
class Kind:
    """
    One kind of fault.

    Where it must end in rest, that is counted from the last good stamp on `gone`, by stamps; or,
    if that is empty, from the moment of the fault by the clock of the system, since the clock of
    the stamps itself cannot be relied on then.
    """

    name: str
    what: str                          # in words
    reasons: frozenset[str] = WELL     # of which one names it
    stops: bool = False                # whether no command but zero may follow
    gone: str = ''                     # topic that has no good message any more
    deadline: float = DEADLINE         # after which the stop begins at the latest [s]
    duration: float = 3.0              # of the fault [s]
    killed: str = ''                   # node that has ended by it
    aftermath: frozenset[str] = frozenset()     # further reasons, when the fault is over
    silent: bool = False               # nobody commands: the vehicle itself must come to rest
    taken_back: bool = False           # whether the guard must end the engagement
    short: bool = True                 # whether --quick has it


def _named(*reasons: str) -> frozenset[str]:
    return frozenset(reasons)


ANY_LATE = _named('camera_stale', 'imu_stale', 'command_stale')

KINDS: tuple[Kind, ...] = (
    Kind('camera_frozen', 'the same picture with new stamps'),
    Kind('camera_repeated', 'the same message again and again',
         _named('camera_stale'), True, CAMERA),
    Kind('camera_black', 'black pictures'),
    Kind('camera_delayed', 'pictures come 0.6 s late', _named('camera_stale'), True, CAMERA),
    Kind('camera_wrong_encoding', 'pictures in an encoding that nobody reads',
         _named('camera_stale'), True, CAMERA, BY_CONTROLLER, taken_back=True),
    Kind('camera_wrong_size', 'pictures of half the size that camera_info tells',
         _named('camera_stale'), True, CAMERA, BY_CONTROLLER, taken_back=True),
    Kind('camera_dropped_1s', 'no picture for 1 s', _named('camera_stale'), True, CAMERA,
         duration=1.0),
    Kind('camera_dropped_5s', 'no picture for 5 s', _named('camera_stale'), True, CAMERA,
         duration=5.0, short=False),
    Kind('camera_dropped_30s', 'no picture for 30 s', _named('camera_stale'), True, CAMERA,
         duration=30.0, short=False),
    Kind('imu_nan', 'not a number in every sample', _named('imu_stale'), True, IMU,
         BY_CONTROLLER, taken_back=True),
    Kind('imu_frozen', 'the same sample with new stamps'),
    Kind('imu_repeated', 'the same message again and again', _named('imu_stale'), True, IMU),
    Kind('imu_saturated', '16 g and 2000 degrees a second on every axis'),
    Kind('imu_scaled', 'specific force in g instead of m/s^2'),
    Kind('imu_axes_swapped', 'x, y, z are z, x, y'),
    Kind('imu_dropped', 'no sample', _named('imu_stale'), True, IMU),
    Kind('clock_back', 'clock and stamps jump 5 s back, and ahead at the end',
         _named('clock_backward', 'not_engaged'), True),
    Kind('clock_forward', 'clock and stamps jump 5 s ahead, and back at the end',
         WELL | LATE, aftermath=_named('clock_backward')),
    Kind('clock_forward_alone', 'the clock jumps 5 s ahead, the stamps do not',
         ANY_LATE, True, aftermath=_named('clock_backward')),
    Kind('clock_stop', 'no /clock, while stamps go on', ANY_LATE, True),
    Kind('world_killed', 'SIGKILL to the world', ANY_LATE, True, killed='world'),
    Kind('world_paused', 'SIGSTOP to the world, then SIGCONT', ANY_LATE, True),
    Kind('controller_killed', 'SIGKILL to the controller', _named('command_stale'), True, COMMAND,
         killed='controller'),
    Kind('controller_paused', 'SIGSTOP to the controller, then SIGCONT',
         _named('command_stale'), True, COMMAND),
    Kind('guard_killed', 'SIGKILL to the guard', duration=5.0, killed='guard', silent=True),
    Kind('guard_paused', 'SIGSTOP to the guard, then SIGCONT', duration=5.0, silent=True),
    Kind('inference_blocks', "the thread of the controller's network blocks for 5 s",
         _named('command_stale'), True, COMMAND, duration=5.0),
    Kind('two_controllers', 'a second publisher of cmd_vel_policy', _named('not_engaged'), True),
    Kind('parameter_storm', 'parameters of controller and guard set as fast as they answer, right '
         'and wrong'),
    Kind('bundle_corrupted', 'a policy whose files change while it is loaded takes over'),
    Kind('flood_imu', 'a second publisher of imu/data, at 10 kHz', WELL | LATE),
    Kind('flood_images', 'a second publisher of camera/image_raw, at 10 kHz', WELL | LATE),
    Kind('flood_manual', "10 kHz of a pilot's commands that are not numbers", WELL | LATE),
    Kind('cpu_starved', 'two processes that never sleep', WELL | LATE),
)
NAMES = tuple(kind.name for kind in KINDS)


def find(name: str) -> Kind:
    """
    Return a kind by its name.

    :raises KeyError: if there is none.
    """
    return {kind.name: kind for kind in KINDS}[name]
