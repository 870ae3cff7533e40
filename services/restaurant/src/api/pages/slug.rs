//! Addresses of restaurants and dishes: a name for readers, and behind it the id, which alone decides.

use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Redirect, Response};
use contracts::fold;
use uuid::Uuid;

/// Letters of a name in an address: a menu has each address twice a dish.
const LONGEST: usize = 24;

/// What is called `name`, as one segment of a path: `kebapci-halil-018f…`.
pub(super) fn slug(name: &str, id: Uuid) -> String {
    let folded = fold(name);
    let words = folded.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut slug = String::new();
    for word in words {
        if slug.len() + word.len() > LONGEST {
            break;
        }
        slug.push_str(word);
        slug.push('-');
    }
    format!("{slug}{}", id.simple())
}

/// The id in a segment, whatever name stands before it, or none.
pub(super) fn id_in(segment: &str) -> Option<Uuid> {
    let last = segment.rsplit('-').next()?;
    segment.parse().or_else(|_| last.parse()).ok()
}

/// Leads from an id alone, or from a name of before, to the address as it is now. No browser keeps that, though 308 lets it: a
/// name that is changed and changed back would lead in a circle.
pub(super) fn moved(path: &str) -> Response {
    ([(CACHE_CONTROL, "no-store")], Redirect::permanent(path)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "018f00000000700080000000000000ab";

    fn named(name: &str) -> String {
        slug(name, ID.parse().unwrap())
    }

    #[test]
    fn a_name_is_written_as_anybody_can_type_it() {
        for (name, written) in [
            ("Kebapçı Halil", "kebapci-halil-"),
            ("Ömer’in Yeri & Oğulları", "omer-in-yeri-ogullari-"),
            ("ISPARTA/İzmir  2", "isparta-izmir-2-"),
            ("寿司 🍣", ""),
            (&"a".repeat(100), ""),
            (&"kebap ".repeat(20), "kebap-kebap-kebap-kebap-"),
        ] {
            assert_eq!(named(name), format!("{written}{ID}"));
        }
    }

    #[test]
    fn the_id_decides_whatever_stands_before_it() {
        let id = Some(ID.parse().unwrap());

        for segment in [ID, "018F0000-0000-7000-8000-0000000000AB", &named("Kebapçı Halil"), &format!("x-{ID}")] {
            assert_eq!(id_in(segment), id, "{segment}");
        }
        for segment in ["", "-", "kebapci-halil", "kebapci-halil-018f", &format!("{ID}-x"), &format!("x{ID}")] {
            assert_eq!(id_in(segment), None, "{segment}");
        }
    }
}
