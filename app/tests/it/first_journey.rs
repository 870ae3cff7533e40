//! The first journey of the documentation, run as it stands there, before the program as the README starts it.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::support::{Desk, Ended, free_port, in_time};

const JOURNEY: &str = include_str!("../../../docs/first-journey.md");

/// The kitchens of the demo take half a minute for an order.
const JOURNEY_TIMEOUT: Duration = Duration::from_secs(120);

/// Makes each `curl` write down what it asked for and how it was answered, those before the mailbox and for a restaurant again
/// until there is one, as people do.
const CURL: &str = r#"
set -euo pipefail
curl() {
  local asked
  case "$*" in
    # Ends when what reads it has seen enough.
    (*/orders/live*) command curl "$@" || true; return ;;
  esac
  while asked=$(command curl --output answer --write-out '%{method} %{url} %{http_code}' "$@"); do
    case $asked in
      (*/mailbox/*) grep -q 'token=' answer || continue ;;
      (*/search*) grep -q '"id"' answer || continue ;;
    esac
    echo "$asked" >>requests
    cat answer
    return
  done
}
"#;

#[tokio::test]
async fn the_first_journey_goes_as_it_is_written() {
    let desk = Desk::new();
    let port = free_port();
    let _demo = start_demo(&desk, &port).await;
    let here = format!("http://127.0.0.1:{port}");
    let (_, journey) = JOURNEY.split_once("```sh\n").unwrap();
    let (journey, _) = journey.split_once("```").unwrap();
    let script = format!("{CURL}{}", journey.replace("http://localhost:8080", &here));

    let mut shell = Command::new("bash");
    shell.args(["-c", &script]).current_dir(desk.folder.path()).kill_on_drop(true);
    let output = tokio::time::timeout(JOURNEY_TIMEOUT, shell.output()).await.expect("the journey ends");
    let ended = Ended::of(output.unwrap());

    assert_eq!(ended.code, Some(0), "{ended:?}");
    let requests = std::fs::read_to_string(desk.folder.path().join("requests")).unwrap();
    let requests: Vec<_> = requests.lines().map(|line| without_id(&line.replace(&here, ""))).collect();
    let expected = [
        "POST /auth/register 201",
        "GET /mailbox/messages?to=ayse@example.com 200",
        "POST /auth/verify-email 200",
        "POST /users/register/complete 201",
        "GET /users/me 200",
        "POST /auth/login 200",
        "POST /auth/refresh 200",
        "GET /auth/sessions 200",
        "POST /auth/logout 200",
        "GET /auth/me 401",
        "POST /addresses 201",
        "GET /addresses 200",
        "GET /restaurants/search?query=lahmacn 200",
        "GET /restaurants/3aace798-874f-5c33-a4ab-c9fdebbea5c4/menu 200",
        "GET /campaigns 200",
        "GET /meals/restaurant/3aace798-874f-5c33-a4ab-c9fdebbea5c4 200",
        "POST /carts/anonymous/add 200",
        "GET /carts/anonymous/{id} 200",
        "POST /carts/add 200",
        "GET /carts/current 200",
        "POST /carts/anonymous/merge 200",
        "POST /carts/checkout 200",
        "GET /carts/orders/{id} 200",
    ];
    assert_eq!(requests, expected, "{ended:?}");
    assert!(ended.said.contains(r#""status":"delivered""#), "{}", ended.said);
}

/// The id of an anonymous cart, or of an order, is another one each time.
fn without_id(request: &str) -> String {
    for path in ["/carts/anonymous/", "/carts/orders/"] {
        let Some((method, rest)) = request.split_once(path) else { continue };
        if let Some((_, status)) = rest.split_once(' ').filter(|(id, _)| id.len() == 36) {
            return format!("{method}{path}{{id}} {status}");
        }
    }
    request.to_owned()
}

/// The demo, as soon as it says that it is open.
async fn start_demo(desk: &Desk, port: &str) -> Child {
    let mut command = desk.command(&["serve", "--demo", "--port", port]);
    let mut demo = command.env("RUST_LOG", "warn").stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(demo.stdout.take().unwrap()).lines();
    let open = async { while !lines.next_line().await.unwrap().expect("the demo opens").contains("Ctrl-C") {} };
    in_time("the demo opens", open).await;
    demo
}
