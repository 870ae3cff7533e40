//! Passwords and certificates.

use contracts::Secret;
use kit::Status;
use testkit::{SmtpSecurity, SmtpSink};

use super::server_of;
use crate::fixture::{Fixture, PATIENCE, Running, on_every_database, settings, verification};
use crate::sender::health::Health;
use crate::settings::{InvalidSettings, Settings, Smtp, Tls, Transport};
use crate::store::mail::State;

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
    let mailer = fixture.with_settings(settings);
    let running = Running::start(&mailer);
    fixture.ask_for(&mailer, verification()).await;
    let mut health = server_of(&mailer).health.subscribe();
    health.wait_for(|health| matches!(health, Health::Down(_))).await.unwrap();
    let Status::Degraded(reason) = server_of(&mailer).status() else { panic!("the server is not degraded") };
    assert_eq!((sink.mails().len(), fixture.states().await), (0, vec![State::Pending]));
    running.stop().await;
    reason
}

#[tokio::test]
async fn credentials_are_used_when_there_are_some() {
    on_every_database(async |fixture| {
        let sink = SmtpSink::start().await.unwrap();
        let credentials = Some(("user".to_owned(), Secret::new("password")));
        let smtp = Smtp { credentials, ..by(&sink, "127.0.0.1", Tls::None) };
        let mailer = fixture.with_settings(&settings(Transport::Smtp(smtp)));
        let running = Running::start(&mailer);

        fixture.ask_for(&mailer, verification()).await;

        let mails = sink.wait_for(1, PATIENCE).await.unwrap();
        assert_eq!(mails[0].authenticated.as_deref(), Some("PLAIN AHVzZXIAcGFzc3dvcmQ="));
        running.stop().await;
    })
    .await;
}

#[tokio::test]
async fn mails_cross_the_network_by_tls_from_the_start_or_by_starttls() {
    for (security, tls) in [(SmtpSecurity::StartTls, Tls::StartTls), (SmtpSecurity::Tls, Tls::Tls)] {
        let fixture = Fixture::new().await;
        let sink = SmtpSink::start_with(security).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mailer = fixture.with_settings(&trusting(&sink, by(&sink, "localhost", tls), &folder));
        let running = Running::start(&mailer);

        fixture.ask_for(&mailer, verification()).await;

        sink.wait_for(1, PATIENCE).await.unwrap();
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

#[tokio::test]
async fn certificates_that_can_t_be_read_stop_the_start() {
    on_every_database(async |fixture| {
        let sink = SmtpSink::start().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let no_certificate = folder.path().join("no.pem");
        std::fs::write(&no_certificate, "nothing").unwrap();

        for file in [no_certificate, folder.path().join("missing.pem")] {
            let smtp = Smtp { ca_file: Some(file), ..by(&sink, "localhost", Tls::StartTls) };
            let refused = crate::mailer::Mailer::new(fixture.context.clone(), &settings(Transport::Smtp(smtp)));
            assert!(matches!(refused, Err(InvalidSettings::CaFile { .. })));
        }
    })
    .await;
}
