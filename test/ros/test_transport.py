# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Camera images arrive whole from another process."""

from pathlib import Path
import subprocess
import sys
import time

from liquid_control.config import share_directory
from liquid_control.nodes.graph import environment, PROFILE_VARIABLES
from liquid_control.nodes.qos import CAMERA, STATUS
import pytest
import rclpy
from rclpy.executors import SingleThreadedExecutor
from sensor_msgs.msg import Image
from std_msgs.msg import Header

IMAGES = 30
LIMIT = 60.0      # [s] of patience with a busy machine

# Another process answers every image whose pixels are all there with its stamp.
ANSWERER = """
import sys
import numpy as np
import rclpy
from liquid_control.nodes.qos import CAMERA, STATUS
from sensor_msgs.msg import Image
from std_msgs.msg import Header

rclpy.init()
node = rclpy.create_node('answerer')
answers = node.create_publisher(Header, 'answer', STATUS)

def answer(image):
    pixels = np.frombuffer(image.data, np.uint8)
    if pixels.size == 480 * 640 * 3 and (pixels == image.header.stamp.sec).all():
        answers.publish(image.header)

node.create_subscription(Image, 'image', answer, CAMERA)
while True:
    rclpy.spin_once(node)
"""


def arrived(images: int) -> int:
    """Send images of 640x480 to another process, each when the one before is answered or lost."""
    rclpy.init()
    node = rclpy.create_node('camera')
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    answered: list[int] = []
    sender = node.create_publisher(Image, 'image', CAMERA)
    node.create_subscription(Header, 'answer', lambda header: answered.append(header.stamp.sec),
                             STATUS)
    other = subprocess.Popen([sys.executable, '-c', ANSWERER], env=environment())
    try:
        deadline = time.monotonic() + LIMIT
        while not (sender.get_subscription_count() and node.count_publishers('answer')):
            assert time.monotonic() < deadline, 'the processes did not find each other'
            executor.spin_once(0.05)
        time.sleep(1.0)      # this end has matched both; the other end may be later
        for number in range(images):
            message = Image(height=480, width=640, encoding='rgb8', step=1920,
                            data=bytes([number]) * (480 * 1920))
            message.header.stamp.sec = number
            sender.publish(message)
            patience = time.monotonic() + (LIMIT / 2 if number == len(answered) else 1.0)
            while number not in answered and time.monotonic() < patience:
                executor.spin_once(0.02)
        return len(answered)
    finally:
        other.kill()
        other.wait()
        node.destroy_node()
        rclpy.shutdown()


@pytest.fixture
def no_profile(domain: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be in a domain of its own, without a profile of the user's."""
    for name in PROFILE_VARIABLES:
        monkeypatch.delenv(name, raising=False)


def test_images_of_640x480_arrive_whole(no_profile: None, tmp_path: Path) -> None:
    """With the shipped profile none is lost; `environment` is what `fly` gives its nodes."""
    sending = tmp_path / 'send.py'
    sending.write_text(
        f'import sys\nsys.path.insert(0, {str(Path(__file__).parent)!r})\n'
        f'from test_transport import arrived\nprint(arrived({IMAGES}))\n', encoding='utf-8')
    # Fast DDS reads its profile once a process, so the sender is a process too.
    found = subprocess.run([sys.executable, str(sending)], env=environment(), text=True,
                           capture_output=True, timeout=4 * LIMIT, check=False)
    assert found.returncode == 0, found.stderr
    assert int(found.stdout.split()[-1]) == IMAGES


def test_a_profile_of_the_users_own_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has set one has a reason."""
    for name in PROFILE_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    assert {environment()[name] for name in PROFILE_VARIABLES} == {
        str(share_directory() / 'config' / 'fastdds.xml')}
    for name, other in (PROFILE_VARIABLES, PROFILE_VARIABLES[::-1]):
        with monkeypatch.context() as patch:
            patch.setenv(name, '/etc/mine.xml')
            assert environment()[name] == '/etc/mine.xml'
            assert other not in environment()
