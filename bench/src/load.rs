//! Load of a fixed width, and what of its samples is worth telling.

use std::future::Future;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tokio::task::JoinSet;

/// Times that were measured.
#[derive(Default)]
pub(crate) struct Samples(Vec<Duration>);

impl Samples {
    pub(crate) fn add(&mut self, sample: Duration) {
        self.0.push(sample);
    }

    /// Takes all of `others`.
    pub(crate) fn append(&mut self, others: &mut Self) {
        self.0.append(&mut others.0);
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The smallest sample that so many per cent don't exceed.
    pub(crate) fn percentile(&self, percent: usize) -> Result<Duration> {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let rank = (sorted.len() * percent).div_ceil(100);
        sorted.get(rank.saturating_sub(1)).copied().context("nothing was measured")
    }

    pub(crate) fn median(&self) -> Result<Duration> {
        self.percentile(50)
    }
}

impl Extend<Duration> for Samples {
    fn extend<I: IntoIterator<Item = Duration>>(&mut self, samples: I) {
        self.0.extend(samples);
    }
}

/// How often something was done, and how long all of it took.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Work {
    pub(crate) done: u64,
    pub(crate) took: Duration,
}

impl Work {
    pub(crate) fn per_second(self) -> f64 {
        count(self.done) / self.took.as_secs_f64()
    }
}

impl std::ops::AddAssign for Work {
    fn add_assign(&mut self, more: Self) {
        self.done += more.done;
        self.took += more.took;
    }
}

/// A count as a number to divide by.
#[expect(clippy::cast_precision_loss, reason = "nothing here is counted beyond 2^52")]
pub(crate) fn count(count: u64) -> f64 {
    count as f64
}

/// Lets each of `workers` do `task` again and again for `time`, and gives them back. What was begun is finished and counts.
pub(crate) async fn keep_busy<W, F>(workers: Vec<W>, time: Duration, task: impl Fn(W) -> F) -> Result<(Vec<W>, Work)>
where
    W: Send + 'static,
    F: Future<Output = Result<W>> + Send + 'static,
    F::Output: Send,
{
    let begun = Instant::now();
    let mut done = 0;
    let mut idle = Vec::with_capacity(workers.len());
    let mut busy: JoinSet<Result<W>> = workers.into_iter().map(&task).collect();
    while let Some(finished) = busy.join_next().await {
        let worker = finished??;
        done += 1;
        if begun.elapsed() < time {
            busy.spawn(task(worker));
        } else {
            idle.push(worker);
        }
    }
    Ok((idle, Work { done, took: begun.elapsed() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ninety_ninth_percentile_leaves_one_of_a_hundred_out() {
        let mut samples = Samples::default();
        samples.extend((1..=100).rev().map(Duration::from_millis));

        assert_eq!(samples.percentile(99).ok(), Some(Duration::from_millis(99)));
        assert_eq!(samples.median().ok(), Some(Duration::from_millis(50)));
    }

    #[test]
    fn no_samples_are_no_figure_that_would_hold() {
        assert!(Samples::default().percentile(99).is_err());
    }
}
