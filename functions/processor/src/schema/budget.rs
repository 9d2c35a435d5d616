//! The bound of a check, in time, memory and stack.

/// The units of one check. A unit is a node of the payload or of a list in the schema that is looked at, or some bytes of a
/// text that are read: some nanoseconds. The same payload and schema always cost the same.
const UNITS: u64 = 20_000_000;

/// The units for the places that a message names, after the check has failed.
const UNITS_OF_PLACES: u64 = 2_000_000;

/// How deep schemas are applied within each other. A level takes below 4 KB of stack, see [`super::STACK_BYTES`].
const DEPTH: u32 = 2_000;

/// A check that costs more than its budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooExpensive;

/// What is left of a budget.
#[derive(Debug)]
pub(super) struct Budget {
    units: u64,
    depth: u32,
}

impl Budget {
    pub(super) const fn of_a_check() -> Self {
        Self {
            units: UNITS,
            depth: DEPTH,
        }
    }

    pub(super) const fn of_places() -> Self {
        Self {
            units: UNITS_OF_PLACES,
            depth: DEPTH,
        }
    }

    /// Pays for a piece of work.
    ///
    /// # Errors
    /// When the budget does not cover it.
    pub(super) fn pay(&mut self, units: usize) -> Result<(), TooExpensive> {
        let units = u64::try_from(units).map_err(|_| TooExpensive)?;
        self.units = self.units.checked_sub(units).ok_or(TooExpensive)?;
        Ok(())
    }

    /// Pays for reading a text.
    ///
    /// # Errors
    /// When the budget does not cover it.
    pub(super) fn pay_for_text(&mut self, bytes: usize) -> Result<(), TooExpensive> {
        self.pay(1 + bytes / 16)
    }

    /// Pays for reading a number.
    ///
    /// # Errors
    /// When the budget does not cover it.
    pub(super) fn pay_for_number(&mut self, digits: usize) -> Result<(), TooExpensive> {
        self.pay(2 + digits / 8)
    }

    /// Goes one level deeper. Call [`Budget::leave`] after it.
    ///
    /// # Errors
    /// When it is too deep.
    pub(super) fn enter(&mut self) -> Result<(), TooExpensive> {
        self.depth = self.depth.checked_sub(1).ok_or(TooExpensive)?;
        Ok(())
    }

    pub(super) fn leave(&mut self) {
        self.depth += 1;
    }

    #[cfg(test)]
    pub(super) fn spent(&self) -> u64 {
        UNITS - self.units
    }
}
