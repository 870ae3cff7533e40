//! What requests leave in the log.

use std::io;
use std::sync::Mutex;

use tracing::dispatcher::{DefaultGuard, Dispatch, set_default};

use super::*;
use crate::Client;

/// Everything that is logged on this thread.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    /// What is logged until the guard is dropped.
    fn listen() -> (Self, (DefaultGuard, Dispatch)) {
        let lines = Self::default();
        // Beside a single subscriber, what logs for the first time on a thread of another test is switched off for all.
        let second = lines.dispatch();
        (lines.clone(), (set_default(&lines.dispatch()), second))
    }

    fn dispatch(&self) -> Dispatch {
        let writer = self.clone();
        Dispatch::new(tracing_subscriber::fmt().json().with_writer(move || writer.clone()).finish())
    }

    /// The lines whose message contains `words`.
    fn saying(&self, words: &str) -> Vec<serde_json::Value> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        lines.filter(|line| line["fields"]["message"].as_str().is_some_and(|said| said.contains(words))).collect()
    }
}

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
    let (lines, _listening) = Lines::listen();

    for _ in 0..20 {
        app.ask(plain("GET", "/cached")).await;
    }

    let answered = lines.saying("answered");
    assert_eq!(answered.len(), 20, "{answered:?}");
    for line in answered {
        let milliseconds = line["fields"]["milliseconds"].to_string();
        let digits = milliseconds.split_once('.').map_or("", |(_, digits)| digits);
        assert!(line["fields"]["milliseconds"].is_f64() && digits.len() <= 3, "{milliseconds}");
    }
}

#[tokio::test]
async fn a_long_path_is_cut_in_the_line_and_in_the_answer_and_says_so() {
    let app = app(routes());
    let (lines, _listening) = Lines::listen();
    let path = format!("/{}", "a".repeat(60_000));

    let (status, _, body) = problem(app.ask(plain("GET", &path)).await).await;

    let cut = format!("/{}…", "a".repeat(255));
    assert_eq!((status, &body["instance"]), (StatusCode::NOT_FOUND, &cut.as_str().into()));
    assert_eq!(lines.saying("answered")[0]["span"]["path"], cut.as_str());
}

#[tokio::test]
async fn the_first_peer_that_forwards_addresses_and_is_no_trusted_proxy_is_logged() {
    let forwarded = || request("GET", "/client").header("x-forwarded-for", "198.51.100.1").body(Body::empty()).unwrap();
    let app = || app(Router::new().route("/client", get(|_: Client| async {})));
    let (lines, _listening) = Lines::listen();

    let served = app();
    served.ask(plain("GET", "/client")).await;
    let without = lines.saying("is not believed").len();
    for _ in 0..3 {
        served.ask(forwarded()).await;
    }

    let with = lines.saying("is not believed");
    assert_eq!((without, with.len()), (0, 1), "{with:?}");
    assert_eq!((&with[0]["level"], &with[0]["fields"]["peer"]), (&"WARN".into(), &"0.0.0.0".into()));
}

#[tokio::test]
async fn what_is_filled_into_a_path_is_not_logged() {
    let id = "018f5a3e-0000-4000-8000-000000000001";
    let app = app(Router::new().route("/carts/{cart_id}", get(|| async {})));
    let (lines, _listening) = Lines::listen();

    app.ask(plain("GET", &format!("/carts/{id}"))).await;
    app.ask(plain("PUT", &format!("/carts/{id}"))).await;
    let simple = id.replace('-', "");
    let around =
        [id, &simple, &format!("{id},"), &format!("%7B{id}%7D"), &format!("{id}%20"), &format!("%30{}", &id[1..])];
    for segment in around {
        app.ask(plain("GET", &format!("/carts/{segment}/wp-login.php"))).await;
    }

    let paths: Vec<_> = lines.saying("answered").iter().map(|line| line["span"]["path"].clone()).collect();
    let (matched, unmatched) = paths.split_at(2);
    assert_eq!(matched, ["/carts/{cart_id}", "/carts/{cart_id}"]);
    assert_eq!(unmatched, ["/carts/{…}/wp-login.php"; 6]);
}
