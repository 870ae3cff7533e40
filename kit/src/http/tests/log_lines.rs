//! What a request leaves in the log.

use std::io;
use std::sync::Mutex;

use super::*;

/// Everything that is logged on this thread.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_request_leaves_one_line_with_its_milliseconds_to_three_digits() {
    let app = app(routes());
    // What logs for the first time while another test's thread runs would be switched off for this one as well; a new
    // subscriber is asked about all that has logged before.
    app.ask(plain("GET", "/cached")).await;
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt().json().with_writer(move || writer.clone()).finish();
    let _listening = tracing::subscriber::set_default(subscriber);

    for _ in 0..20 {
        app.ask(plain("GET", "/cached")).await;
    }

    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    let answered: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).filter(is_answer).collect();
    assert_eq!(answered.len(), 20, "{text}");
    for line in answered {
        let milliseconds = line["fields"]["milliseconds"].to_string();
        let digits = milliseconds.split_once('.').map_or("", |(_, digits)| digits);
        assert!(line["fields"]["milliseconds"].is_f64() && digits.len() <= 3, "{milliseconds}");
    }
}

fn is_answer(line: &serde_json::Value) -> bool {
    line["fields"]["message"] == "answered"
}
