//! Everything that the platforms under test log, and everything that must never stand there.
//!
//! Both are written below `target/tmp/logs`; `scripts/test` searches the one for the other when all tests have run.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock};

use bus::TraceParent;

/// Writes all log lines of this process, down to the finest of our own, into a file.
pub(crate) fn capture() {
    static STARTED: OnceLock<()> = OnceLock::new();
    STARTED.get_or_init(|| {
        // The jars of clients are the tests' own, and say what they keep.
        let filter = tracing_subscriber::EnvFilter::new("debug,sqlx=info,hyper=info,cookie_store=off");
        let file = Mutex::new(create("log"));
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(file).with_ansi(false).init();
    });
}

/// Remembers a secret, such as a password.
pub(crate) fn remember(secret: &str) {
    static SECRETS: OnceLock<Mutex<File>> = OnceLock::new();
    let mut file = SECRETS.get_or_init(|| Mutex::new(create("secrets"))).lock().unwrap();
    writeln!(file, "{secret}").unwrap();
}

/// Remembers every token in `text`, such as the link of a mail or an answer: no other word is as long, but for traces.
pub(crate) fn remember_tokens(text: &str) {
    let is_part = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let words = text.split(|c| !is_part(c)).filter(|word| word.len() >= 43);
    words.filter(|word| TraceParent::parse(word).is_none()).for_each(remember);
}

fn create(kind: &str) -> File {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("logs");
    fs::create_dir_all(&folder).unwrap();
    let name = format!("{}.{kind}", std::process::id());
    OpenOptions::new().create(true).append(true).open(folder.join(name)).unwrap()
}
