"""The repair shop: every package in this folder is one way in which a registry is broken, with its `SCENARIO`."""

from typing import TYPE_CHECKING

from labs.exports import on_first_use

if TYPE_CHECKING:
    from labs.repairs.error_pages import error_list, error_page
    from labs.repairs.repair_lab import RepairLab, next_repair, open_repair, open_repairs
    from labs.repairs.scenario import Scenario
    from labs.repairs.shelf import SHOP, all_scenarios, draw, find, repair_list
    from labs.repairs.terminal import called, ways_in
else:
    __getattr__ = on_first_use(
        __name__,
        {
            "labs.repairs.error_pages": ("error_list", "error_page"),
            "labs.repairs.repair_lab": ("RepairLab", "next_repair", "open_repair", "open_repairs"),
            "labs.repairs.scenario": ("Scenario",),
            "labs.repairs.shelf": ("SHOP", "all_scenarios", "draw", "find", "repair_list"),
            "labs.repairs.terminal": ("called", "ways_in"),
        },
    )

__all__ = [
    "SHOP",
    "RepairLab",
    "Scenario",
    "all_scenarios",
    "called",
    "draw",
    "error_list",
    "error_page",
    "find",
    "next_repair",
    "open_repair",
    "open_repairs",
    "repair_list",
    "ways_in",
]
