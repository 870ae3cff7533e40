//! Whether two classes of times can be told apart: Welch's t-test, as tools do that look for leaks through time.

use std::time::Duration;

use crate::load::count;

/// Times of two classes, taken by turns at random.
#[derive(Default)]
pub(crate) struct Classes {
    pub(crate) known: Vec<Duration>,
    pub(crate) unknown: Vec<Duration>,
}

impl Classes {
    /// The t value of all of them.
    pub(crate) fn of_all(&self) -> f64 {
        self.up_to(Duration::MAX)
    }

    /// That of the fastest nine tenths: a few slow ones that have nothing to do with the classes would hide a difference.
    pub(crate) fn of_the_fastest(&self) -> f64 {
        let mut all: Vec<Duration> = self.known.iter().chain(&self.unknown).copied().collect();
        all.sort_unstable();
        self.up_to(all.get(all.len() * 9 / 10).copied().unwrap_or(Duration::MAX))
    }

    fn up_to(&self, longest: Duration) -> f64 {
        let [known, unknown] = [&self.known, &self.unknown].map(|times| Moments::of(times, longest));
        (known.mean - unknown.mean) / (known.variance / known.count + unknown.variance / unknown.count).sqrt()
    }
}

struct Moments {
    count: f64,
    mean: f64,
    variance: f64,
}

impl Moments {
    fn of(times: &[Duration], longest: Duration) -> Self {
        let seconds: Vec<f64> = times.iter().filter(|time| **time <= longest).map(Duration::as_secs_f64).collect();
        let count = count(seconds.len() as u64);
        let mean = seconds.iter().sum::<f64>() / count;
        let variance = seconds.iter().map(|time| (time - mean).powi(2)).sum::<f64>() / (count - 1.0);
        Self { count, mean, variance }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(first: u64) -> Vec<Duration> {
        (0..1_000).map(|number| Duration::from_micros(first + number * 7 % 100)).collect()
    }

    #[test]
    fn classes_that_are_alike_are_not_distinguished_and_others_are() {
        let alike = Classes { known: times(1_000), unknown: times(1_000) };
        let apart = Classes { known: times(1_020), unknown: times(1_000) };

        assert!(alike.of_all().abs() < 0.1 && alike.of_the_fastest().abs() < 0.1);
        assert!(apart.of_all() > 4.5 && apart.of_the_fastest() > 4.5);
    }

    #[test]
    fn a_few_slow_samples_hide_no_difference() {
        let slow = [Duration::from_millis(5), Duration::from_secs(1)];
        let with_slow = |first| [times(first), slow.to_vec()].concat();
        let apart = Classes { known: with_slow(1_020), unknown: with_slow(1_000) };

        assert!(apart.of_all() < 4.5 && apart.of_the_fastest() > 4.5);
    }
}
