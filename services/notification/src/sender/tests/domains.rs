//! How many mails go to one domain.

use std::time::Duration;

use kit::on_every_database;
use kit::testing::{Engine, at_last};
use testkit::{SmtpFault, SmtpPhase, SmtpSink};

use super::server_of;
use crate::actions;
use crate::fixture::{Fixture, discount, event_to, server, settings, start, verification};
use crate::settings::Settings;
use crate::state::Notification;
use crate::store::mail::{Mail, State};

on_every_database! {
    Fixture:
    a_domain_gets_no_more_than_its_rate_and_others_do_not_wait_for_it,
    a_domain_that_asks_for_fewer_gets_fewer_from_every_process,
}

const SECOND: Duration = Duration::from_secs(1);

fn sent(mails: &[Mail]) -> usize {
    mails.iter().filter(|mail| mail.state == State::Sent).count()
}

async fn a_domain_gets_no_more_than_its_rate_and_others_do_not_wait_for_it(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let settings = Settings { mails_per_domain_per_second: 2, ..settings(server(sink.port())) };
    let notification = fixture.with_settings(&settings);
    for number in 0..7 {
        fixture.ask_for_event(&notification, event_to(&format!("reader{number}@big.example"), discount())).await;
    }
    fixture.ask_for_event(&notification, event_to("reader@small.example", discount())).await;
    for _ in 0..3 {
        fixture.ask_for_event(&notification, event_to("newcomer@big.example", verification())).await;
    }

    let running = start(&notification);
    let waits = |mail: &Mail| mail.next_at.is_some_and(|at| at > fixture.context.now()) && mail.state == State::Pending;
    fixture.wait_until(|mails| sent(mails) == 6 && mails.iter().filter(|mail| waits(mail)).count() == 5).await;

    let mails = fixture.mails().await;
    assert!(mails[7..].iter().all(|mail| mail.state == State::Sent), "{mails:?}");
    let mut turns: Vec<_> = mails.iter().filter_map(|mail| mail.next_at).collect();
    turns.sort();
    assert!(turns.windows(2).all(|pair| pair[1] - pair[0] >= chrono::TimeDelta::milliseconds(500)), "{turns:?}");
    assert!(*turns.last().unwrap() <= fixture.context.now() + 3 * SECOND, "{turns:?}");
    for more in 1..=5 {
        fixture.clock.advance(SECOND / 2);
        fixture.wait_until(|mails| sent(mails) == 6 + more).await;
    }
    running.stop().await;
}

async fn a_domain_that_asks_for_fewer_gets_fewer_from_every_process(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let notification = fixture.with_server(sink.port());
    let other = Notification::new(fixture.replica().await.context, &settings(server(sink.port()))).unwrap();
    sink.once(SmtpPhase::Rcpt, SmtpFault::Says("451 4.7.1 slow down".to_owned()));
    let running = start(&notification);

    fixture.ask_for(&notification, verification()).await;
    fixture.wait_until(|mails| mails[0].attempts == 1 && mails[0].state == State::Pending).await;
    actions::follow_slow_domains(&other).await.unwrap();

    let rate =
        |notification: &Notification| server_of(notification).domains.rate_of("example.com", fixture.context.now());
    for notification in [&notification, &other] {
        assert!((rate(notification) - 5.0).abs() < 0.01, "{}", rate(notification));
    }
    fixture.clock.advance(20 * 60 * SECOND);
    assert!((rate(&other) - 10.0).abs() < 0.01, "{}", rate(&other));
    running.stop().await;
}

/// On Postgres, which processes share.
#[tokio::test]
async fn processes_share_the_rate_of_a_domain() {
    let Some(fixture) = Fixture::on(Engine::Postgres).await else { return };
    let sink = SmtpSink::start().await.unwrap();
    let one = fixture.with_server(sink.port());
    let other = Notification::new(fixture.replica().await.context, &settings(server(sink.port()))).unwrap();
    let rate_is = async |rate: f64| {
        at_last("a process knows how many there are", async || {
            fixture.clock.advance(Duration::from_millis(50));
            let now = fixture.context.now();
            ((server_of(&one).domains.rate_of("example.com", now) - rate).abs() < 0.01).then_some(())
        })
        .await;
    };

    let running = (start(&one), start(&other));
    rate_is(5.0).await;
    running.1.stop().await;

    rate_is(10.0).await;
    running.0.stop().await;
}
