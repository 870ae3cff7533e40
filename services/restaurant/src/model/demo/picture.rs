//! Drawn pictures for the demo town: small, and of nobody's camera.

use super::town::Kitchen;

/// An SVG of at most 2 KB: two hues and a sign of the kitchen, and the initials of what it is of.
pub(super) fn draw(kitchen: Kitchen, name: &str) -> String {
    let Style { hues: [from, to], sign } = Style::of(kitchen);
    let initials = initials(name);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 320 200\" role=\"img\">\
         <defs><linearGradient id=\"g\" x1=\"0\" y1=\"0\" x2=\"1\" y2=\"1\">\
         <stop offset=\"0\" stop-color=\"hsl({from} 62% 46%)\"/><stop offset=\"1\" stop-color=\"hsl({to} 66% 30%)\"/>\
         </linearGradient></defs><rect width=\"320\" height=\"200\" fill=\"url(#g)\"/>\
         <g transform=\"translate(176 36) scale(2)\" fill=\"none\" stroke=\"#fff\" stroke-opacity=\".85\" \
         stroke-width=\"2.5\" stroke-linecap=\"round\" stroke-linejoin=\"round\"><path d=\"{sign}\"/></g>\
         <text x=\"28\" y=\"172\" font-family=\"Georgia,serif\" font-size=\"76\" fill=\"#fff\">{initials}</text></svg>"
    )
}

/// The first letters of the first two words. Only letters and digits, which no SVG takes for anything else.
fn initials(name: &str) -> String {
    name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric())).take(2).collect()
}

struct Style {
    hues: [u16; 2],
    /// A path on a square of 64.
    sign: &'static str,
}

impl Style {
    const fn of(kitchen: Kitchen) -> Self {
        let (hues, sign) = match kitchen {
            // A skewer.
            Kitchen::Kebap => {
                ([12, 350], "M4 60 60 4M18 38l8 8M26 30l8 8M34 22l8 8M14 42a9 9 0 0 1 4-4M42 14a9 9 0 0 1 8 8")
            }
            // A fish.
            Kitchen::Seafood => ([200, 222], "M6 32c12-18 32-18 42 0-10 18-30 18-42 0ZM48 32l12-10v20ZM16 30h.1"),
            // A boat of dough.
            Kitchen::Pide => {
                ([38, 18], "M4 32c16-18 40-18 56 0-16 18-40 18-56 0ZM16 32c10-8 22-8 32 0-10 8-22 8-32 0Z")
            }
            // A cone that turns.
            Kitchen::Doner => ([28, 8], "M32 2v60M16 10h32l-8 40H24ZM18 20h28M20 30h24M22 40h20"),
            // A grill over its fire.
            Kitchen::Grill => (
                [5, 330],
                "M6 28h52M12 28c0 16 8 22 20 22s20-6 20-22M22 50l-6 12M42 50l6 12M22 8q-6 6 0 12M34 8q-6 6 0 12M46 8q-6 6 0 12",
            ),
            // Fries in a bag.
            Kitchen::FastFood => ([45, 12], "M14 28h36l-6 32H20ZM20 28V10M28 28V4M36 28V8M44 28V12"),
            // A pot.
            Kitchen::Home => ([95, 140], "M12 26h40v24a8 8 0 0 1-8 8H20a8 8 0 0 1-8-8ZM6 26h52M28 18h8M4 34h8M52 34h8"),
            // A bun with what is in it.
            Kitchen::Burger => (
                [32, 355],
                "M10 26c0-12 10-18 22-18s22 6 22 18ZM8 34q6 6 12 0t12 0 12 0 12 0M10 44h44v4a8 8 0 0 1-8 8H18a8 8 0 0 1-8-8Z",
            ),
            // A roll.
            Kitchen::Durum => ([22, 44], "M20 60 12 20c0-10 40-10 40 0l-8 40ZM12 20c0 10 40 10 40 0M16 40l32-8"),
            // A bowl that steams.
            Kitchen::Soup => {
                ([190, 165], "M6 32h52c0 16-10 26-26 26S6 48 6 32ZM22 6q-6 8 0 16M34 6q-6 8 0 16M46 6q-6 8 0 16")
            }
            // A fried egg.
            Kitchen::Breakfast => (
                [48, 30],
                "M8 34c0-18 16-28 30-22 16 4 22 20 16 32-6 14-24 14-32 10C12 52 8 44 8 34ZM24 32a9 9 0 1 0 18 0 9 9 0 1 0-18 0",
            ),
            // A slice of many layers.
            Kitchen::Dessert => ([320, 290], "M8 22 32 8l24 14-24 14ZM8 22v10l24 14 24-14V22M8 34v10l24 14 24-14V34"),
            // A slice that drips.
            Kitchen::Pizza => {
                ([2, 40], "M8 14c16-10 32-10 48 0L32 60ZM12 20c14-8 26-8 40 0M24 30h.1M38 28h.1M31 42h.1")
            }
            // A leaf.
            Kitchen::Vegan => ([130, 85], "M10 54C6 24 26 8 56 8c0 30-16 50-46 46ZM10 54 40 24M24 40V28M32 32h12"),
        };
        Self { hues, sign }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_letters_alone() {
        let all = ["Çıpa Kebap", "Kaptan Ömer'in Yeri", "<b> & \"x\"", "Su", "  "].map(initials);

        assert_eq!(all, ["ÇK", "KÖ", "bx", "S", ""]);
    }
}
