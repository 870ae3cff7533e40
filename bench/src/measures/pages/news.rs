//! How soon an order is to be seen on the board of its kitchen.

use std::time::Duration;

use anyhow::{Context, Result};
use clock::Sources;
use serde_json::json;

use super::Readers;
use crate::browser::Browser;
use crate::load::Samples;
use crate::measures::orders::Customer;
use crate::report::Row;

const ORDERS: usize = 100;
/// How long the slowest hundredth may take, in milliseconds.
const MOST: f64 = 1_000.0;

/// Answers when the board has shown more tickets than so many, in milliseconds since 1970: with the picture after that.
const WAIT: &str = "
    const [known, done] = arguments;
    const check = () => {
        if (document.querySelectorAll('.ticket').length <= known) return false;
        requestAnimationFrame(() => done(Date.now()));
        return true;
    };
    if (!check()) {
        const observer = new MutationObserver(() => check() && observer.disconnect());
        observer.observe(document.body, { childList: true, subtree: true });
    }";

const COUNT: &str = "arguments[0](document.querySelectorAll('.ticket').length)";

/// From when an order is asked for until its ticket is on the screen of whoever runs the kitchen.
pub(super) async fn until_shown(browser: &Browser, url: &str, readers: &Readers) -> Result<Row> {
    browser.sign_in(readers.owner.access_token()).await?;
    browser.open(&format!("/mutfak/{}", readers.kitchen.restaurant)).await?;
    let known = browser.run(COUNT, &[]).await?.as_u64().context("a number of tickets")?;
    let mut customer = Customer::new(url, &readers.diner, &readers.kitchen, None).await?;
    let (sources, mut times) = (Sources::system(), Samples::default());
    for order in 0..ORDERS as u64 {
        let arguments = [json!(known + order)];
        let (shown, asked) = tokio::join!(browser.run(WAIT, &arguments), async {
            // The script is there before there is anything to be seen.
            sources.sleep(Duration::from_millis(50)).await;
            let asked = sources.now();
            customer.check_out().await.map(|_| asked)
        });
        let (shown, asked) = (shown?.as_i64().context("a time")?, asked?.timestamp_millis());
        times.add(Duration::from_millis(u64::try_from(shown - asked).context("it was shown before it was asked for")?));
    }
    let detail = format!("p99 of {ORDERS} orders, median {:.0?}; since it was asked for", times.median()?);
    Ok(Row::milliseconds("pages: an order on the board, p99", times.percentile(99)?, MOST, detail))
}
