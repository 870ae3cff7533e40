//! Whether the colours of the stylesheet can be told apart, computed from its tokens as WCAG 2.2 does (1.4.3, 1.4.11).

use std::collections::HashMap;

use crate::assets::SHEET;

/// Text against what lies behind it.
const TEXT: f64 = 4.5;
/// Edges of fields and the ring of focus against what lies beside them.
const EDGE: f64 = 3.0;

type Colour = [f64; 3];
type Tokens = HashMap<String, String>;

/// The declarations of the first rule of `sheet` that has this `selector` and no other.
fn declarations(sheet: &str, selector: &str) -> Tokens {
    let rule = format!("{selector} {{");
    let starts_a_line = |at: usize| sheet[..at].trim_end_matches(' ').ends_with('\n');
    let start = sheet.match_indices(&rule).map(|(at, _)| at).find(|at| starts_a_line(*at));
    let start = start.unwrap_or_else(|| panic!("no rule {selector}"));
    let body = sheet[start..].split_once('{').and_then(|(_, rest)| rest.split_once('}')).expect("a rule has an end").0;
    let pairs = body.split(';').filter_map(|line| line.split_once(':'));
    pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect()
}

/// The tokens in light and in dark, each as it is in force there.
fn schemes() -> [(&'static str, Tokens); 2] {
    let (light, dark) = SHEET.split_once("@media (prefers-color-scheme: dark)").expect("the sheet has a dark half");
    let light = declarations(light, ":root");
    let mut both = light.clone();
    both.extend(declarations(dark, ":root"));
    [("light", light), ("dark", both)]
}

/// The colour that `value` names: `#rrggbb`, or `var(--token)`.
fn colour(tokens: &Tokens, value: &str) -> Colour {
    if let Some(name) = value.strip_prefix("var(").and_then(|rest| rest.strip_suffix(')')) {
        return colour(tokens, tokens.get(name).unwrap_or_else(|| panic!("no token {name}")));
    }
    let digits = value.strip_prefix('#').filter(|digits| digits.len() == 6);
    let digits = digits.unwrap_or_else(|| panic!("{value} is neither a token nor #rrggbb"));
    [0, 2, 4].map(|at| f64::from(u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal")) / 255.0)
}

fn luminance(colour: Colour) -> f64 {
    let linear = |part: f64| if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) };
    let [red, green, blue] = colour.map(linear);
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn contrast(one: Colour, other: Colour) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// The last word of a border or outline, which is its colour.
fn last_word(value: &str) -> &str {
    value.rsplit(' ').next().unwrap_or(value)
}

/// `colour` at `share` over `ground`.
fn tint(colour: Colour, share: f64, ground: Colour) -> Colour {
    [0, 1, 2].map(|part| colour[part] * share + ground[part] * (1.0 - share))
}

#[track_caller]
fn assert_apart(scheme: &str, tokens: &Tokens, front: &str, ground: &str, least: f64) {
    let ratio = contrast(colour(tokens, front), colour(tokens, ground));
    assert!(ratio >= least, "{scheme}: {front} on {ground} has {ratio:.2}, not {least}");
}

#[test]
fn text_is_readable_on_paper_and_on_cards() {
    for (scheme, tokens) in schemes() {
        for text in ["--ink", "--faint", "--link", "--good", "--bad", "--warn"] {
            for ground in ["--paper", "--card"] {
                assert_apart(scheme, &tokens, &format!("var({text})"), &format!("var({ground})"), TEXT);
            }
        }
        assert_apart(scheme, &tokens, "var(--on-saffron)", "var(--saffron)", TEXT);
        assert_apart(scheme, &tokens, "var(--paper)", "var(--bad)", TEXT);
        // The present tab.
        assert_apart(scheme, &tokens, "var(--paper)", "var(--link)", TEXT);
    }
}

#[test]
fn a_chip_is_readable_on_its_own_tint() {
    for (scheme, tokens) in schemes() {
        let card = colour(&tokens, "var(--card)");
        for name in ["good", "bad", "warn"] {
            let chip = declarations(SHEET, &format!(".chip.{name}"));
            let own = format!("var(--{name})");
            assert_eq!((chip["background"].as_str(), &chip["color"]), (tinted(&own).as_str(), &own));
            let own = colour(&tokens, &own);
            assert!(contrast(own, tint(own, 0.12, card)) >= TEXT, "{scheme}: {name}");
        }
        let chosen = tint(colour(&tokens, "var(--link)"), 0.12, card);
        assert!(contrast(colour(&tokens, "var(--link)"), chosen) >= TEXT, "{scheme}: a chip that is chosen");
    }
}

fn tinted(token: &str) -> String {
    format!("color-mix(in srgb, {token} 12%, var(--card))")
}

#[test]
fn a_bar_of_a_chart_is_seen_on_its_card() {
    for (scheme, tokens) in schemes() {
        assert_apart(scheme, &tokens, "var(--chart)", "var(--card)", EDGE);
    }
}

#[test]
fn the_edge_of_what_can_be_pressed_is_seen() {
    let quiet = declarations(SHEET, ".button.quiet");
    let chip = declarations(SHEET, "a.chip, button.chip");
    for (scheme, tokens) in schemes() {
        for edge in [&quiet["border-color"], &chip["border-color"]] {
            for ground in ["var(--paper)", "var(--card)"] {
                assert_apart(scheme, &tokens, edge, ground, EDGE);
            }
        }
    }
}

#[test]
fn the_edge_of_a_field_is_seen() {
    let field = declarations(SHEET, "input, select, textarea");
    let invalid = declarations(SHEET, "[aria-invalid=\"true\"]");
    for (scheme, tokens) in schemes() {
        for edge in [last_word(&field["border"]), &invalid["border-color"]] {
            for ground in ["var(--paper)", &field["background"]] {
                assert_apart(scheme, &tokens, edge, ground, EDGE);
            }
        }
    }
}

#[test]
fn the_ring_of_focus_is_seen_on_paper_in_lists_and_in_the_harbour() {
    let ring = declarations(SHEET, ":focus-visible");
    let ring = last_word(&ring["outline"]);
    let harbour = declarations(SHEET, ".harbour");
    for (scheme, tokens) in schemes() {
        for ground in ["var(--paper)", "var(--card)"] {
            assert_apart(scheme, &tokens, ring, ground, EDGE);
        }
        let hovered = tint(colour(&tokens, "var(--saffron)"), 0.12, colour(&tokens, "var(--card)"));
        assert!(contrast(colour(&tokens, ring), hovered) >= EDGE, "{scheme}: on a row below the pointer");
        let mut inside = tokens.clone();
        inside.extend(harbour.clone());
        for ground in ["var(--sea)", "var(--deep)"] {
            assert_apart(scheme, &inside, ring, ground, EDGE);
            assert_apart(scheme, &inside, &harbour["color"], ground, TEXT);
        }
    }
}

#[test]
fn the_computation_is_that_of_the_standard() {
    let tokens = Tokens::new();
    let ratio = |one, other| contrast(colour(&tokens, one), colour(&tokens, other));

    assert!((ratio("#000000", "#ffffff") - 21.0).abs() < 1e-9);
    assert!((ratio("#777777", "#ffffff") - 4.48).abs() < 0.005);
    assert!((ratio("#336699", "#336699") - 1.0).abs() < 1e-9);
}
