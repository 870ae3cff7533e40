//! Registrations and log-ins against the bare hash on the same cores: what the platform costs beyond the hash.

use std::num::NonZeroUsize;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use argon2::{Argon2, Block, Params};

use crate::diner::Diner;
use crate::load::{Work, keep_busy};
use crate::platform::Platform;
use crate::report::{Row, Target};

/// The sides take turns, so that a machine that becomes slower does so for all of them.
const ROUNDS: usize = 4;
const TURN: Duration = Duration::from_secs(4);

/// Two rows, registrations and log-ins.
pub(crate) async fn against_bare_argon2(platform: &Platform, diners: &mut Vec<Diner>) -> Result<[Row; 2]> {
    let (mut bare, mut registrations, mut logins) = (Work::default(), Work::default(), Work::default());
    for _ in 0..ROUNDS {
        bare += tokio::task::spawn_blocking(bare_argon2).await?;
        registrations += platform.register_for(diners.len(), TURN).await?;
        bare += tokio::task::spawn_blocking(bare_argon2).await?;
        let (signed_in, work) = keep_busy(std::mem::take(diners), TURN, Diner::login).await?;
        *diners = signed_in;
        logins += work;
    }
    let row = |what, work: Work| {
        let share = work.per_second() / bare.per_second();
        let detail = format!("{:.1}/s of {:.1}/s bare Argon2id", work.per_second(), bare.per_second());
        Row::new(what, share * 100.0, "% of bare", Target::AtLeast(90.0), detail)
    };
    Ok([row("register", registrations), row("login", logins)])
}

/// The platform's hash and nothing else, on as many threads as the platform hashes on.
fn bare_argon2() -> Work {
    let begun = Instant::now();
    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let done = thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(move || hash_until(begun + TURN / 2))).collect();
        running.into_iter().map(|thread| thread.join().expect("the parameters are fixed and good")).sum()
    });
    Work { done, took: begun.elapsed() }
}

fn hash_until(end: Instant) -> u64 {
    let argon2 = Argon2::from(Params::DEFAULT);
    let mut memory = vec![Block::default(); Params::DEFAULT.block_count()];
    let (mut output, mut done) = ([0; 32], 0);
    while Instant::now() < end {
        argon2
            .hash_password_into_with_memory(Diner::PASSWORD.as_bytes(), &[7; 16], &mut output, &mut memory)
            .expect("the lengths are those that Argon2 asks for");
        done += 1;
    }
    done
}
