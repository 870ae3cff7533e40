//! The end of a run: everything that was committed had its effect, once and in order.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::time::Duration;

use anyhow::Result;
use lezzetlimani::services::ServiceName;
use testkit::order_books::OrderTotals;
use testkit::{ReceivedMail, SmtpSink};

use super::Judge;
use crate::fleet::witness::{Event, Mail};

/// How long it may take in the end, on a machine that is busy with other things.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(240);

/// What can be said of the whole run.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    pub(crate) events: usize,
    pub(crate) late_events: usize,
    pub(crate) mails: usize,
    pub(crate) ambiguous: i64,
    pub(crate) came_twice: usize,
    /// Mails that a client missed, and that stand recorded as ambiguous.
    pub(crate) in_doubt: usize,
    pub(crate) lost: usize,
    pub(crate) doubled: usize,
    pub(crate) inversions: usize,
    pub(crate) orders: OrderTotals,
}

impl Judge {
    /// Waits until nothing is under way any more, and judges the whole run.
    pub(crate) async fn conclude(&mut self, sink: &SmtpSink) -> Result<Totals> {
        let events = self.wait_until_idle().await?;
        self.check("in the end", Vec::new()).await?;
        let mut totals = Totals { events: events.len(), late_events: self.late_users.len(), ..Totals::default() };
        self.judge_users(&events, &mut totals).await?;
        self.judge_mails(&events, sink, &mut totals).await?;
        self.judge_orders(&events, sink, &mut totals).await?;
        for stuck in self.witness.stuck().await? {
            self.complain(format!("an event is {stuck}"));
        }
        Ok(totals)
    }

    /// Gives back all events once each had its effect, or when that takes too long.
    async fn wait_until_idle(&self) -> Result<Vec<Event>> {
        let deadline = self.sources.now() + DRAIN_TIMEOUT;
        loop {
            let events = self.witness.events().await?;
            let users: HashSet<String> = self.witness.user_ids().await?.into_iter().collect();
            let contacts = self.witness.contacts().await?;
            let moves: HashSet<String> = self.witness.heard(ServiceName::Restaurant).await?.into_iter().collect();
            let mails = self.witness.mails().await?;
            let finished: HashSet<&str> = mails.iter().filter(|mail| mail.is_finished()).map(Mail::event).collect();
            let is_done = |event: &Event| match event.topic.as_str() {
                "user_created" => users.contains(&event.key) && contacts.contains(&event.key),
                "order_changed" => moves.contains(&event.id),
                _ => finished.contains(event.id.as_str()),
            };
            if events.iter().all(is_done) || self.sources.now() > deadline {
                return Ok(events);
            }
            self.sources.sleep(Duration::from_millis(200)).await;
        }
    }

    /// Every account has one event, became one user and is known to carts.
    async fn judge_users(&self, events: &[Event], totals: &mut Totals) -> Result<()> {
        let published: HashSet<&str> = of_topic(events, "user_created").map(|event| event.key.as_str()).collect();
        let events = of_topic(events, "user_created").count();
        let accounts = self.witness.account_ids().await?;
        let rows = self.witness.user_ids().await?;
        let users: HashSet<&str> = rows.iter().map(String::as_str).collect();
        let contacts = self.witness.contacts().await?;
        for account in accounts.iter().chain(&self.late_users).filter(|id| !contacts.contains(*id)) {
            totals.lost += 1;
            self.complain(format!("lost: {account} was acknowledged and is unknown to carts"));
        }
        for account in accounts.iter().chain(&self.late_users).filter(|id| !users.contains(id.as_str())) {
            totals.lost += 1;
            self.complain(format!("lost: {account} was acknowledged and is no user"));
        }
        let doubled = (events - published.len()) + (rows.len() - users.len());
        totals.doubled += doubled;
        if doubled > 0 {
            self.complain(format!("doubled: {events} events of {} accounts, {} rows", published.len(), rows.len()));
        }
        for user in users.iter().filter(|id| !accounts.contains(**id) && !self.late_users.contains(**id)) {
            self.complain(format!("{user} is a user without an account"));
        }
        let heard = self.witness.heard(ServiceName::User).await?.len();
        let changes = self.witness.restaurant_changes().await?;
        if heard != users.len() + changes {
            let made = users.len();
            self.complain(format!(
                "user has heard {heard} events of {changes} changes of restaurants, and made {made} users"
            ));
        }
        Ok(())
    }

    /// Every mail that was asked for was made once, in the order of its key, and came once or is recorded as ambiguous.
    async fn judge_mails(&self, events: &[Event], sink: &SmtpSink, totals: &mut Totals) -> Result<()> {
        let effects = self.witness.mail_effects().await?;
        let made: HashSet<&str> = effects.iter().map(String::as_str).collect();
        for event in of_topic(events, "email_event").filter(|event| !made.contains(event.id.as_str())) {
            totals.lost += 1;
            self.complain(format!("lost: the mail of event {} to {} was never made", event.id, event.key));
        }
        let heard = self.witness.heard(ServiceName::Notification).await?.len();
        totals.doubled += effects.len() - made.len();
        if effects.len() != made.len() || heard != made.len() {
            self.complain(format!("{heard} events heard, {} effects of {} events", effects.len(), made.len()));
        }
        for key in overtaken(events, &effects) {
            totals.inversions += 1;
            self.complain(format!("an event of {key} had its effect before an earlier one"));
        }
        self.judge_arrivals(sink, totals).await
    }

    async fn judge_arrivals(&self, sink: &SmtpSink, totals: &mut Totals) -> Result<()> {
        let received = sink.mails();
        let mut arrivals: HashMap<String, i64> = HashMap::new();
        for mail in &received {
            *arrivals.entry(mail.message_id()).or_default() += 1;
        }
        let mails = self.witness.mails().await?;
        for mail in &mails {
            let times = arrivals.remove(&mail.message_id).unwrap_or_default();
            totals.ambiguous += mail.ambiguities;
            totals.came_twice += usize::from(times > 1);
            if !mail.explains(times) {
                self.complain(format!("{mail:?} came {times} times"));
            }
        }
        for message_id in arrivals.keys() {
            self.complain(format!("{message_id} came and was never made"));
        }
        totals.mails = mails.len();
        self.judge_promised(&received, &mails, totals);
        Ok(())
    }

    /// What moved orders was heard of, and the books of orders, of their money and of their mails agree with each other and with what
    /// was answered.
    async fn judge_orders(&self, events: &[Event], sink: &SmtpSink, totals: &mut Totals) -> Result<()> {
        let heard: HashSet<String> = self.witness.heard(ServiceName::Restaurant).await?.into_iter().collect();
        for event in of_topic(events, "order_changed").filter(|event| !heard.contains(&event.id)) {
            totals.lost += 1;
            self.complain(format!("lost: the restaurant has not heard of event {} of order {}", event.id, event.key));
        }
        let books = self.witness.orders().read(&self.witness.mailed()).await?.with_arrivals(&sink.mails());
        totals.orders = books.totals();
        let answers = self.ledger.promises().orders.clone();
        for complaint in books.judge(&answers) {
            self.complain(complaint);
        }
        Ok(())
    }

    /// A mail that was promised came, and came soon; unless it stands recorded that nobody knows whether the server has it.
    fn judge_promised(&self, received: &[ReceivedMail], mails: &[Mail], totals: &mut Totals) {
        let doubtful = mails.iter().filter(|mail| mail.ambiguities > 0 && !mail.is_of_order());
        let doubtful: HashSet<&str> = doubtful.map(|mail| mail.recipient.as_str()).collect();
        let (promised, missed) = {
            let mut promises = self.ledger.promises();
            (std::mem::take(&mut promises.mails), std::mem::take(&mut promises.missed_mails))
        };
        let never_came = promised.into_iter().filter(|(email, purpose)| {
            let link = format!("/{purpose}?token=");
            !received.iter().any(|mail| mail.to.contains(email) && mail.text().contains(&link))
        });
        let never_came: BTreeSet<_> = never_came.chain(missed).collect();
        for (email, purpose) in never_came {
            if doubtful.contains(email.as_str()) {
                totals.in_doubt += 1;
            } else {
                self.complain(format!(
                    "the promised {purpose} mail to {email} came late or never, and nobody doubts it"
                ));
            }
        }
    }
}

impl Mail {
    fn event(&self) -> &str {
        &self.event_id
    }

    /// Nobody waits for one.
    fn is_of_order(&self) -> bool {
        self.kind == "order_update"
    }

    fn is_finished(&self) -> bool {
        matches!(self.state.as_str(), "sent" | "ambiguous" | "failed" | "suppressed")
    }

    /// Whether it may have come so many times. One that was in doubt twice stays so: it is not sent a third time.
    fn explains(&self, times: i64) -> bool {
        match self.state.as_str() {
            "sent" => (1..=1 + self.ambiguities).contains(&times),
            "ambiguous" => self.ambiguities > 0 && times <= self.ambiguities,
            _ => false,
        }
    }
}

fn of_topic<'a>(events: &'a [Event], topic: &'static str) -> impl Iterator<Item = &'a Event> {
    events.iter().filter(move |event| event.topic == topic)
}

/// The keys of events whose effect came behind that of a later one of the same source, as often as that happened.
fn overtaken<'a>(events: &'a [Event], effects: &[String]) -> Vec<&'a str> {
    let places: HashMap<&str, (usize, &Event)> =
        events.iter().enumerate().map(|(place, event)| (event.id.as_str(), (place, event))).collect();
    let mut last: BTreeMap<(ServiceName, &str), usize> = BTreeMap::new();
    let mut keys = Vec::new();
    for (place, event) in effects.iter().filter_map(|event| places.get(event.as_str())) {
        let before = last.entry((event.source, &event.key)).or_default();
        if *before > *place {
            keys.push(event.key.as_str());
        }
        *before = *place.max(before);
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(id: &str, key: &str) -> Event {
        event_of(ServiceName::Auth, id, key)
    }

    fn event_of(source: ServiceName, id: &str, key: &str) -> Event {
        Event { source, id: id.to_owned(), topic: "email_event".to_owned(), key: key.to_owned() }
    }

    fn mail(state: &str, ambiguities: i64) -> Mail {
        Mail {
            event_id: String::new(),
            message_id: String::new(),
            kind: String::new(),
            recipient: String::new(),
            state: state.to_owned(),
            ambiguities,
        }
    }

    #[test]
    fn an_event_is_overtaken_only_within_its_key() {
        let events = [event("a1", "a"), event("b1", "b"), event("a2", "a"), event("b2", "b"), event("a3", "a")];
        let effects = ["b1", "a2", "a1", "a3", "b2"].map(str::to_owned);

        assert_eq!(overtaken(&events, &effects), ["a"]);
    }

    #[test]
    fn events_of_two_sources_have_no_order() {
        let events = [event("a1", "a"), event("a2", "a"), event_of(ServiceName::Cart, "c1", "a")];

        assert_eq!(overtaken(&events, &["c1", "a1", "a2"].map(str::to_owned)), Vec::<&str>::new());
        assert_eq!(overtaken(&events, &["a2", "c1", "a1"].map(str::to_owned)), ["a"]);
    }

    #[test]
    fn a_mail_may_come_once_more_for_each_doubt_that_is_recorded() {
        assert!(mail("sent", 0).explains(1));
        assert!(!mail("sent", 0).explains(2));
        assert!(!mail("sent", 1).explains(0));
        assert!(mail("sent", 1).explains(2));
        assert!(mail("ambiguous", 2).explains(2));
        assert!(!mail("ambiguous", 2).explains(3));
        assert!(!mail("pending", 0).explains(0));
    }
}
