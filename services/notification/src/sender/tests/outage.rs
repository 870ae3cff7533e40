//! A database that fails in the middle of a mail's way, under a process that lives on.

use std::time::Duration;

use kit::{Status, on_every_database};
use testkit::SmtpSink;

use super::are_sent;
use super::{STEP, server_of};
use crate::fixture::{Fixture, TIMEOUT, start, verification};
use crate::store::mail::{Mail, State};
use crate::{actions, store};

on_every_database! {
    Fixture:
    a_mail_whose_hand_off_was_not_written_is_soon_sent_and_is_in_no_doubt,
    a_step_of_the_trim_that_fails_stops_no_other,
}

/// In which a mail is tried again: long before its claim ends by itself.
const SOON: Duration = Duration::from_secs(30);

const FAIL_ON_SQLITE: &str = "CREATE TRIGGER test_fail BEFORE UPDATE ON notification_mail WHEN NEW.state = 'handed_off'
    BEGIN SELECT RAISE(ABORT, 'no mail is handed off now'); END";
const FAIL_ON_POSTGRES: &str = "
    CREATE FUNCTION test_fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION 'no mail is handed off now';
    END $$;
    CREATE TRIGGER test_fail BEFORE UPDATE ON notification_mail FOR EACH ROW WHEN (NEW.state = 'handed_off')
        EXECUTE FUNCTION test_fail();";

const REFUSE_ON_SQLITE: &str = "CREATE TRIGGER test_refuse BEFORE UPDATE ON notification_mail
    BEGIN SELECT RAISE(ABORT, 'no mail changes now'); END";
const REFUSE_ON_POSTGRES: &str = "
    CREATE FUNCTION test_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION 'no mail changes now';
    END $$;
    CREATE TRIGGER test_refuse BEFORE UPDATE ON notification_mail FOR EACH ROW EXECUTE FUNCTION test_refuse();";

impl Fixture {
    fn is_sqlite(&self) -> bool {
        store::belongs_to_one_process(&self.context.database)
    }

    /// From now on the database refuses to note that a mail is handed off.
    async fn refuse_to_hand_off(&self) {
        let trigger = if self.is_sqlite() { FAIL_ON_SQLITE } else { FAIL_ON_POSTGRES };
        self.execute(trigger).await;
    }

    async fn allow_to_hand_off(&self) {
        let table = if self.is_sqlite() { "" } else { " ON notification_mail" };
        self.execute(&format!("DROP TRIGGER test_fail{table}")).await;
    }

    async fn execute(&self, sql: &str) {
        let tx = self.context.database.begin_write().await.unwrap();
        store::execute(&tx, sql).await.unwrap();
        tx.commit().await.unwrap();
    }
}

async fn a_mail_whose_hand_off_was_not_written_is_soon_sent_and_is_in_no_doubt(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let notification = fixture.with_server(sink.port());
    fixture.refuse_to_hand_off().await;
    let running = start(&notification);
    fixture.ask_for(&notification, verification()).await;
    let begun = fixture.context.now();
    let is_tried_again = |_: &[Mail]| sink.connections() > 1;
    fixture.wait_while_time_passes(STEP, is_tried_again).await;
    let names_the_database = |_: &[Mail]| match server_of(&notification).status() {
        Status::Degraded(reason) => reason.contains("no mail is handed off now"),
        Status::Up | Status::Noted(_) | Status::Down(_) => false,
    };
    fixture.wait_while_time_passes(STEP, names_the_database).await;
    fixture.allow_to_hand_off().await;
    fixture.wait_while_time_passes(STEP, are_sent).await;

    assert!(fixture.context.now() <= begun + SOON, "it took until {}", fixture.context.now());
    assert_eq!((sink.mails().len(), fixture.mails().await[0].ambiguities), (1, 0));
    fixture.wait_until(|_| server_of(&notification).status() == Status::Up).await;
    running.stop().await;
}

/// On SQLite, whose sum fails when it overflows.
#[tokio::test]
async fn a_count_that_fails_keeps_no_mail_here() {
    let fixture = Fixture::new().await;
    let sink = SmtpSink::start().await.unwrap();
    let notification = fixture.with_server(sink.port());
    for _ in 0..2 {
        fixture.ask_for(&fixture.with_mailbox(), verification()).await;
    }
    fixture.execute(&format!("UPDATE notification_mail SET ambiguities = {}", i64::MAX)).await;
    store::mail::count_ambiguities(&fixture.context.database).await.unwrap_err();

    let running = start(&notification);
    fixture.ask_for(&notification, verification()).await;

    sink.wait_for(1, TIMEOUT).await.unwrap();
    running.stop().await;
}

async fn a_step_of_the_trim_that_fails_stops_no_other(fixture: Fixture) {
    let notification = fixture.with_mailbox();
    fixture.ask_for(&notification, verification()).await;
    fixture.clock.advance(Duration::from_secs(30 * 24 * 60 * 60 + 1));
    fixture.ask_for(&fixture.with_server(1), verification()).await;
    fixture.clock.advance(Duration::from_secs(3 * 24 * 60 * 60));
    fixture.execute(if fixture.is_sqlite() { REFUSE_ON_SQLITE } else { REFUSE_ON_POSTGRES }).await;

    actions::trim(&notification).await.unwrap_err();

    assert_eq!(fixture.states().await, [State::Pending], "only the old mail is gone");
    assert!(actions::list_messages(&notification, None).await.unwrap().is_empty());
}
