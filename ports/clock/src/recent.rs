//! Answers that cost something, shared by all who ask at about the same time.

use std::future::Future;

use chrono::TimeDelta;
use tokio::sync::Mutex;

use crate::{Sources, Timestamp};

/// How long an answer is used.
const TTL: TimeDelta = TimeDelta::seconds(1);

/// The newest answer to one question, used for a second.
#[derive(Debug)]
pub struct Recent<T>(Mutex<Option<(Timestamp, T)>>);

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self(Mutex::new(None))
    }
}

impl<T: Clone> Recent<T> {
    /// The answer of less than a second ago, else that of `ask`. One caller at a time asks; those that waited for it take its
    /// answer, a failure as well. A clock that was set back makes an answer old.
    pub async fn get(&self, sources: &Sources, ask: impl Future<Output = T>) -> T {
        let mut last = self.0.lock().await;
        let now = sources.now();
        if let Some((answered_at, answer)) = last.as_ref()
            && (*answered_at..*answered_at + TTL).contains(&now)
        {
            return answer.clone();
        }
        let answer = ask.await;
        *last = Some((sources.now(), answer.clone()));
        answer
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use tokio::sync::Notify;

    use super::*;
    use crate::{ManualClock, SeededRandom};

    fn sources() -> (ManualClock, Sources) {
        let clock = ManualClock::at(Timestamp::UNIX_EPOCH);
        (clock.clone(), Sources::new(clock, SeededRandom::new(1)))
    }

    #[tokio::test]
    async fn an_answer_is_used_for_a_second() {
        let (clock, sources) = sources();
        let recent = Recent::default();

        let first = recent.get(&sources, async { 1 }).await;
        clock.advance(Duration::from_millis(999));
        let within = recent.get(&sources, async { 2 }).await;
        clock.advance(Duration::from_millis(1));
        let after = recent.get(&sources, async { 3 }).await;

        assert_eq!([first, within, after], [1, 1, 3]);
    }

    #[tokio::test]
    async fn a_clock_that_is_set_back_makes_an_answer_old() {
        let (clock, ahead) = sources();
        let (_, back) = sources();
        let recent = Recent::default();
        clock.advance(Duration::from_secs(3600));

        let before = recent.get(&ahead, async { 1 }).await;
        let after = recent.get(&back, async { 2 }).await;

        assert_eq!([before, after], [1, 2]);
    }

    #[tokio::test]
    async fn those_who_come_while_one_asks_take_its_answer() {
        let (_, sources) = sources();
        let (recent, asked, leave) = (Recent::default(), AtomicU32::new(0), Notify::new());
        let ask = || async {
            asked.fetch_add(1, Ordering::Relaxed);
            leave.notified().await;
            "answered"
        };

        let (first, second, third, ()) = tokio::join!(
            recent.get(&sources, ask()),
            recent.get(&sources, ask()),
            recent.get(&sources, ask()),
            async { leave.notify_one() }
        );

        assert_eq!([first, second, third], ["answered"; 3]);
        assert_eq!(asked.into_inner(), 1);
    }

    #[tokio::test]
    async fn one_who_gives_up_asking_leaves_it_to_the_next() {
        let (_, sources) = sources();
        let recent = Recent::default();

        let given_up = tokio::time::timeout(Duration::ZERO, recent.get(&sources, std::future::pending())).await;
        let next = recent.get(&sources, async { 2 }).await;

        assert!(given_up.is_err());
        assert_eq!(next, 2);
    }
}
