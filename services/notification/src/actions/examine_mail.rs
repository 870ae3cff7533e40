//! Examines how mails leave, for the command line: what can be found out from here, and what has to stand in the DNS.

use std::fmt::Write as _;
use std::net::IpAddr;
use std::sync::Arc;

use clock::Sources;

use crate::settings::{Settings, Smtp, Tls, Transport};
use crate::smtp::{Route, SmtpConnection};

/// Bytes that one string of a record in the DNS holds.
const MOST_IN_STRING: usize = 255;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailExamination {
    /// One finding on each line.
    pub report: String,
    /// Whether nothing is wrong, as far as it was checked.
    pub is_fine: bool,
}

/// Connects to the mail server without sending a mail, and reports on settings, signature, server and DNS records.
pub async fn examine_mail(settings: &Settings, sources: &Sources) -> MailExamination {
    let mut examination = MailExamination { report: String::new(), is_fine: true };
    let from = match settings.check().and_then(|()| settings.sender()) {
        Ok(from) => from,
        Err(error) => {
            examination.wrong(&error.to_string());
            return examination;
        }
    };
    let domain = from.email.domain();
    examination.fine(&format!("mails come from {from}"));
    examination.examine_identity(settings);
    examination.examine_signature(settings, domain);
    match &settings.transport {
        Transport::Mailbox => examination.note("no mail server is set; mails stay in the built-in mailbox"),
        Transport::Smtp(smtp) => {
            examination.examine_server(smtp, domain, sources).await;
            examination.show_records(settings, smtp, domain);
        }
    }
    examination
}

impl MailExamination {
    fn fine(&mut self, finding: &str) {
        self.line("ok", finding);
    }

    fn note(&mut self, finding: &str) {
        self.line("note", finding);
    }

    fn wrong(&mut self, finding: &str) {
        self.is_fine = false;
        self.line("wrong", finding);
    }

    fn not_checked(&mut self, finding: &str) {
        self.line("not checked", finding);
    }

    fn line(&mut self, kind: &str, finding: &str) {
        writeln!(self.report, "{kind}: {finding}").expect("a String takes all that is written");
    }

    fn examine_identity(&mut self, settings: &Settings) {
        match &settings.identity {
            Some(identity) => self.fine(&format!("commercial mail is sent by {}", identity.title)),
            None => self
                .note("commercial mail waits: nobody says who sends it (SENDER_TITLE, SENDER_MERSIS, SENDER_CONTACT)"),
        }
        if settings.links.public_url.starts_with("https://") {
            self.fine("links to unsubscribe are https");
        } else {
            self.note("links to unsubscribe are not https, so mail programs show no button for them (PUBLIC_URL)");
        }
    }

    fn examine_signature(&mut self, settings: &Settings, domain: &str) {
        let Some(key) = &settings.dkim else {
            self.note("mails are not signed: no DKIM_KEY is set, and large providers take few mails without");
            return;
        };
        let is_aligned = domain == key.domain() || domain.ends_with(&format!(".{}", key.domain()));
        if is_aligned {
            self.fine(&format!("mails are signed for {} by {}", key.domain(), key.algorithm()));
        } else {
            self.wrong(&format!(
                "mails are signed for {}, which is not the domain of their sender, {domain}: DMARC does not count it",
                key.domain()
            ));
        }
    }

    async fn examine_server(&mut self, smtp: &Smtp, domain: &str, sources: &Sources) {
        let route = match Route::new(smtp, domain) {
            Ok(route) => Arc::new(route),
            Err(error) => return self.wrong(&error.to_string()),
        };
        let mut connection = SmtpConnection::new(route.clone(), sources.clone());
        if let Err(error) = connection.open().await {
            return self.wrong(&error.to_string());
        }
        self.fine(&format!("connected to {}", route.describe()));
        match smtp.tls {
            Tls::StartTls | Tls::Tls => self.fine("its certificate is trusted and names it"),
            Tls::None => self.note("the connection is not protected (EMAIL_TLS=none)"),
        }
        let offers = connection.offers().join(", ");
        self.fine(&format!("it offers {offers}"));
        connection.hang_up().await;
    }

    fn show_records(&mut self, settings: &Settings, smtp: &Smtp, domain: &str) {
        self.not_checked("the DNS, which this program does not ask; these records have to stand there:");
        let mut record = |name: &str, text: &str| {
            writeln!(self.report, "  {name}. TXT {}", quoted(text)).expect("a String takes all that is written");
        };
        record(domain, &spf(&smtp.host));
        if let Some(key) = &settings.dkim {
            let (name, text) = key.record();
            record(&name, &text);
        }
        record(&format!("_dmarc.{domain}"), "v=DMARC1; p=quarantine");
        self.not_checked("SPF: whoever else sends mails of this domain has to stand there, too");
        self.not_checked("SPF: where the mail server hands mails on to another one, its provider says what to include");
        self.not_checked("whether the address that mails leave from has a name that leads back to it");
    }
}

/// What lets `host` send mails of a domain. Others are marked rather than refused: some may be missing here.
fn spf(host: &str) -> String {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    match host.parse() {
        Ok(IpAddr::V4(address)) => format!("v=spf1 ip4:{address} ~all"),
        Ok(IpAddr::V6(address)) => format!("v=spf1 ip6:{address} ~all"),
        Err(_) => format!("v=spf1 a:{host} ~all"),
    }
}

/// A text as it is entered in the DNS, which reads the strings of a record as one.
fn quoted(text: &str) -> String {
    let strings = text.as_bytes().chunks(MOST_IN_STRING).map(|bytes| format!("\"{}\"", bytes.escape_ascii()));
    strings.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use testkit::{SmtpFault, SmtpPhase, SmtpSink};

    use super::*;
    use crate::fixture::{server, settings};

    #[tokio::test]
    async fn what_was_found_is_reported_without_a_mail() {
        let sink = SmtpSink::start().await.unwrap();

        let examined = examine_mail(&settings(server(sink.port())), &Sources::system()).await;

        let report = examined.report.replace(&sink.port().to_string(), "PORT");
        insta::assert_snapshot!(report, @r#"
        ok: mails come from Lezzetlimanı <posta@example.com>
        ok: commercial mail is sent by Örnek Gıda A.Ş.
        note: links to unsubscribe are not https, so mail programs show no button for them (PUBLIC_URL)
        note: mails are not signed: no DKIM_KEY is set, and large providers take few mails without
        ok: connected to 127.0.0.1:PORT, no TLS, no sign-in
        note: the connection is not protected (EMAIL_TLS=none)
        ok: it offers sink.test, AUTH LOGIN PLAIN, 8BITMIME
        not checked: the DNS, which this program does not ask; these records have to stand there:
          example.com. TXT "v=spf1 ip4:127.0.0.1 ~all"
          _dmarc.example.com. TXT "v=DMARC1; p=quarantine"
        not checked: SPF: whoever else sends mails of this domain has to stand there, too
        not checked: SPF: where the mail server hands mails on to another one, its provider says what to include
        not checked: whether the address that mails leave from has a name that leads back to it
        "#);
        assert!(examined.is_fine);
        assert!(sink.mails().is_empty());
    }

    #[tokio::test]
    async fn a_server_that_refuses_us_is_wrong() {
        let sink = SmtpSink::start().await.unwrap();
        sink.once(SmtpPhase::Hello, SmtpFault::Says("550 5.7.1 go away".to_owned()));

        let examined = examine_mail(&settings(server(sink.port())), &Sources::system()).await;

        assert!(!examined.is_fine);
        assert!(examined.report.contains("wrong: EHLO with 127.0.0.1"), "{}", examined.report);
    }

    #[test]
    fn a_long_record_is_shown_as_several_strings() {
        let text = "v=DKIM1; k=rsa; p=".to_owned() + &"A".repeat(392);

        let shown = quoted(&text);

        let strings: Vec<&str> = shown.split('"').skip(1).step_by(2).collect();
        assert_eq!(strings.iter().map(|string| string.len()).collect::<Vec<_>>(), [255, 155]);
        assert_eq!(strings.concat(), text);
        assert_eq!(quoted("v=DMARC1; p=quarantine"), "\"v=DMARC1; p=quarantine\"");
    }

    #[test]
    fn a_mail_server_is_named_as_what_it_is() {
        let hosts = ["smtp.example.com", "192.0.2.7", "2001:db8::7", "[2001:db8::7]"];

        assert_eq!(
            hosts.map(spf),
            [
                "v=spf1 a:smtp.example.com ~all",
                "v=spf1 ip4:192.0.2.7 ~all",
                "v=spf1 ip6:2001:db8::7 ~all",
                "v=spf1 ip6:2001:db8::7 ~all",
            ]
        );
    }
}
