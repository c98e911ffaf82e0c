"""Routes of controlled substances: registers, what two people do by them, losses."""

from domain.supply import controlled_acts, controlled_losses, controlled_register
from projections.supply.controlled import controlled_register_lines, controlled_registers
from projections.supply.controlled_losses import controlled_losses as losses
from projections.supply.unregistered import stock_without_register
from web.api import Does, Lists, Row, Shows

FACILITY = "/facilities/<uuid:facility_id>"
REGISTER = "/controlled-registers/<uuid:register_id>"

ROUTES: tuple[Row, ...] = (
    Does(f"{FACILITY}/controlled-registers", controlled_register.OpenRegister),
    Does(f"{REGISTER}/counts", controlled_acts.CountControlled),
    Does(f"{REGISTER}/issues", controlled_acts.DispenseControlled),
    Does(f"{REGISTER}/wastes", controlled_acts.WasteControlled),
    Does(f"{REGISTER}/destructions", controlled_acts.DestroyControlled),
    Does(f"{REGISTER}/corrections", controlled_acts.CorrectControlled),
    Does(f"{REGISTER}/losses", controlled_losses.DiscoverLoss),
    Does(f"{REGISTER}/loss-notices", controlled_losses.NotifyOfLoss),
    Does(f"{REGISTER}/form-106", controlled_losses.SubmitForm106),
    Lists(f"{FACILITY}/controlled-registers", controlled_registers),
    Lists("/system/controlled-registers", controlled_registers),
    Shows(REGISTER, controlled_registers, "register_id"),
    Lists(f"{REGISTER}/lines", controlled_register_lines),
    Lists(f"{FACILITY}/stock-without-register", stock_without_register),
    Lists("/system/stock-without-register", stock_without_register),
    Lists(f"{FACILITY}/controlled-losses", losses),
    Lists("/system/controlled-losses", losses),
)
