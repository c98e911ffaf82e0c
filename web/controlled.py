"""Routes of controlled substances: registers, two people's counts and wastes, losses."""

from domain.supply import controlled_register
from projections.supply.controlled import (
    controlled_losses,
    controlled_register_lines,
    controlled_registers,
)
from web.api import Does, Lists, Row, Shows

FACILITY = "/facilities/<uuid:facility_id>"
REGISTER = "/controlled-registers/<uuid:register_id>"

ROUTES: tuple[Row, ...] = (
    Does(f"{FACILITY}/controlled-registers", controlled_register.OpenRegister),
    Does(f"{REGISTER}/counts", controlled_register.CountControlled),
    Does(f"{REGISTER}/wastes", controlled_register.WasteControlled),
    Does(f"{REGISTER}/losses", controlled_register.DiscoverLoss),
    Does(f"{REGISTER}/loss-notices", controlled_register.NotifyOfLoss),
    Does(f"{REGISTER}/form-106", controlled_register.SubmitForm106),
    Lists(f"{FACILITY}/controlled-registers", controlled_registers),
    Lists("/system/controlled-registers", controlled_registers),
    Shows(REGISTER, controlled_registers, "register_id"),
    Lists(f"{REGISTER}/lines", controlled_register_lines),
    Lists(f"{FACILITY}/controlled-losses", controlled_losses),
    Lists("/system/controlled-losses", controlled_losses),
)
