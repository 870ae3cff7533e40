//! Somebody who orders again and again.

use std::time::Instant;

use anyhow::{Result, bail};
use clock::Sources;

use super::kitchen::Kitchen;
use crate::diner::Diner;
use crate::lean_client::LeanClient;
use crate::load::Samples;

/// How often one comes again who is asked to.
const ATTEMPTS: u64 = 5;

pub(crate) struct Customer {
    client: LeanClient,
    bearer: String,
    body: String,
    /// Makes its keys others than those of anybody else.
    name: u64,
    orders: u64,
    pub(super) times: Samples,
    /// How often it was asked to come again.
    pub(super) refusals: u64,
}

impl Customer {
    /// `diner`, who orders at `kitchen` from the server at `url`.
    pub(crate) async fn new(url: &str, diner: &Diner, kitchen: &Kitchen, coupon: Option<&str>) -> Result<Self> {
        Ok(Self {
            client: LeanClient::connect(url).await?,
            bearer: diner.bearer(),
            body: kitchen.checkout(coupon).to_string(),
            name: u64::from_be_bytes(Sources::system().bytes()),
            orders: 0,
            times: Samples::default(),
            refusals: 0,
        })
    }

    /// Orders once more, and gives the order as it was answered. Whoever is asked to come again does so at once.
    pub(crate) async fn check_out(&mut self) -> Result<Vec<u8>> {
        self.orders += 1;
        let key = format!("{:016x}-{}", self.name, self.orders);
        let headers = [("authorization", self.bearer.as_str()), ("idempotency-key", key.as_str())];
        let begun = Instant::now();
        for _ in 0..ATTEMPTS {
            let answer = self.client.post("/carts/checkout", &self.body, &headers).await?;
            match answer.status {
                200 => {
                    let order = answer.body.to_vec();
                    self.times.add(begun.elapsed());
                    return Ok(order);
                }
                503 | 409 => self.refusals += 1,
                other => bail!("a checkout answered {other}: {}", String::from_utf8_lossy(answer.body)),
            }
        }
        bail!("a checkout was asked to come again {ATTEMPTS} times")
    }
}
