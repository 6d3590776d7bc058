# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""
The wire to an autopilot, by pymavlink: opened at the start, and again whenever it breaks.

A peer that ends a TCP connection and a serial device that is pulled out are no reason to stop:
who listens here hears nothing until the wire is back, and what is sent meanwhile is dropped.
"""

import contextlib
import os
import queue
import termios
import threading
from typing import Any

from liquid_control.errors import ConfigError, DependencyError

COMPANION = 191         # MAV_COMP_ID_ONBOARD_COMPUTER
REOPEN_AFTER = 1.0      # and again after each time that it cannot be opened [s]
BROKEN = (OSError, termios.error)       # termios: a device pulled out while it is configured


def load_mavutil() -> Any:
    """
    Import pymavlink, speaking MAVLink 2.

    :raises DependencyError: if it is not installed.
    """
    os.environ.setdefault('MAVLINK20', '1')     # pymavlink reads it when it is imported
    try:
        from pymavlink import mavutil
    except ImportError as error:
        raise DependencyError(
            'the MAVLink bridge needs pymavlink, which cannot be imported '
            f'({error}); run "pip install pymavlink" in the environment that runs the node, or '
            '"pip install \'.[mavlink]\'" in the checkout') from error
    return mavutil


class Connection:
    """A wire, whole or broken."""

    def __init__(self, url: str, baud: int, system: int) -> None:
        """
        Open it.

        :param url: as pymavlink has it.
        :param baud: of a serial device.
        :param system: of the autopilot, whose companion computer this end becomes.
        :raises DependencyError: if pymavlink is not installed.
        :raises ConfigError: if it cannot be opened.
        """
        self.mavutil = load_mavutil()
        self._url, self._baud, self._system = url, baud, system
        self.breaks = 0
        self.trouble = ''       # why it is broken; '' while it is whole
        self._made: queue.SimpleQueue[Any] = queue.SimpleQueue()    # anew, by another thread
        self._closed = threading.Event()
        try:
            self._port = self._open(retries=3)
        except ImportError as error:
            raise DependencyError(f'url: {url!r} is a serial device, which needs pyserial '
                                  f'({error}); run "pip install pyserial"') from error
        except (*BROKEN, ValueError) as error:
            raise ConfigError(
                f'url: cannot open {url!r} ({error}); expected one like udpin:0.0.0.0:14540 or '
                '/dev/ttyTHS1, of a port that is free') from error

    def _open(self, retries: int) -> Any:
        """Return a connection of pymavlink."""
        port = self.mavutil.mavlink_connection(
            self._url, baud=self._baud, source_system=self._system, source_component=COMPANION,
            dialect='common', retries=retries)
        if hasattr(port, 'handle_eof'):     # of TCP, where pymavlink would print, and go on
            port.handle_eof = _raise_eof
        return port

    @property
    def port(self) -> Any | None:
        """Return pymavlink's end, None while it is broken."""
        if self.trouble:
            with contextlib.suppress(queue.Empty):
                self._port = self._made.get_nowait()
                self.trouble = ''
        return None if self.trouble else self._port

    def fileno(self) -> int:
        """Return what `select` can wait for; -1 where there is no such thing."""
        port = self.port
        return -1 if port is None or port.fd is None else int(port.fd)

    def receive(self) -> Any | None:
        """Return the next message that has come, None if there is none now."""
        port = self.port
        if port is None:
            return None
        try:
            return port.recv_msg()
        except BROKEN as error:
            self.breaks += 1
            self.trouble = f'the link over {self._url} broke ({error}); it is opened again'
            with contextlib.suppress(*BROKEN):
                port.close()
            # Opening may wait for a host that does not answer: a thread of its own.
            threading.Thread(target=self._reopen, daemon=True).start()
            return None

    def _reopen(self) -> None:
        """Try until it is open."""
        while not self._closed.wait(REOPEN_AFTER):
            with contextlib.suppress(*BROKEN, ValueError):
                self._made.put(self._open(retries=1))
                return

    def close(self) -> None:
        """Close it for good."""
        self._closed.set()
        if (port := self.port) is not None:
            port.close()


def _raise_eof() -> None:
    """Say that there will be no more."""
    raise ConnectionResetError('the other end has closed it')
