# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""A TCP port in front of the simulated autopilot's UDP port, whose connection can be cut."""

import contextlib
import select
import socket
import struct
import threading

RESET = struct.pack('ii', 1, 0)     # SO_LINGER: closing resets the connection
LOOK = 0.05                         # [s] between two looks at whether it is over


class Relay:
    """Carries bytes both ways, for one connection after the other."""

    def __init__(self, port: int) -> None:
        """
        Listen on a free port.

        :param port: of the autopilot.
        """
        self._server = socket.create_server(('127.0.0.1', 0))
        self._server.settimeout(LOOK)
        self._autopilot = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._autopilot.connect(('127.0.0.1', port))
        self.url = f'tcp:127.0.0.1:{self._server.getsockname()[1]}'
        self.connections = 0
        self._how: bool | None = None       # to be cut: by a reset, or with a goodbye
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def cut(self, *, reset: bool) -> None:
        """End the connection; the next one is taken at once."""
        self._how = reset

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                peer, _ = self._server.accept()
            except TimeoutError:
                continue
            self.connections += 1
            with peer, contextlib.suppress(ConnectionError):    # the bridge may go first
                self._carry(peer)
                if self._how:
                    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            self._how = None

    def _carry(self, peer: socket.socket) -> None:
        while self._how is None and not self._over.is_set():
            for ready in select.select([peer, self._autopilot], [], [], LOOK)[0]:
                data = ready.recv(65535)
                if not data:
                    return
                (self._autopilot if ready is peer else peer).sendall(data)

    def close(self) -> None:
        """End it."""
        self._over.set()
        self._thread.join(10.0)
        self._server.close()
        self._autopilot.close()
