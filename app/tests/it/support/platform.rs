//! A platform that a test starts, moves through time, starts again and looks at from outside.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use clock::{ManualClock, SeededRandom, Sources};
use data_encoding::BASE64URL_NOPAD;
use lezzetlimani::platform::App;
use lezzetlimani::settings::{Layers, Services, Settings, Values};
use lezzetlimani::telemetry;
use serde_json::Value;
use tempfile::TempDir;
use testkit::{ReceivedMail, SmtpSink};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::diner::{Answer, read};

/// How long anything may take that happens after an answer, such as a mail.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running platform; clones are the same one. The last one to be dropped leaves nothing behind.
#[derive(Clone)]
pub(crate) struct Platform(Arc<Running>);

struct Running {
    base: String,
    clock: ManualClock,
    folder: Arc<TempDir>,
    mails: Arc<SmtpSink>,
    stop: CancellationToken,
    life: Mutex<Option<JoinHandle<()>>>,
}

impl Platform {
    /// A platform with an empty data folder, at the first noon of 2026.
    pub(crate) async fn start() -> Self {
        super::logs::capture();
        let clock = ManualClock::at("2026-01-01T12:00:00Z".parse().unwrap());
        let mails = Arc::new(SmtpSink::start().await.unwrap());
        Self::start_with(clock, Arc::new(tempfile::tempdir().unwrap()), mails).await
    }

    /// Stops it in order and starts it again on the same data folder, as a new release would.
    pub(crate) async fn restart(self) -> Self {
        self.0.stop.cancel();
        let life = self.0.life.lock().unwrap().take();
        life.expect("a platform is restarted once").await.unwrap();
        Self::start_with(self.0.clock.clone(), self.0.folder.clone(), self.0.mails.clone()).await
    }

    async fn start_with(clock: ManualClock, folder: Arc<TempDir>, mails: Arc<SmtpSink>) -> Self {
        let settings = settings(folder.path(), mails.port());
        // Another seed at each start: the same would make the same ids again.
        let seed = mails.connections() as u64;
        let sources = Sources::new(clock.clone(), SeededRandom::new(seed));
        let app = App::build(&settings, sources, telemetry::count_nothing()).await.unwrap();
        let base = format!("http://{}", app.address());
        let stop = CancellationToken::new();
        #[expect(clippy::disallowed_methods, reason = "a platform under test is a task of its test")]
        let life = tokio::task::spawn({
            let stop = stop.clone();
            async move { app.run(stop).await.unwrap() }
        });
        Self(Arc::new(Running { base, clock, folder, mails, stop, life: Mutex::new(Some(life)) }))
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.0.base)
    }

    /// Lets time pass.
    pub(crate) fn advance(&self, duration: Duration) {
        self.0.clock.advance(duration);
    }

    /// The `number`th mail of this kind to `email`, counted from 1, as soon as it is there.
    pub(crate) async fn mail(&self, email: &str, kind: &str, number: usize) -> ReceivedMail {
        let subject = subject_of(kind);
        let found = self.0.mails.find(PATIENCE, |mails| {
            let of_kind = mails.iter().filter(|mail| mail.to.iter().any(|to| to == email));
            of_kind.filter(|mail| mail.header("subject").as_deref() == Some(subject)).nth(number - 1).cloned()
        });
        let mail = found.await.unwrap_or_else(|| panic!("no {kind} mail number {number} came for {email}"));
        super::logs::remember_tokens(&mail.text());
        mail
    }

    /// The claims of a token, unchecked.
    pub(crate) fn claims(&self, token: &str) -> Value {
        let claims = token.split('.').nth(1).unwrap();
        serde_json::from_slice(&BASE64URL_NOPAD.decode(claims.as_bytes()).unwrap()).unwrap()
    }

    /// Sends a form as a page without JavaScript does.
    pub(crate) async fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        read(reqwest::Client::new().post(self.url(path)).form(fields)).await
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn settings(folder: &Path, smtp_port: u16) -> Settings {
    let environment = HashMap::from([
        ("DATA_DIR", folder.join("data").to_str().unwrap().to_owned()),
        ("SERVER_PORT", "0".to_owned()),
        ("TRUSTED_PROXIES", "127.0.0.1/32".to_owned()),
        ("EMAIL_HOST", "127.0.0.1".to_owned()),
        ("EMAIL_PORT", smtp_port.to_string()),
        ("EMAIL_TLS", "none".to_owned()),
        ("EMAIL_FROM", "liman@example.com".to_owned()),
    ]);
    let environment = environment.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
    let mut values = Values::collect(&Layers { environment, ..Layers::default() }).unwrap();
    Settings::read(&mut values, Services::all()).unwrap()
}

/// What a reader sees of a kind of mail, in the language of the house.
fn subject_of(kind: &str) -> &'static str {
    match kind {
        "verification" => "E-posta adresinizi doğrulayın",
        "password_reset" => "Yeni parolanızı belirleyin",
        "already_registered" => "Zaten bir hesabınız var",
        "password_changed" => "Parolanız değiştirildi",
        "session_revoked" => "Güvenliğiniz için bir oturumunuzu kapattık",
        "new_device" => "Hesabınıza yeni bir cihazdan giriş yapıldı",
        unknown => panic!("no mail is called {unknown}"),
    }
}
