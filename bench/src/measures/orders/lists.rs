//! Lists of orders among very many: the board of a restaurant and the history of a diner, from the first page and from any place.

use std::time::Instant;

use anyhow::{Result, ensure};
use data_encoding::BASE64URL_NOPAD;
use uuid::Uuid;

use crate::diner::Diner;
use crate::lean_client::LeanClient;
use crate::load::Samples;
use crate::report::Row;
use crate::store::orders::{BUSY, REGULAR};

/// Of each list.
const READS: i64 = 200;
/// How long the slowest twentieth may take, in milliseconds.
const MOST: f64 = 10.0;

/// Lists among so many orders.
pub(super) struct Lists {
    pub(super) name: &'static str,
    pub(super) orders: u64,
    /// The id of the newest one.
    pub(super) newest: i64,
    /// Where many were ordered.
    pub(super) busy: Uuid,
}

/// Where a page begins.
#[derive(Debug, Clone, Copy)]
enum Start {
    First,
    /// Behind any order, from the oldest to the newest.
    Anywhere,
}

impl Lists {
    /// Reads the board of the busy restaurant as its owner, and the history of a diner who orders often.
    pub(super) async fn read(&self, url: &str, owner: &Diner, regular: &Diner) -> Result<Vec<Row>> {
        let mut client = LeanClient::connect(url).await?;
        let board = |view: &str| format!("/carts/restaurants/{}/orders?view={view}", self.busy);
        let (open, closed, history) = (board("open"), board("closed"), "/carts/orders?limit=20");
        let (of_busy, of_regular) = (self.orders / BUSY, self.orders / REGULAR);
        let lists = [
            ("open orders of a board", &*open, owner, Start::First, of_busy),
            ("closed orders of a board", &closed, owner, Start::First, of_busy),
            ("any page of closed orders", &closed, owner, Start::Anywhere, of_busy),
            ("history of a diner", history, regular, Start::First, of_regular),
            ("any page of a history", history, regular, Start::Anywhere, of_regular),
        ];
        let mut rows = Vec::with_capacity(lists.len());
        for (what, path, reader, start, own) in lists {
            let (times, bytes) = self.pages(&mut client, path, &reader.bearer(), start).await?;
            let detail = format!(
                "p95 of {}, median {:.1?}; {} kB a page; {own} among {} orders",
                times.len(),
                times.median()?,
                bytes / 1_000,
                self.orders
            );
            rows.push(Row::milliseconds(format!("{}: {what}, p95", self.name), times.percentile(95)?, MOST, detail));
        }
        Ok(rows)
    }

    /// How long each page took, and how long the last one was.
    async fn pages(&self, client: &mut LeanClient, path: &str, bearer: &str, start: Start) -> Result<(Samples, usize)> {
        let (mut times, mut bytes) = (Samples::default(), 0);
        for read in 1..=READS {
            let path = match start {
                Start::First => path.to_owned(),
                Start::Anywhere => format!("{path}&cursor={}", cursor(self.newest * read / READS)),
            };
            let begun = Instant::now();
            let answer = client.get(&path, &[("authorization", bearer)]).await?;
            times.add(begun.elapsed());
            ensure!(answer.status == 200, "{path} answered {}", answer.status);
            ensure!(answer.body.len() > "[]".len(), "{path} has nothing");
            bytes = answer.body.len();
        }
        Ok((times, bytes))
    }
}

/// As a list makes it of the last order on a page.
fn cursor(id: i64) -> String {
    BASE64URL_NOPAD.encode(&id.to_be_bytes())
}
