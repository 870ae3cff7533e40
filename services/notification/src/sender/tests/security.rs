//! Passwords and certificates.

use std::time::Duration;

use contracts::Secret;
use kit::{Status, on_every_database};
use testkit::{SmtpFault, SmtpPhase, SmtpSecurity, SmtpSink};

use super::are_sent;
use super::server_of;
use crate::fixture::{Fixture, TIMEOUT, settings, start, verification};
use crate::settings::{InvalidSettings, Settings, Smtp, Tls, Transport};
use crate::smtp::Health;
use crate::store::mail::{Mail, State};

on_every_database! {
    Fixture:
    credentials_are_used_when_there_are_some,
    certificates_that_can_t_be_read_stop_the_start,
}

fn by(sink: &SmtpSink, host: &str, tls: Tls) -> Smtp {
    Smtp { host: host.to_owned(), port: sink.port(), tls, credentials: None, ca_file: None }
}

/// The settings that trust the sink's certificate.
fn trusting(sink: &SmtpSink, smtp: Smtp, folder: &tempfile::TempDir) -> Settings {
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, sink.certificate()).unwrap();
    settings(Transport::Smtp(Smtp { ca_file: Some(file), ..smtp }))
}

/// Sends a mail with `settings`, which must not arrive, and returns why.
async fn fails(sink: &SmtpSink, settings: &Settings) -> String {
    let fixture = Fixture::new().await;
    let notification = fixture.with_settings(settings);
    let running = start(&notification);
    fixture.ask_for(&notification, verification()).await;
    let mut health = server_of(&notification).health.subscribe();
    health.wait_for(|health| matches!(health, Health::Down(_))).await.unwrap();
    let Status::Degraded(reason) = server_of(&notification).status() else { panic!("the server is not degraded") };
    assert_eq!((sink.mails().len(), fixture.states().await), (0, vec![State::Pending]));
    running.stop().await;
    reason
}

async fn credentials_are_used_when_there_are_some(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let credentials = Some(("user".to_owned(), Secret::new("password")));
    let smtp = Smtp { credentials, ..by(&sink, "127.0.0.1", Tls::None) };
    let notification = fixture.with_settings(&settings(Transport::Smtp(smtp)));
    let running = start(&notification);

    fixture.ask_for(&notification, verification()).await;

    let mails = sink.wait_for(1, TIMEOUT).await.unwrap();
    assert_eq!(mails[0].authenticated.as_deref(), Some("PLAIN AHVzZXIAcGFzc3dvcmQ="));
    running.stop().await;
}

#[tokio::test]
async fn mails_cross_the_network_by_tls_from_the_start_or_by_starttls() {
    for (security, tls) in [(SmtpSecurity::StartTls, Tls::StartTls), (SmtpSecurity::Tls, Tls::Tls)] {
        let fixture = Fixture::new().await;
        let sink = SmtpSink::start_with(security).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let notification = fixture.with_settings(&trusting(&sink, by(&sink, "localhost", tls), &folder));
        let running = start(&notification);

        fixture.ask_for(&notification, verification()).await;

        sink.wait_for(1, TIMEOUT).await.unwrap();
        fixture.wait_for_states(&[State::Sent]).await;
        running.stop().await;
    }
}

#[tokio::test]
async fn a_server_that_nobody_vouches_for_gets_no_mail() {
    for (security, tls) in [(SmtpSecurity::StartTls, Tls::StartTls), (SmtpSecurity::Tls, Tls::Tls)] {
        let sink = SmtpSink::start_with(security).await.unwrap();

        let reason = fails(&sink, &settings(Transport::Smtp(by(&sink, "localhost", tls)))).await;

        assert!(reason.contains("certificate"), "{reason}");
    }
}

#[tokio::test]
async fn a_certificate_for_another_name_gets_no_mail() {
    let sink = SmtpSink::start_with(SmtpSecurity::StartTls).await.unwrap();
    let folder = tempfile::tempdir().unwrap();

    let reason = fails(&sink, &trusting(&sink, by(&sink, "127.0.0.1", Tls::StartTls), &folder)).await;

    assert!(reason.contains("certificate"), "{reason}");
}

#[tokio::test]
async fn a_server_without_starttls_gets_no_mail_that_wants_it() {
    let sink = SmtpSink::start().await.unwrap();

    let reason = fails(&sink, &settings(Transport::Smtp(by(&sink, "localhost", Tls::StartTls)))).await;

    assert!(reason.contains("STARTTLS"), "{reason}");
}

async fn certificates_that_can_t_be_read_stop_the_start(fixture: Fixture) {
    let sink = SmtpSink::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let no_certificate = folder.path().join("no.pem");
    std::fs::write(&no_certificate, "nothing").unwrap();

    for file in [no_certificate, folder.path().join("missing.pem")] {
        let smtp = Smtp { ca_file: Some(file), ..by(&sink, "localhost", Tls::StartTls) };
        let refused = crate::state::Notification::new(fixture.context.clone(), &settings(Transport::Smtp(smtp)));
        assert!(matches!(refused, Err(InvalidSettings::CaFile { .. })));
    }
}

#[tokio::test]
async fn a_listed_certificate_that_calls_itself_an_authority_is_believed_for_its_own_name_alone() {
    for (security, tls) in [(SmtpSecurity::StartTls, Tls::StartTls), (SmtpSecurity::Tls, Tls::Tls)] {
        let fixture = Fixture::new().await;
        let sink = SmtpSink::start_as_its_own_authority(security).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let notification = fixture.with_settings(&trusting(&sink, by(&sink, "localhost", tls), &folder));
        let running = start(&notification);

        fixture.ask_for(&notification, verification()).await;

        sink.wait_for(1, TIMEOUT).await.unwrap();
        running.stop().await;

        let same = SmtpSink::start_as_its_own_authority(security).await.unwrap();
        let reason = fails(&same, &trusting(&same, by(&same, "127.0.0.1", tls), &folder)).await;
        assert!(reason.contains("certificate"), "{reason}");
        let other = SmtpSink::start_as_its_own_authority(security).await.unwrap();
        let reason = fails(&other, &trusting(&sink, by(&other, "localhost", tls), &folder)).await;
        assert!(reason.contains("certificate"), "{reason}");
    }
}

/// With a wrong password, as the server says, for ten minutes.
#[tokio::test]
async fn a_wrong_password_is_tried_once_a_minute_and_a_right_one_soon() {
    let fixture = Fixture::new().await;
    let sink = SmtpSink::start().await.unwrap();
    let credentials = Some(("user".to_owned(), Secret::new("password")));
    let smtp = Smtp { credentials, ..by(&sink, "127.0.0.1", Tls::None) };
    let notification = fixture.with_settings(&settings(Transport::Smtp(smtp)));
    sink.always(SmtpPhase::SignIn, SmtpFault::Says("535 5.7.8 wrong password".to_owned()));
    for _ in 0..5 {
        fixture.ask_for(&notification, verification()).await;
    }
    let begun = fixture.context.now();
    let running = start(&notification);
    fixture
        .wait_until(|_| matches!(server_of(&notification).status(), Status::Degraded(reason) if reason.contains("535")))
        .await;
    // Those that came at once, before anybody knew.
    let at_once = sink.connections();

    let is_over = |_: &[Mail]| fixture.context.now() >= begun + Duration::from_secs(10 * 60);
    fixture.wait_while_time_passes(Duration::from_secs(1), is_over).await;

    assert!(at_once <= 4, "{at_once}");
    assert!(sink.connections() <= 4 + 10, "{} tries in ten minutes", sink.connections());
    assert_eq!(fixture.states().await, [State::Pending; 5]);
    assert!(fixture.mails().await.iter().all(|mail| mail.attempts == 0));
    sink.behave();
    let corrected = fixture.context.now();
    // In small steps: what the clock has passed when they are sent holds also where the machine is slow.
    fixture.wait_while_time_passes(Duration::from_millis(100), are_sent).await;
    assert!(fixture.context.now() <= corrected + Duration::from_secs(70));
    assert_eq!(server_of(&notification).status(), Status::Up);
    running.stop().await;
}
