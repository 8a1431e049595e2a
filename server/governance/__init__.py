"""Pure rules of governance: who belongs where, and later calendars, clocks and indicators."""
