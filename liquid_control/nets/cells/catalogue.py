# Copyright 2026 the liquid_control authors
# SPDX-License-Identifier: Apache-2.0
"""Every liquid cell by its name, with the settings that it takes and no others."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from liquid_control.errors import ConfigError
from liquid_control.nets.cells.cfc import CfC, TimeGate
from liquid_control.nets.cells.cfc_pure import CfCPure
from liquid_control.nets.cells.initial import Span
from liquid_control.nets.cells.layered import LayeredCell
from liquid_control.nets.cells.lrc import Elastance, LRC
from liquid_control.nets.cells.ltc import LTC
from liquid_control.nets.cells.mixed_memory import MixedMemory
from liquid_control.nets.cells.plastic import Plastic, Senses
from liquid_control.nets.cells.solvers import SolverName
from liquid_control.nets.cells.synaptic_ltc import SynapticLTC
from liquid_control.wiring.wiring import Wiring

LiquidName: TypeAlias = Literal['ltc', 'synaptic_ltc', 'lrc', 'cfc', 'cfc_no_gate', 'cfc_pure',
                                'plastic']

CLOSED_FORM = ('cfc', 'cfc_no_gate', 'cfc_pure')     # may begin without time constants
SELF_CONNECTED = (*CLOSED_FORM, 'plastic')           # remember, or learn, through themselves
# Settings that not every cell takes, and the cells that do.
TAKERS = {
    'solver': ('ltc', 'synaptic_ltc', 'lrc'),
    'substeps': ('ltc', 'synaptic_ltc', 'lrc'),
    'time_gate': ('cfc', 'cfc_no_gate'),
    'elastance': ('lrc',),
    'senses': ('plastic',),
    'mixed_memory': ('ltc', 'synaptic_ltc', 'lrc', *CLOSED_FORM),
}


@dataclass(frozen=True)
class CellSettings:
    """What a liquid cell may be told beside its wiring; a default leaves it to the cell."""

    solver: SolverName | None = None        # of a differential equation
    substeps: int | None = None             # of a differential equation
    time_gate: TimeGate = 'linear'          # of a cfc or cfc_no_gate
    elastance: Elastance = 'asymmetric'     # of an lrc
    senses: Senses = 'state_and_inputs'     # what time constants of a plastic cell depend on
    mixed_memory: bool = False              # an LSTM before the cell
    time_constants: Span | None = (0.05, 3.0)     # spread at the start [s]
    nominal_dt: float = 1 / 30              # usual interval of a step [s]
    seed: int = 0                           # of the weights


def check_settings(name: str, settings: CellSettings) -> None:
    """
    Refuse settings that the cell would ignore.

    :param name: of a cell, liquid or not.
    :param settings: of the cell.
    :raises ConfigError: if one is not this cell's, or out of range.
    """
    plain = CellSettings()
    for key, takers in TAKERS.items():
        if getattr(settings, key) != getattr(plain, key) and name not in takers:
            raise ConfigError(f'networks: {key} belongs to {", ".join(takers)}; found cell {name}')
    if settings.substeps is not None and settings.substeps < 1:
        raise ConfigError(f'networks: expected 1 sub-step or more, found {settings.substeps}')
    if settings.time_constants is None and name in (*TAKERS['solver'], 'plastic'):
        raise ConfigError(f'networks: cell {name} needs time_constants (shortest, longest) [s]; '
                          f'null is for {", ".join(CLOSED_FORM)} alone')


def build_cell(name: str, wiring: Wiring, settings: CellSettings) -> LayeredCell:
    """
    Build a liquid cell.

    :param name: one of `LiquidName`.
    :param wiring: who connects to whom.
    :param settings: checked by `check_settings`.
    :raises ConfigError: if a setting does not fit the cell.
    """
    check_settings(name, settings)
    span, seed = settings.time_constants, settings.seed
    cell: LayeredCell
    if name in ('cfc', 'cfc_no_gate'):
        cell = CfC(wiring, mode='default' if name == 'cfc' else 'no_gate', seed=seed,
                   time_gate=settings.time_gate, time_constants=span,
                   nominal_dt=settings.nominal_dt)
    elif name == 'cfc_pure':
        cell = CfCPure(wiring, seed=seed, time_constants=span)
    else:
        assert span is not None     # checked by check_settings
        cell = _build_equation(name, wiring, settings, span)
    return MixedMemory(cell, seed=seed + 1) if settings.mixed_memory else cell


def _build_equation(name: str, wiring: Wiring, settings: CellSettings,
                    span: Span) -> LayeredCell:
    """Build a cell that has a differential equation."""
    solver, substeps, seed = settings.solver, settings.substeps, settings.seed
    if name == 'ltc':
        return LTC(wiring, solver=solver or 'exponential', substeps=substeps or 1, seed=seed,
                   time_constants=span)
    if name == 'synaptic_ltc':
        return SynapticLTC(wiring, solver=solver or 'fused', substeps=substeps or 6, seed=seed,
                           time_constants=span)
    if name == 'lrc':
        return LRC(wiring, elastance=settings.elastance, solver=solver or 'exponential',
                   substeps=substeps or 1, seed=seed, time_constants=span)
    return Plastic(wiring, senses=settings.senses, seed=seed, time_constants=span)
