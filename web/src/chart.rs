//! Bars as SVG that stands in a page: places are attributes and colours classes, so the policy of pages allows it.
//!
//! A chart repeats what a table beside it says: it is a picture with a name for who can't see it, and its numbers are not read aloud.

use askama::Template;

/// Units of the picture, which is as wide as its page makes it.
const WIDTH: u32 = 360;
const HEIGHT: u32 = 180;
/// Above the highest bar, for the amount that it stands for.
const TOP: u32 = 18;
/// Below the bars, for their names.
const BOTTOM: u32 = 20;
/// Between a bar and the next, of the width that both have.
const GAP: f64 = 0.2;
/// As many names stand below the bars without touching each other.
const MOST_LABELS: usize = 8;

/// One bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// What stands below it, short.
    pub label: String,
    /// What it says to who points at it.
    pub title: String,
    /// How high it is, in any unit.
    pub value: u64,
}

/// Bars beside each other, from 0 up. Written into a template with `|safe`, for it is HTML already.
#[derive(Debug, Clone, Template)]
#[template(path = "chart.svg", ext = "html")]
pub struct BarChart {
    /// By which no other element of its page is called.
    id: &'static str,
    title: String,
    description: String,
    /// What the highest bar stands for.
    highest: String,
    bars: Vec<PlacedBar>,
}

/// Where a bar stands.
#[derive(Debug, Clone)]
struct PlacedBar {
    bar: Bar,
    x: String,
    y: String,
    width: String,
    height: String,
    /// Where the middle of its name stands, if there is room for it.
    label_x: Option<String>,
}

impl BarChart {
    /// `bars` as a picture called `title`. `description` says of what; `highest` is the value of the highest bar as a reader knows it.
    #[must_use]
    pub fn new(id: &'static str, (title, description): (String, String), highest: String, bars: Vec<Bar>) -> Self {
        let most = bars.iter().map(|bar| bar.value).max().unwrap_or_default().max(1);
        let step = f64::from(WIDTH) / count(bars.len().max(1));
        let every = bars.len().div_ceil(MOST_LABELS).max(1);
        let place = |(nth, bar): (usize, Bar)| {
            let (left, width) = (step * (count(nth) + GAP / 2.0), step * (1.0 - GAP));
            let height = f64::from(HEIGHT - TOP - BOTTOM) * share(bar.value, most);
            PlacedBar {
                x: units(left),
                y: units(f64::from(HEIGHT - BOTTOM) - height),
                width: units(width),
                height: units(height),
                label_x: nth.is_multiple_of(every).then(|| units(left + width / 2.0)),
                bar,
            }
        };
        Self { id, title, description, highest, bars: bars.into_iter().enumerate().map(place).collect() }
    }

    fn width(&self) -> u32 {
        WIDTH
    }

    fn height(&self) -> u32 {
        HEIGHT
    }

    /// Where bars begin.
    fn ground(&self) -> u32 {
        HEIGHT - BOTTOM
    }

    fn top(&self) -> u32 {
        TOP
    }
}

/// Charts have far fewer bars than such a number can count.
fn count(bars: usize) -> f64 {
    u32::try_from(bars).map_or(f64::from(u32::MAX), f64::from)
}

/// How much of `most` the value is, to a thousandth, which nobody sees.
fn share(value: u64, most: u64) -> f64 {
    let thousandths = u128::from(value) * 1000 / u128::from(most);
    u32::try_from(thousandths).map_or(1.0, |thousandths| f64::from(thousandths) / 1000.0)
}

fn units(value: f64) -> String {
    format!("{value:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(values: &[u64]) -> BarChart {
        let bar = |value: &u64| Bar { label: format!("<{value}>"), title: format!("{value} ₺"), value: *value };
        let texts = ("Kazanç".to_owned(), "Gün gün".to_owned());
        BarChart::new("kazanc-grafik", texts, "₺4,00".to_owned(), values.iter().map(bar).collect())
    }

    #[test]
    fn the_highest_bar_fills_the_picture_and_the_others_are_in_proportion() {
        let heights: Vec<String> = chart(&[4, 1, 0]).bars.into_iter().map(|bar| bar.height).collect();

        assert_eq!(heights, ["142.0", "35.5", "0.0"]);
        assert_eq!(chart(&[u64::MAX, 0]).bars[0].height, "142.0");
    }

    #[test]
    fn nothing_at_all_is_a_picture_too() {
        assert!(chart(&[0, 0]).bars.iter().all(|bar| bar.height == "0.0"));
        assert!(chart(&[]).to_string().contains("<svg"));
    }

    #[test]
    fn bars_stand_beside_each_other_within_the_picture() {
        let bars = chart(&[1; 31]).bars;
        let number = |text: &str| text.parse::<f64>().unwrap();

        assert!(bars.windows(2).all(|pair| number(&pair[0].x) + number(&pair[0].width) < number(&pair[1].x)));
        assert!(number(&bars[0].x) >= 0.0 && number(&bars[30].x) + number(&bars[30].width) <= f64::from(WIDTH));
        assert_eq!(bars.iter().filter(|bar| bar.label_x.is_some()).count(), 8);
    }

    #[test]
    fn a_chart_has_a_name_and_nothing_that_the_policy_forbids() {
        let html = chart(&[4, 1]).to_string();

        for part in [
            "role=\"img\"",
            "aria-labelledby=\"kazanc-grafik-title kazanc-grafik-desc\"",
            "<title id=\"kazanc-grafik-title\">Kazanç</title>",
            "<desc id=\"kazanc-grafik-desc\">Gün gün</desc>",
            "<title>4 ₺</title>",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
        for forbidden in ["style", "fill=", "<4>", "href"] {
            assert!(!html.contains(forbidden), "{forbidden} in {html}");
        }
    }
}
