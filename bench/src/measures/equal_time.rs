//! Whether the time of an answer tells if an address has an account.
//!
//! Each sample asks about another address from another network, so that no limit is met that counts by either; the accounts
//! are copies of a registered one, written into the table. Which class comes next is random: what a request leaves to be
//! done slows down both alike.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use clock::Sources;
use database::{Database, DatabaseUrl, Vault};
use reqwest::StatusCode;
use serde_json::json;

use crate::client::Client;
use crate::load::Samples;
use crate::platform::Platform;
use crate::report::{Row, Target};
use crate::servers::Servers;
use crate::store;
use crate::welch::Classes;

/// So many standard errors apart is what tools that look for leaks take for one.
const LEAK: f64 = 4.5;
/// Of each class, and not counted: connections are made, and pages of the database are read.
const WARM_UP: usize = 20;
/// A password of the first platform, at the cost that it has there.
const BCRYPT: &str = "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy";

/// What is asked.
#[derive(Clone, Copy)]
struct Question {
    what: &'static str,
    path: &'static str,
    answer: StatusCode,
    /// Whose hash it is that the accounts have; their own when absent.
    hash: Option<&'static str>,
    /// In the addresses, as long for each question.
    tag: char,
}

const QUESTIONS: [Question; 4] = [
    Question { what: "register", path: "/auth/register", answer: StatusCode::CREATED, hash: None, tag: 'a' },
    Question { what: "forgot", path: "/auth/forgot-password", answer: StatusCode::OK, hash: None, tag: 'b' },
    Question { what: "resend", path: "/auth/resend-verification", answer: StatusCode::OK, hash: None, tag: 'c' },
    Question { what: "login", path: "/auth/login", answer: StatusCode::BAD_REQUEST, hash: None, tag: 'd' },
];

/// Asked last: as long as there is one such account, a wrong password costs both hashes.
const QUESTIONS_OF_IMPORTED: [Question; 2] = [
    Question {
        what: "login, imported",
        path: "/auth/login",
        answer: StatusCode::BAD_REQUEST,
        hash: Some(BCRYPT),
        tag: 'e',
    },
    Question {
        what: "login beside imported",
        path: "/auth/login",
        answer: StatusCode::BAD_REQUEST,
        hash: None,
        tag: 'f',
    },
];

/// All in one process.
pub(crate) async fn embedded(platform: &Platform, samples: usize) -> Result<Vec<Row>> {
    let file = platform.server.folder().join("lezzetlimani.db");
    let vault = Vault::new(&platform.sources.bytes::<32>());
    let database = Database::connect(&DatabaseUrl::Sqlite(file), platform.sources.clone(), vault).await?;
    of_each_question(platform, &database, samples).await
}

/// auth alone on Postgres and Redis.
pub(crate) async fn on_servers(platform: &Platform, servers: &Servers, samples: usize) -> Result<Vec<Row>> {
    let database = servers.open_to_fill("auth").await?;
    of_each_question(platform, &database, samples).await
}

async fn of_each_question(platform: &Platform, database: &Database, samples: usize) -> Result<Vec<Row>> {
    platform.diners(1).await?;
    let mut rows = Vec::new();
    for question in QUESTIONS.into_iter().chain(QUESTIONS_OF_IMPORTED) {
        let accounts = u32::try_from(samples + WARM_UP)?;
        store::copy_account(database, &format!("known{}", question.tag), question.hash, accounts).await?;
        let classes = ask(&platform.client, &platform.sources, question, samples).await?;
        rows.push(row(question, classes)?);
    }
    database.clone().close().await?;
    Ok(rows)
}

async fn ask(client: &Client, sources: &Sources, question: Question, samples: usize) -> Result<Classes> {
    let mut classes = Classes::default();
    for number in 0..samples + WARM_UP {
        let is_known_first = sources.bytes::<1>()[0] & 1 == 0;
        for is_known in [is_known_first, !is_known_first] {
            let class = if is_known { "known" } else { "other" };
            let time = time_of(client, question, &format!("{class}{}{number:06}@example.com", question.tag)).await?;
            if number >= WARM_UP {
                if is_known { &mut classes.known } else { &mut classes.unknown }.push(time);
            }
        }
    }
    Ok(classes)
}

async fn time_of(client: &Client, question: Question, email: &str) -> Result<Duration> {
    let body = json!({ "email": email, "password": "nobody has chosen this one" });
    let asked = Instant::now();
    let answer = client.post(question.path, &body, &[]).await?;
    let status = answer.status();
    answer.bytes().await?;
    let time = asked.elapsed();
    ensure!(status == question.answer, "{} answered {status} for {email}", question.path);
    Ok(time)
}

fn row(question: Question, classes: Classes) -> Result<Row> {
    let (all, fastest) = (classes.of_all(), classes.of_the_fastest());
    let [known, unknown] = [classes.known, classes.unknown].map(|times| {
        let mut samples = Samples::default();
        samples.extend(times);
        samples
    });
    let detail = format!(
        "{} samples a class, medians {:.3?} known and {:.3?} unknown; t of all {all:.1}, of the fastest nine tenths \
         {fastest:.1}",
        known.len(),
        known.median()?,
        unknown.median()?
    );
    Ok(Row::new(question.what, all.abs().max(fastest.abs()), "|t|", Target::AtMost(LEAK), detail))
}
