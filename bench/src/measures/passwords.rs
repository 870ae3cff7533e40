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
use crate::rounds::Rounds;

const ROUNDS: usize = 12;
const TURN: Duration = Duration::from_millis(1_500);

/// Two rows, registrations and log-ins.
pub(crate) async fn against_bare_argon2(platform: &Platform, diners: &mut Vec<Diner>) -> Result<[Row; 2]> {
    let (mut registrations, mut logins) = (Rounds::default(), Rounds::default());
    for _ in 0..ROUNDS {
        let mut bare = tokio::task::spawn_blocking(bare_argon2).await?;
        let registered = platform.register_for(diners.len(), TURN).await?;
        bare += tokio::task::spawn_blocking(bare_argon2).await?;
        let (signed_in, logged_in) = keep_busy(std::mem::take(diners), TURN, Diner::login).await?;
        *diners = signed_in;
        registrations.add(registered, bare);
        logins.add(logged_in, bare);
    }
    Ok([row("register", &registrations), row("login", &logins)])
}

fn row(what: &'static str, rounds: &Rounds) -> Row {
    let (rate, bare) = (rounds.ours.per_second(), rounds.theirs.per_second());
    let detail = format!("median of {ROUNDS} rounds; {rate:.1}/s of {bare:.1}/s bare Argon2id in all");
    Row::new(what, rounds.median(), "% of bare", Target::AtLeast(90.0), detail)
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
