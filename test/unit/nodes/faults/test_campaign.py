# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""What a campaign does with flights: again where they told nothing, else once."""

from pathlib import Path

from liquid_control.errors import SimulationError
from liquid_control.nodes.faults import campaign
from liquid_control.nodes.faults.flight import Task, UnflownError
from liquid_control.nodes.faults.judge import Recording
from liquid_control.nodes.faults.kinds import find
import pytest

FROZEN = find('camera_frozen')


class Sky:
    """Flies instead of the graph: what it is told to."""

    def __init__(self) -> None:
        self.flown: list[tuple[str, int]] = []
        self.busy = 0           # so many flights do not begin
        self.broken = ''        # a kind whose flights end with a crash

    def fly(self, task: Task, _scratch: Path) -> Recording:
        """Fly once."""
        self.flown.append((task.kind.name, task.seed))
        if self.busy:
            self.busy -= 1
            raise UnflownError('busy')
        from test_judge import flight
        recording = flight(stop=False)
        if task.kind.name == self.broken:
            recording.exits = {'guard': 1}
        return recording


@pytest.fixture
def sky(monkeypatch: pytest.MonkeyPatch) -> Sky:
    """Put it in the place of the graph."""
    found = Sky()
    monkeypatch.setattr(campaign, 'fly', found.fly)
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    return found


def run(folder: Path, kinds: tuple[str, ...], seeds: int,
        flown_by: str = 'this', meanwhile: str | None = None) -> list[campaign.Entry]:
    """Run a campaign, during whose first flight the code may become another."""
    tasks = campaign.plan([find(kind) for kind in kinds], range(seeds), Path('policy'), 1.0, False,
                          flown_by)
    return campaign.run(tasks, folder, lambda entry: None, lambda: meanwhile or flown_by)


def test_it_resumes_even_after_a_line_that_was_cut_off(sky: Sky, tmp_path: Path) -> None:
    assert [entry.verdict for entry in run(tmp_path, ('camera_frozen',), 2)] == ['passed'] * 2
    journal = tmp_path / campaign.JOURNAL
    journal.write_text(journal.read_text()[:-20])
    run(tmp_path, ('camera_frozen', 'imu_frozen'), 2)
    assert sky.flown == [('camera_frozen', 0), ('camera_frozen', 1), ('imu_frozen', 0),
                         ('camera_frozen', 1), ('imu_frozen', 1)]
    run(tmp_path, ('camera_frozen', 'imu_frozen'), 2)
    assert len(sky.flown) == 5, 'flown again'


def test_another_policy_or_other_code_flies_again(sky: Sky, tmp_path: Path) -> None:
    """Every bundle lies in a folder named bundle, and every fix is in a file of that name."""
    for flown_by in ('one', 'another', 'one'):
        entry, = run(tmp_path, ('camera_frozen',), 1, flown_by)
        assert entry.flown_by == flown_by
    assert len(sky.flown) == 2


def test_a_flight_during_which_the_code_was_edited_is_not_kept(sky: Sky, tmp_path: Path) -> None:
    with pytest.raises(SimulationError, match='changed during camera_frozen 0; begin again'):
        run(tmp_path, ('camera_frozen',), 1, 'one', meanwhile='another')
    run(tmp_path, ('camera_frozen',), 1, 'one')
    assert len(sky.flown) == 2


def test_what_told_nothing_is_flown_again_and_never_passed(sky: Sky, tmp_path: Path) -> None:
    sky.busy = 1
    (entry,) = run(tmp_path, ('camera_frozen',), 1)
    assert (entry.verdict, entry.attempts) == ('passed', 2)
    sky.busy = campaign.ATTEMPTS
    (entry,) = run(tmp_path / 'other', ('camera_frozen',), 1)
    assert (entry.verdict, entry.untold) == ('not judged', 'busy')
    (row,) = campaign.summary([entry])['results']
    assert (row['passed'], row['not_judged'], row['flights']) == (0, 1, 1)
    (entry,) = run(tmp_path / 'other', ('camera_frozen',), 1)
    assert entry.verdict == 'passed', 'the next campaign flies it again'


def test_what_is_broken_is_told(sky: Sky, tmp_path: Path) -> None:
    sky.broken = 'imu_frozen'
    rows = campaign.summary(run(tmp_path, ('camera_frozen', 'imu_frozen'), 3))['results']
    assert [(row['kind'], row['passed'], row['broken']) for row in rows] == [
        ('camera_frozen', 3, 0), ('imu_frozen', 0, 3)]
    assert rows[1]['findings'] == ['guard ended with 1']


def test_a_quick_campaign_leaves_the_long_ones_out() -> None:
    kinds = [FROZEN, find('camera_dropped_30s')]
    tasks = campaign.plan(kinds, range(2), Path('policy'), 1.0, True, 'this')
    assert [task.kind.name for task in tasks] == ['camera_frozen'] * 2
    assert all(task.duration <= 2.5 for task in tasks)
