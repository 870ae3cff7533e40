//! Lines over a size that grows, as an SVG: both axes logarithmic.

use std::fmt::Write as _;

/// A line and its points, each a size and what was measured there.
pub(crate) struct Series {
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, f64)>,
}

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 70.0;
const RIGHT: f64 = 170.0;
const TOP: f64 = 50.0;
const BOTTOM: f64 = 50.0;
const COLORS: [&str; 4] = ["#0b6e99", "#c0392b", "#7d9b3f", "#8e44ad"];

/// From a decade's beginning to another's end.
struct Axis {
    least: f64,
    most: f64,
    from: f64,
    to: f64,
}

impl Axis {
    fn of(values: impl Iterator<Item = f64> + Clone, from: f64, to: f64) -> Self {
        let least = values.clone().fold(f64::INFINITY, f64::min).log10().floor();
        let most = values.fold(f64::NEG_INFINITY, f64::max).log10().ceil();
        Self { least, most: if most > least { most } else { least + 1.0 }, from, to }
    }

    fn place(&self, value: f64) -> f64 {
        self.from + (value.log10() - self.least) / (self.most - self.least) * (self.to - self.from)
    }

    fn decades(&self) -> impl Iterator<Item = f64> + use<> {
        let most = self.most;
        std::iter::successors(Some(self.least), |decade| Some(decade + 1.0))
            .take_while(move |decade| *decade <= most)
            .map(|decade| 10_f64.powf(decade))
    }
}

/// The picture of `lines`, which have points.
pub(crate) fn svg(title: &str, sizes: &str, unit: &str, lines: &[Series]) -> String {
    let points = || lines.iter().flat_map(|line| line.points.iter().copied());
    let across = Axis::of(points().map(|(size, _)| size), LEFT, WIDTH - RIGHT);
    let up = Axis::of(points().map(|(_, value)| value), HEIGHT - BOTTOM, TOP);
    let (right, bottom) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"#fff\"/>\n<text x=\"{LEFT}\" y=\"28\" font-size=\"16\">{title}</text>\n"
    );
    let mut add = |element: std::fmt::Arguments<'_>| writeln!(svg, "{element}").expect("a string takes any text");
    for decade in across.decades() {
        let x = across.place(decade);
        add(format_args!("<path d=\"M{x:.1} {TOP}V{bottom}\" stroke=\"#ddd\"/>"));
        add(format_args!("<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{decade}</text>", bottom + 20.0));
    }
    for decade in up.decades() {
        let y = up.place(decade);
        add(format_args!("<path d=\"M{LEFT} {y:.1}H{right}\" stroke=\"#ddd\"/>"));
        add(format_args!(
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{decade} {unit}</text>",
            LEFT - 6.0,
            y + 4.0
        ));
    }
    add(format_args!(
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{sizes}</text>",
        f64::midpoint(LEFT, right),
        HEIGHT - 8.0
    ));
    for (line, color) in lines.iter().zip(COLORS.iter().cycle()) {
        let mut places = line.points.iter().map(|(size, value)| (across.place(*size), up.place(*value)));
        let path: Vec<String> = places.clone().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        add(format_args!(
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"/>",
            path.join(" ")
        ));
        for (x, y) in places.clone() {
            add(format_args!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\" fill=\"{color}\"/>"));
        }
        if let Some((x, y)) = places.next_back() {
            add(format_args!("<text x=\"{:.1}\" y=\"{:.1}\" fill=\"{color}\">{}</text>", x + 8.0, y + 4.0, line.name));
        }
    }
    svg + "</svg>\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenfold_is_as_far_everywhere() {
        let line =
            Series { name: "ours".to_owned(), points: vec![(1_000.0, 1.0), (10_000.0, 10.0), (100_000.0, 100.0)] };

        let picture = svg("search", "restaurants", "ms", &[line]);

        assert!(picture.contains("points=\"70.0,370.0 310.0,210.0 550.0,50.0\""), "{picture}");
    }
}
