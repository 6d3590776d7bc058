# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A wire that breaks: over real TCP, and over a pseudo-terminal for a serial line."""

from collections.abc import Callable, Iterator
import os
from pathlib import Path
import socket
import struct
import sys
import time
import tty

from liquid_control.bridges import mavlink_connection
from liquid_control.bridges.mavlink_connection import Connection
from liquid_control.bridges.mavlink_link import Heartbeat, MavlinkLink
from liquid_control.errors import ConfigError, DependencyError
import pytest

common = pytest.importorskip('pymavlink.dialects.v20.common', reason='pip install pymavlink')
RESET = struct.pack('ii', 1, 0)     # SO_LINGER: closing resets the connection


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Open again soon."""
    monkeypatch.setattr(mavlink_connection, 'REOPEN_AFTER', 0.05)


@pytest.fixture
def server() -> Iterator[socket.socket]:
    """Return an autopilot's TCP port."""
    with socket.create_server(('127.0.0.1', 0)) as listening:
        listening.settimeout(10.0)
        yield listening


@pytest.fixture
def over_tcp(server: socket.socket) -> Iterator[MavlinkLink]:
    """Return a link to it."""
    link = MavlinkLink(f'tcp:127.0.0.1:{server.getsockname()[1]}', 0, (1, 1))
    yield link
    link.close()


def heartbeat() -> bytes:
    """Return the heartbeat of a PX4."""
    message = common.MAVLink_heartbeat_message(2, 12, 29, 6 << 16, 4, 3)
    packed: bytes = message.pack(common.MAVLink(None, srcSystem=1, srcComponent=1))
    return packed


def until(condition: Callable[[], bool]) -> None:
    """Wait for something."""
    end = time.monotonic() + 10.0
    while not condition():
        assert time.monotonic() < end, 'not in time'
        time.sleep(0.005)


def hears(link: MavlinkLink) -> bool:
    """Whether a heartbeat has come."""
    return any(isinstance(found, Heartbeat) for found in link.receive(0))


def broken(link: MavlinkLink) -> bool:
    """Listen; return whether it is broken."""
    assert list(link.receive(0)) == []
    return bool(link.trouble)


@pytest.mark.parametrize('reset', [False, True])
def test_a_peer_that_ends_tcp_is_connected_to_again(
        server: socket.socket, over_tcp: MavlinkLink, reset: bool,
        capfd: pytest.CaptureFixture[str]) -> None:
    """Whether it says goodbye (EOF) or crashes (reset): counted once, and nothing spins."""
    peer, _ = server.accept()
    for breaks in (1, 2):
        peer.sendall(heartbeat())
        until(lambda: hears(over_tcp))
        assert over_tcp.fileno() >= 0 and not over_tcp.trouble
        if reset:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        peer.close()
        until(lambda: broken(over_tcp))
        peer, _ = server.accept()
        until(lambda: over_tcp.fileno() >= 0)
        assert over_tcp.breaks == breaks
    peer.close()
    assert capfd.readouterr().out.count('\n') <= 2, 'a line a break at most'


def test_what_is_sent_over_a_broken_wire_is_dropped(
        server: socket.socket, over_tcp: MavlinkLink, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing waits: a host that is gone may take minutes to refuse."""
    peer, _ = server.accept()
    monkeypatch.setattr(mavlink_connection, 'REOPEN_AFTER', 3600.0)
    peer.close()
    until(lambda: broken(over_tcp))
    assert 'closed' in over_tcp.trouble and over_tcp.fileno() == -1
    over_tcp.send_heartbeat()
    over_tcp.request_rates(10.0, 10.0)
    over_tcp.request_mode('OFFBOARD')
    over_tcp.request_arming()
    over_tcp.send_setpoint([1.0, 0.0, 0.0, 0.0], 0)      # type: ignore[arg-type]
    assert over_tcp.breaks == 1


def test_a_peer_that_is_away_for_long_is_found_when_it_is_back(
        server: socket.socket, over_tcp: MavlinkLink) -> None:
    """Refused again and again, without a word."""
    address = server.getsockname()
    peer, _ = server.accept()
    server.close()
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    peer.close()
    until(lambda: broken(over_tcp))
    time.sleep(0.3)
    assert broken(over_tcp) and over_tcp.breaks == 1
    with socket.create_server(address) as again:
        again.settimeout(10.0)
        peer, _ = again.accept()
        peer.sendall(heartbeat())
        until(lambda: hears(over_tcp))
        peer.close()


def test_a_serial_device_that_is_pulled_out_may_come_back(tmp_path: Path) -> None:
    pytest.importorskip('serial')
    device = tmp_path / 'serial'

    def plug() -> int:
        master, slave = os.openpty()
        tty.setraw(slave)
        device.symlink_to(os.ttyname(slave))
        os.set_blocking(master, False)
        held.append(slave)
        return master
    held: list[int] = []
    master = plug()
    link = MavlinkLink(str(device), 57600, (1, 1))
    os.write(master, heartbeat())
    until(lambda: hears(link))
    device.unlink()
    os.close(held.pop())
    os.close(master)
    until(lambda: broken(link))
    assert link.breaks == 1 and link.fileno() == -1
    master = plug()
    until(lambda: link.fileno() >= 0)
    os.write(master, heartbeat())
    until(lambda: hears(link))
    assert link.breaks == 1
    link.close()
    os.close(held.pop())
    os.close(master)


def test_a_wire_that_is_closed_is_not_opened_again(server: socket.socket) -> None:
    made = Connection(f'tcp:127.0.0.1:{server.getsockname()[1]}', 0, 1)
    peer, _ = server.accept()
    peer.close()
    until(lambda: made.receive() is None and bool(made.trouble))
    made.close()
    server.settimeout(0.3)
    with pytest.raises(TimeoutError):
        server.accept()


def test_what_cannot_be_opened_at_the_start_is_an_error() -> None:
    with pytest.raises(ConfigError, match='cannot open'):
        Connection('udpin:256.0.0.1:14540', 0, 1)


def test_without_pymavlink_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, 'pymavlink', None)
    with pytest.raises(DependencyError, match='pip install pymavlink'):
        mavlink_connection.load_mavutil()
