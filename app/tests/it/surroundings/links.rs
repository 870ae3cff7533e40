//! Where links in mails lead.

use testkit::SmtpSink;

use super::process::Process;

#[tokio::test]
async fn whoever_mails_others_is_warned_of_links_to_their_own_machine() {
    let mails = SmtpSink::start().await.unwrap();
    let port = mails.port().to_string();
    let mailing = [
        ("EMAIL_HOST", "127.0.0.1"),
        ("EMAIL_PORT", &port),
        ("EMAIL_TLS", "none"),
        ("EMAIL_FROM", "liman@example.com"),
    ];
    let silent = Process::launch(&[&mailing[..], &[("PUBLIC_URL", "https://liman.example.com")]].concat());
    let into_the_mailbox = Process::launch(&[]);

    Process::launch(&mailing).warns_of("PUBLIC_URL is not set").await;

    for process in [silent, into_the_mailbox] {
        process.is_ready().await;
        assert!(!process.log().contains("PUBLIC_URL is not set"), "{}", process.log());
    }
}
