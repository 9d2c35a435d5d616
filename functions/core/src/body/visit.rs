//! Visitors that hand the members of a value on as they are written.

use std::fmt;

use serde::de::{MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// Calls back for each field of an object; values are skipped over without being built, however deep they are.
pub(crate) struct Fields<F>(pub(crate) F);

impl<'de, F: FnMut(&str, &'de RawValue)> Visitor<'de> for Fields<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some((key, value)) = map.next_entry::<String, &'de RawValue>()? {
            (self.0)(&key, value);
        }
        Ok(())
    }
}

/// Calls back for each element of an array.
pub(crate) struct Elements<F>(pub(crate) F);

impl<'de, F: FnMut(usize, &'de RawValue)> Visitor<'de> for Elements<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        let mut index = 0;
        while let Some(value) = seq.next_element::<&'de RawValue>()? {
            (self.0)(index, value);
            index += 1;
        }
        Ok(())
    }
}
