//! What a phone's browser sees of a page that it has never opened, and when.

use std::time::Duration;

use anyhow::Result;
use serde::Deserialize;
use serde_json::json;

use super::Readers;
use crate::browser::{Browser, Conditions};
use crate::load::{Samples, count};
use crate::report::{Row, Target};

/// Of each page under each condition.
const VIEWS: usize = 20;
/// How much of what is seen may move, as browsers reckon it.
const MOST_SHIFT: f64 = 0.02;
const MOST_KILOBYTES: f64 = 40.0;
const MOST_REQUESTS: f64 = 16.0;
/// Until nothing comes any more, in milliseconds.
const SETTLED: u32 = 600;

const HERE: Conditions = Conditions { latency: 0, bits_per_second: 1_000_000_000, slowdown: 1 };
const FAR: Conditions = Conditions { latency: 150, bits_per_second: 1_600_000, slowdown: 4 };
/// Their names, and until when the largest part of a page has to be there, in milliseconds.
const CONDITIONS: [(&str, Conditions, f64); 2] = [("here", HERE, 500.0), ("150 ms, 1.6 Mbit/s, CPU ÷ 4", FAR, 1_200.0)];

const VIEW_SCRIPT: &str = "
    const [settled, done] = arguments;
    const entries = (type) => new Promise((resolve) => {
        const seen = [];
        new PerformanceObserver((list) => seen.push(...list.getEntries())).observe({ type, buffered: true });
        setTimeout(() => resolve(seen), settled);
    });
    Promise.all([entries('largest-contentful-paint'), entries('layout-shift')]).then(([paints, shifts]) => {
        const [page] = performance.getEntriesByType('navigation');
        const parts = [page, ...performance.getEntriesByType('resource')];
        done({
            largest_paint: paints.at(-1).startTime,
            shift: shifts.reduce((sum, { value, hadRecentInput }) => hadRecentInput ? sum : sum + value, 0),
            bytes: parts.reduce((sum, { transferSize }) => sum + transferSize, 0),
            requests: parts.filter(({ startTime }) => startTime <= page.loadEventEnd).length,
        });
    });";

/// A page that was opened once.
#[derive(Debug, Clone, Copy, Deserialize)]
struct View {
    /// Since it was asked for, in milliseconds.
    largest_paint: f64,
    shift: f64,
    bytes: u64,
    /// Until it was loaded; pictures that lie further down come after that.
    requests: u64,
}

/// Of the pages on the way to an order.
pub(super) async fn of_pages(browser: &Browser, readers: &Readers) -> Result<Vec<Row>> {
    browser.sign_in(readers.diner.access_token()).await?;
    browser.open(&Readers::restaurant()).await?;
    let restaurant = browser.path().await?;
    let mut rows = Vec::new();
    for (name, path) in [("first page", "/"), ("restaurant", &*restaurant), ("basket", "/sepet")] {
        let mut shifts = 0.0_f64;
        for (condition, conditions, most) in CONDITIONS {
            browser.set_conditions(conditions).await?;
            let mut paints = Samples::default();
            for _ in 0..VIEWS {
                let view = view(browser, path).await?;
                paints.add(Duration::from_secs_f64(view.largest_paint / 1_000.0));
                shifts = shifts.max(view.shift);
            }
            let detail = format!("p95 of {VIEWS}, median {:.0?}; nothing kept from before", paints.median()?);
            let what = format!("pages: {name}, largest paint, {condition}");
            rows.push(Row::milliseconds(what, paints.percentile(95)?, most, detail));
        }
        browser.set_conditions(HERE).await?;
        let moved = format!("the most of {} views", 2 * VIEWS);
        rows.push(Row::new(format!("pages: {name}, shift"), shifts, "", Target::AtMost(MOST_SHIFT), moved));
        rows.extend(weight(name, view(browser, path).await?));
    }
    Ok(rows)
}

fn weight(name: &str, view: View) -> [Row; 2] {
    let (kilobytes, detail) = (count(view.bytes) / 1_000.0, "of a phone, with their heads".to_owned());
    [
        Row::new(format!("pages: {name}, first view"), kilobytes, "kB", Target::AtMost(MOST_KILOBYTES), detail.clone()),
        Row::new(format!("pages: {name}, requests"), count(view.requests), "", Target::AtMost(MOST_REQUESTS), detail),
    ]
}

async fn view(browser: &Browser, path: &str) -> Result<View> {
    browser.forget_files().await?;
    browser.open(path).await?;
    Ok(serde_json::from_value(browser.run(VIEW_SCRIPT, &[json!(SETTLED)]).await?)?)
}
