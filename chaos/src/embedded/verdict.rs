//! What really stands there in the end, held against what was promised.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clock::Sources;
use reqwest::StatusCode;
use serde_json::json;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use testkit::order_books::OrderTotals;
use testkit::{Server, SmtpSink};

use super::order_database;
use crate::ledger::{Ledger, Promises, Tokens};
use crate::order_figures::figures;
use crate::plan::Fault;
use crate::recoveries::Recoveries;
use crate::stops::Stops;

/// How long the server may take to finish what waits after the last restart.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(180);

/// The outcome of a run.
#[derive(Debug)]
pub(crate) struct Report {
    recoveries: Recoveries,
    stops: Stops,
    answers: u64,
    unreached: u64,
    unanswered: usize,
    verified: usize,
    reset: usize,
    ended: usize,
    mails: usize,
    ambiguous: i64,
    doubled: usize,
    in_doubt: usize,
    ended_by_jump: u64,
    orders: [(&'static str, i64); 9],
    broken: Vec<String>,
}

impl Report {
    pub(crate) fn is_clean(&self) -> bool {
        self.broken.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.recoveries)?;
        if self.stops.count() > 0 {
            let (median, slow) = (self.stops.median().as_millis(), self.stops.slow().as_millis());
            writeln!(f, "median until it ended      {median:>7} ms")?;
            writeln!(f, "p99 until it ended         {slow:>7} ms")?;
        }
        writeln!(f, "requests answered          {:>7}", self.answers)?;
        writeln!(f, "found no door open         {:>7}", self.unreached)?;
        writeln!(f, "requests cut off           {:>7}", self.unanswered)?;
        writeln!(f, "verifications acknowledged {:>7}", self.verified)?;
        writeln!(f, "resets acknowledged        {:>7}", self.reset)?;
        writeln!(f, "sessions ended             {:>7}", self.ended)?;
        writeln!(f, "mails sent                 {:>7}", self.mails)?;
        writeln!(f, "mails recorded ambiguous   {:>7}", self.ambiguous)?;
        writeln!(f, "mails that came twice      {:>7}   (each of them recorded ambiguous)", self.doubled)?;
        writeln!(f, "mails late or never        {:>7}   (each of them recorded ambiguous)", self.in_doubt)?;
        writeln!(f, "journeys ended by a jump   {:>7}", self.ended_by_jump)?;
        self.orders.iter().try_for_each(|(name, figure)| writeln!(f, "{name:<26} {figure:>7}"))?;
        write!(f, "promises broken            {:>7}", self.broken.len())?;
        self.broken.iter().take(20).try_for_each(|complaint| write!(f, "\n  {complaint}"))
    }
}

/// Waits until every recorded event is handled and every mail is sent.
pub(crate) async fn wait_until_idle(server: &Server) -> Result<()> {
    let database = open(server).await?;
    let sources = Sources::system();
    let deadline = sources.now() + DRAIN_TIMEOUT;
    loop {
        let unheard = number(
            &database,
            "SELECT count(*) FROM bus_outbox o LEFT JOIN bus_position p ON p.topic = o.topic
             WHERE o.seq > coalesce(p.position, 0)",
        )
        .await?;
        let unsent = number(&database, "SELECT count(*) FROM notification_mail WHERE finished_at IS NULL").await?;
        // What failed during a fault is tried again after a pause.
        let parked = number(&database, "SELECT count(*) FROM bus_parked").await?;
        if unheard == 0 && parked == 0 && unsent == 0 {
            return Ok(());
        }
        let waiting = format!("{unheard} events, {parked} parked ones and {unsent} mails");
        ensure!(sources.now() < deadline, "{waiting} still wait after {DRAIN_TIMEOUT:?}");
        sources.sleep(Duration::from_millis(100)).await;
    }
}

/// Looks at everything that was promised.
pub(crate) async fn judge(
    (recoveries, only): (Recoveries, Option<Fault>),
    server: &Server,
    sink: &SmtpSink,
    ledger: &Ledger,
) -> Result<Report> {
    let database = open(server).await?;
    let promises = std::mem::take(&mut *ledger.promises());
    let mut broken = promises.broken.clone();
    let mails = arrivals(sink);

    judge_accounts(&database, &promises, &mut broken).await?;
    judge_events(&database, &mut broken).await?;
    judge_mails(&database, &mails, &mut broken).await?;
    let in_doubt = judge_promised_mails(&database, &promises, sink, &mut broken).await?;
    judge_sessions(server, &promises.ended, &mut broken).await?;
    let orders = figures(&promises, judge_orders(server, sink, &promises, &mut broken).await?);
    let ambiguous = number(&database, "SELECT coalesce(sum(ambiguities), 0) FROM notification_mail").await?;
    if only == Some(Fault::ProcessStopped) {
        broken.extend(promises.unanswered.iter().map(|unanswered| format!("cut off: {}", unanswered.reason)));
        broken.extend((ambiguous > 0).then(|| format!("{ambiguous} mails are ambiguous")));
    }

    Ok(Report {
        recoveries,
        stops: promises.stops,
        answers: promises.answers,
        unreached: promises.unreached,
        unanswered: promises.unanswered.len(),
        verified: promises.verified.len(),
        reset: promises.reset.len(),
        ended: promises.ended.len(),
        mails: mails.len(),
        ambiguous,
        doubled: mails.values().filter(|times| **times > 1).count(),
        in_doubt,
        ended_by_jump: promises.ended_by_jump,
        orders,
        broken,
    })
}

/// Every acknowledged verification has one account and one user.
async fn judge_accounts(database: &SqlitePool, promises: &Promises, broken: &mut Vec<String>) -> Result<()> {
    for email in &promises.verified {
        let accounts = "SELECT count(*) FROM auth_account WHERE email = ?";
        let users = "SELECT count(*) FROM user_account WHERE id = (SELECT id FROM auth_account WHERE email = ?)";
        for (what, query) in [("accounts", accounts), ("users", users)] {
            let count: i64 = sqlx::query_scalar(query).bind(email).fetch_one(database).await?;
            if count != 1 {
                broken.push(format!("{email} has {count} {what}"));
            }
        }
    }
    Ok(())
}

/// Every event had its one effect, none is stuck, and events of one key were heard in the order in which they happened.
async fn judge_events(database: &SqlitePool, broken: &mut Vec<String>) -> Result<()> {
    let accounts = number(database, "SELECT count(*) FROM auth_account").await?;
    let users = number(database, "SELECT count(*) FROM user_account").await?;
    let contacts = number(database, "SELECT count(*) FROM cart_contact").await?;
    if [users, contacts] != [accounts; 2] {
        broken.push(format!("{accounts} accounts, {users} users, {contacts} contacts of carts"));
    }
    // Each change of a restaurant raises its version and is one event.
    let changes = number(database, "SELECT coalesce(sum(version), 0) FROM restaurant_restaurant").await?;
    let heard = number(database, "SELECT count(*) FROM bus_inbox WHERE consumer = 'user'").await?;
    if heard != accounts + changes {
        broken.push(format!("{accounts} accounts and {changes} changes of restaurants, {heard} events heard of them"));
    }
    let requested = number(database, "SELECT count(*) FROM bus_inbox WHERE consumer = 'notification'").await?;
    let mails = number(database, "SELECT count(*) FROM notification_mail").await?;
    if requested != mails {
        broken.push(format!("{requested} mails were asked for, {mails} were made"));
    }
    let stuck =
        number(database, "SELECT (SELECT count(*) FROM bus_parked) + (SELECT count(*) FROM bus_dead_letter)").await?;
    if stuck > 0 {
        broken.push(format!("{stuck} events are parked or dead"));
    }
    // A clock that jumped by an hour shows no order.
    let inversions = number(
        database,
        "SELECT count(*) FROM (
             SELECT recorded_at, lag(recorded_at) OVER (PARTITION BY recipient ORDER BY rowid) AS before
             FROM notification_mail)
         WHERE recorded_at < before AND coalesce(julianday(before) - julianday(recorded_at), 0) * 24 < 0.5",
    )
    .await?;
    if inversions > 0 {
        broken.push(format!("{inversions} events were heard before earlier ones of their key"));
    }
    Ok(())
}

/// Every mail came once, or more often only as far as it is recorded as ambiguous.
async fn judge_mails(database: &SqlitePool, arrivals: &HashMap<String, i64>, broken: &mut Vec<String>) -> Result<()> {
    let rows: Vec<(String, String, i64)> =
        sqlx::query_as("SELECT message_id, state, ambiguities FROM notification_mail").fetch_all(database).await?;
    for (message_id, state, ambiguities) in &rows {
        let times = arrivals.get(message_id).copied().unwrap_or_default();
        // A mail that two kills hit between its last byte and its answer stays ambiguous: it is not sent a third time.
        let is_explained = match state.as_str() {
            "sent" => (1..=1 + ambiguities).contains(&times),
            "ambiguous" => *ambiguities > 0 && times <= *ambiguities,
            _ => false,
        };
        if !is_explained {
            broken.push(format!("mail {message_id} is {state}, came {times} times, {ambiguities} times ambiguous"));
        }
    }
    if arrivals.len() > rows.len() {
        broken.push(format!("{} mails came, {} were made", arrivals.len(), rows.len()));
    }
    Ok(())
}

/// Every promised mail came, and soon; how many did not, but stand recorded as ambiguous.
async fn judge_promised_mails(
    database: &SqlitePool,
    promises: &Promises,
    sink: &SmtpSink,
    broken: &mut Vec<String>,
) -> Result<usize> {
    let query = "SELECT recipient FROM notification_mail WHERE ambiguities > 0 AND kind <> 'order_update'";
    let doubtful: HashSet<String> = sqlx::query_scalar(query).fetch_all(database).await?.into_iter().collect();
    let received = sink.mails();
    let never_came = promises.mails.iter().filter(|(email, purpose)| {
        let link = format!("/{purpose}?token=");
        !received.iter().any(|mail| mail.to.contains(email) && mail.text().contains(&link))
    });
    let never_came: BTreeSet<_> = never_came.chain(&promises.missed_mails).collect();
    let (in_doubt, lost): (Vec<_>, Vec<_>) = never_came.into_iter().partition(|(email, _)| doubtful.contains(email));
    let complaint = |(email, purpose): &(String, &str)| {
        format!("the promised {purpose} mail to {email} came late or never, and nobody doubts it")
    };
    broken.extend(lost.into_iter().map(complaint));
    Ok(in_doubt.len())
}

/// The books of orders, of their money and of their mails agree with each other and with what was answered.
async fn judge_orders(
    server: &Server,
    sink: &SmtpSink,
    promises: &Promises,
    broken: &mut Vec<String>,
) -> Result<OrderTotals> {
    let orders = order_database(server).await?;
    let books = orders.read(&orders).await?.with_arrivals(&sink.mails());
    orders.close().await;
    broken.extend(books.judge(&promises.orders));
    Ok(books.totals())
}

/// No token of an ended session opens anything.
async fn judge_sessions(server: &Server, ended: &[Tokens], broken: &mut Vec<String>) -> Result<()> {
    let http = reqwest::Client::new();
    for tokens in ended {
        for path in ["/auth/me", "/users/me"] {
            let status = http.get(server.url(path)).bearer_auth(&tokens.access).send().await?.status();
            if status != StatusCode::UNAUTHORIZED {
                broken.push(format!("{path} answers {status} to an ended session"));
            }
        }
        let body = json!({ "refresh_token": tokens.refresh });
        let status = http.post(server.url("/auth/refresh")).json(&body).send().await?.status();
        if status != StatusCode::UNAUTHORIZED {
            broken.push(format!("/auth/refresh answers {status} to an ended session"));
        }
    }
    Ok(())
}

/// How often each mail came, by its Message-ID.
fn arrivals(sink: &SmtpSink) -> HashMap<String, i64> {
    let mut times = HashMap::new();
    for mail in sink.mails() {
        *times.entry(mail.message_id()).or_default() += 1;
    }
    times
}

async fn open(server: &Server) -> Result<SqlitePool> {
    let file = server.folder().join("lezzetlimani.db");
    let options = SqliteConnectOptions::new().filename(&file).read_only(true);
    SqlitePool::connect_with(options).await.with_context(|| format!("{} can't be opened", file.display()))
}

async fn number(database: &SqlitePool, query: &'static str) -> Result<i64> {
    Ok(sqlx::query_scalar(query).fetch_one(database).await?)
}
