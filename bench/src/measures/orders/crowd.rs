//! Customers who order at the same time, and what that came to.

use std::time::Duration;

use anyhow::Result;

use super::customer::Customer;
use super::kitchen::Kitchen;
use crate::diner::Diner;
use crate::load::{Samples, Work, keep_busy};
use crate::process::cpu_time;
use crate::report::Row;

const TURN: Duration = Duration::from_secs(2);
/// How long the slowest hundredth of checkouts may take, in milliseconds.
const MOST_WAIT: f64 = 150.0;

pub(super) struct Crowd {
    customers: Vec<Customer>,
    /// The server that they order from.
    process: u32,
    /// With its processor time.
    by_processor: Work,
    times: Samples,
    refusals: u64,
}

impl Crowd {
    /// Each of `diners` at a kitchen of their own, over the server at `url`, which is `process`.
    pub(super) async fn new((url, process): (&str, u32), diners: &[Diner], coupon: Option<&str>) -> Result<Self> {
        let mut customers = Vec::with_capacity(diners.len());
        for (number, diner) in diners.iter().enumerate() {
            customers.push(Customer::new(url, diner, &Kitchen::new(number), coupon).await?);
        }
        Ok(Self { customers, process, by_processor: Work::default(), times: Samples::default(), refusals: 0 })
    }

    /// Lets all of them order for a turn, as fast as they are answered.
    pub(super) async fn order(&mut self) -> Result<Work> {
        let before = cpu_time(self.process)?;
        let order = |mut customer: Customer| async move {
            customer.check_out().await?;
            Ok(customer)
        };
        let (rested, work) = keep_busy(std::mem::take(&mut self.customers), TURN, order).await?;
        self.customers = rested;
        self.by_processor += Work { done: work.done, took: cpu_time(self.process)? - before };
        for customer in &mut self.customers {
            self.times.append(&mut customer.times);
            self.refusals += std::mem::take(&mut customer.refusals);
        }
        Ok(work)
    }

    /// What was done so far does not count.
    pub(super) fn forget(&mut self) {
        (self.by_processor, self.times, self.refusals) = (Work::default(), Samples::default(), 0);
    }

    pub(super) fn per_processor_second(&self) -> f64 {
        self.by_processor.per_second()
    }

    pub(super) fn p99(&self) -> Result<Duration> {
        self.times.percentile(99)
    }

    /// The slowest hundredth, as one of what is measured.
    pub(super) fn slowest(&self, name: &str) -> Result<Row> {
        let (orders, median) = (self.times.len(), self.times.median()?);
        let detail = format!("p99 of {orders}, median {median:.1?}; {} times asked to come again", self.refusals);
        Ok(Row::milliseconds(format!("{name}: checkout, p99"), self.p99()?, MOST_WAIT, detail))
    }
}
