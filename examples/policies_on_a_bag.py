# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""How far each policy is from what was flown: `policies_on_a_bag.py BAG POLICY...`, no ROS."""

from pathlib import Path
import sys

from liquid_control.bags.reader import Bag
from liquid_control.bags.replay import replay
from liquid_control.bags.ticks import ticks_of
from liquid_control.runtime.bundle import Bundle, find

path, *policies = sys.argv[1:]
bag = Bag(Path(path))
print(f'{bag.path.name}: {len(bag.topics)} topics, {bag.incomplete or "whole"}')
for policy in policies:
    found = replay(bag, ticks_of(bag), Bundle.load(find(policy)))
    print(f'{policy:<20} {found.compared} commands, RMS',
          '  '.join(f'{axis} {value:.3f}' for axis, value in found.rms.items()))
