//! A form that begins with what is there.

use super::Typed;

/// Of the names of fields and their values, in their order.
impl FromIterator<(String, String)> for Typed {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(fields: I) -> Self {
        Self { fields: fields.into_iter().collect(), refusal: None }
    }
}
