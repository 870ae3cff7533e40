//! Every way into Kafka, and what is reported when one is barred.

use std::path::{Path, PathBuf};

use bus::{Bus, BusUrl, OpenError, Sasl, SaslMechanism, Security, Transport};
use contracts::Secret;
use testkit::servers::kafka::KafkaServer;
use testkit::servers::shared;

use crate::support::{Process, fresh_prefix, kafka, noter, open};

#[tokio::test(flavor = "multi_thread")]
async fn events_travel_through_every_secured_door() {
    if !shared::are_wanted() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let server = KafkaServer::start(folder.path()).await.unwrap();

    for mechanism in [SaslMechanism::Plain, SaslMechanism::ScramSha256, SaslMechanism::ScramSha512] {
        let security = Security::SaslSsl(sasl(mechanism, KafkaServer::PASSWORD), Some(server.authority()));
        let process = through(&server, security).await;
        process.note("a", 1).await;
        process.wait_for_notes(1).await;
        process.stop().await;
    }

    let authority = Some(server.authority());
    let wrong = sasl(SaslMechanism::ScramSha512, "wrong");
    let reason = barred(&server, Security::SaslSsl(wrong, authority)).await;
    assert!(reason.starts_with("Kafka refuses the sign-in"), "{reason}");
    assert!(!reason.contains("wrong"), "{reason}");

    let stranger = folder.path().join("stranger.pem");
    write_authority(&stranger);
    let right = sasl(SaslMechanism::ScramSha512, KafkaServer::PASSWORD);
    let reason = barred(&server, Security::SaslSsl(right, Some(stranger))).await;
    assert!(reason.starts_with("TLS with Kafka fails"), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unreachable_broker_stops_nothing_and_is_reported() {
    if !shared::are_wanted() {
        return;
    }
    // A port that was free a moment ago.
    let port = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let brokers = format!("127.0.0.1:{port}");

    let process = Process::start(kafka(&brokers, &fresh_prefix(), 1), vec![noter()]).await;
    process.note("a", 1).await;

    let reason = away(&process).await;
    assert!(reason.starts_with("no broker answers: "), "{reason}");
    assert!(reason.contains(&brokers), "{reason}");
    process.stop().await;
}

#[tokio::test]
async fn an_authority_that_is_not_there_is_a_wrong_setting() {
    let folder = tempfile::tempdir().unwrap();
    let mut kafka = kafka("127.0.0.1:9092", "", 1);
    kafka.security = Security::Ssl(Some(PathBuf::from("/nowhere/ca.pem")));

    let opened = Bus::open(&BusUrl::Kafka(Box::new(kafka)), open(&folder).await, Vec::new()).await;

    let Err(error @ OpenError::Kafka(_)) = opened else { panic!("it was accepted") };
    assert!(error.to_string().starts_with("Kafka can't be used as it is set: "), "{error}");
}

async fn through(server: &KafkaServer, security: Security) -> Process {
    let mut kafka = kafka(&server.secured_brokers(), &fresh_prefix(), 1);
    kafka.security = security;
    Process::start(kafka, vec![noter()]).await
}

async fn barred(server: &KafkaServer, security: Security) -> String {
    let process = through(server, security).await;
    let reason = away(&process).await;
    process.stop().await;
    reason
}

async fn away(process: &Process) -> String {
    let transport = process.wait_for_transport(|transport| matches!(transport, Transport::Away { .. })).await;
    let Transport::Away { reason, .. } = transport else { panic!("it came back") };
    reason
}

fn sasl(mechanism: SaslMechanism, password: &str) -> Sasl {
    Sasl { mechanism, username: KafkaServer::USER.to_owned(), password: Secret::new(password) }
}

/// The certificate of somebody who vouches for nothing here.
fn write_authority(file: &Path) {
    let stranger = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(file, stranger.cert.pem()).unwrap();
}
