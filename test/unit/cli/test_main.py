# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""The console command, with commands written into its folder for the test."""

from pathlib import Path
import subprocess
import sys

from liquid_control import __version__, cli
from liquid_control.cli import main as console
import pytest

COMMAND = """
SUMMARY = 'Say a word.'
EXAMPLE = 'liquid-control {name} --word hello'


def add_arguments(parser):
    parser.add_argument('--word', default='hello')


def run(arguments):
    {body}
"""


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put commands beside the real ones."""
    bodies = {
        'say_word': 'print(arguments.word); return 0',
        'fail': "from liquid_control import errors; raise errors.ConfigError('no such world')",
        'interrupt': 'raise KeyboardInterrupt',
        'missed': 'return 1',
    }
    for name, body in bodies.items():
        tmp_path.joinpath(f'{name}.py').write_text(COMMAND.format(name=name, body=body))
    monkeypatch.setattr(cli, '__path__', [str(tmp_path)])
    yield
    for name in bodies:
        sys.modules.pop(f'liquid_control.cli.{name}', None)


@pytest.mark.usefixtures('commands')
class TestCommands:
    """What a file in the folder gets for nothing."""

    def test_is_found_by_its_file(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Underscores become dashes; the exit code is the command's."""
        assert console.main(['say-word', '--word', 'liquid']) == 0
        assert capsys.readouterr().out == 'liquid\n'
        assert console.main(['missed']) == 1

    def test_help_lists_all_with_an_example(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Overview on standard output, exit code 0."""
        assert console.main(['--help']) == 0
        text = capsys.readouterr().out
        assert 'say-word' in text and 'Say a word.' in text and '--word hello' in text

    def test_help_of_one_shows_options_and_example(
            self, capsys: pytest.CaptureFixture[str]) -> None:
        """As argparse does, which leaves by SystemExit."""
        with pytest.raises(SystemExit) as left:
            console.main(['say-word', '--help'])
        assert left.value.code == 0
        text = capsys.readouterr().out
        assert 'usage: liquid-control say-word' in text and 'example: liquid-control' in text

    def test_an_error_is_a_message_and_exit_2(self, capsys: pytest.CaptureFixture[str]) -> None:
        """No traceback for what the message explains."""
        assert console.main(['fail']) == 2
        assert capsys.readouterr().err == 'liquid-control: no such world\n'

    def test_ctrl_c_is_exit_130(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Neither here."""
        assert console.main(['interrupt']) == 130
        assert 'Traceback' not in capsys.readouterr().err

    def test_an_unknown_command_names_the_nearest(
            self, capsys: pytest.CaptureFixture[str]) -> None:
        """A typo is answered with what was meant."""
        assert console.main(['say-wrd']) == 2
        assert "did you mean 'say-word'?" in capsys.readouterr().err

    def test_only_the_command_asked_for_is_imported(self) -> None:
        """Otherwise flying would need what training needs."""
        console.main(['missed'])
        assert 'liquid_control.cli.missed' in sys.modules
        assert 'liquid_control.cli.fail' not in sys.modules


def test_no_command_is_an_error_that_helps(capsys: pytest.CaptureFixture[str]) -> None:
    """The overview goes to standard error then."""
    assert console.main([]) == 2
    assert 'usage: liquid-control COMMAND' in capsys.readouterr().err


def test_version_as_a_module() -> None:
    """`python -m liquid_control` is the same command."""
    result = subprocess.run([sys.executable, '-m', 'liquid_control', '--version'], text=True,
                            capture_output=True, timeout=120, check=True)
    assert result.stdout == f'liquid-control {__version__}\n'


def test_every_command_explains_itself() -> None:
    """The contract of this folder."""
    for name in console.command_names():
        command = console.load_command(name)
        assert command.SUMMARY and '\n' not in command.SUMMARY, name
        assert command.EXAMPLE.startswith(f'liquid-control {name}'), name
        assert callable(command.add_arguments) and callable(command.run), name


def test_help_needs_no_torch_no_ros_no_pybullet() -> None:
    """Measured by what a new process has imported after the overview."""
    probe = ('import sys; from liquid_control.cli.main import main; main(["--help"]); '
             'print(sorted({"torch", "rclpy", "pybullet", "matplotlib"} & set(sys.modules)))')
    result = subprocess.run([sys.executable, '-c', probe], text=True, capture_output=True,
                            timeout=120, check=True)
    assert result.stdout.splitlines()[-1] == '[]'
