//! What passes through the gateway, and what does not.

use std::net::IpAddr;

use reqwest::header::{ACCEPT, CONTENT_TYPE, HOST, ORIGIN};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use testkit::Gateway;
use testkit::servers::shared;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::super::process::Process;
use super::caddy::open_gateway;
use crate::support::server::sign_up;
use crate::support::{at_last, built, http_client, in_time, read};

/// A process with all services behind a gateway, which it knows; none in a run without servers.
async fn behind_a_gateway() -> Option<(Process, Gateway)> {
    if !shared::are_wanted() {
        return None;
    }
    let mut process = Process::new(&[("TRUSTED_PROXIES", "127.0.0.1/32")]);
    process.server.start().await.unwrap();
    let gateway = open_gateway(|_| &process.server).await;
    Some((process, gateway))
}

/// A client with another address of this machine than the gateway's.
fn client_at(address: &str) -> Client {
    built(Client::builder().local_address(address.parse::<IpAddr>().unwrap()))
}

/// The network of the newest session, which `client` has just begun with these headers.
async fn network_of_a_session(client: &Client, gateway: &Gateway, headers: &[(&str, &str)]) -> String {
    let body = json!({ "email": "ayse@example.com", "password": "gizli deniz feneri 42" });
    let login = client.post(gateway.url("/auth/login")).json(&body);
    let login = headers.iter().fold(login, |request, (name, value)| request.header(*name, *value));
    let access = read(login).await.tokens().access;
    let sessions = read(client.get(gateway.url("/auth/sessions")).bearer_auth(access)).await.json();
    let current = sessions["items"].as_array().unwrap().iter().find(|session| session["current"] == true);
    current.unwrap()["network"].as_str().unwrap().to_owned()
}

/// How `path` is answered as it stands there, which clients clean before they send it.
async fn status_line(gateway: &Gateway, path: &str) -> String {
    let host = gateway.url("").replace("http://", "");
    let mut stream = TcpStream::connect(&host).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    BufReader::new(stream).read_line(&mut answer).await.unwrap();
    answer.trim_end().to_owned()
}

#[tokio::test]
async fn a_service_sees_where_a_client_is_whatever_the_client_says() {
    let Some((process, gateway)) = behind_a_gateway().await else { return };
    sign_up(&process.server, "ayse@example.com").await;
    let client = client_at("127.9.8.7");

    for headers in [
        &[][..],
        &[("x-forwarded-for", "203.0.113.7")],
        &[("x-forwarded-for", "203.0.113.7"), ("x-forwarded-for", "127.0.0.1")],
        &[("X-Forwarded-For", "203.0.113.7"), ("forwarded", "for=203.0.113.7"), ("x-real-ip", "203.0.113.7")],
    ] {
        assert_eq!(network_of_a_session(&client, &gateway, headers).await, "127.9.8.0/24", "{headers:?}");
    }
}

#[tokio::test]
async fn what_a_process_keeps_for_its_own_machine_does_not_pass() {
    let Some((process, gateway)) = behind_a_gateway().await else { return };
    let get = async |url: &str| read(http_client().get(url).header(ACCEPT, "text/html")).await;

    for path in ["/mailbox", "/mailbox/messages", "/metrics", "/health/ready", "/health/live"] {
        assert_eq!(get(&process.server.url(path)).await.status, StatusCode::OK, "{path} at the process itself");
        for way in ["", "/sepet/..", "/notification/..", "/notification/%2e%2e", "/", "/.", "/sepet/..%2f"] {
            let answered = status_line(&gateway, &format!("{way}{path}")).await;
            assert!(answered.starts_with("HTTP/1.1 404 "), "{way}{path}: {answered}");
        }
        let refused = get(&gateway.url(path)).await;
        assert_eq!(refused.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(refused.headers[CONTENT_TYPE], "text/html; charset=utf-8");
        assert!(refused.text.contains("<h1>"), "{}", refused.text);
    }
}

#[tokio::test]
async fn host_and_origin_pass_so_that_a_page_knows_its_own_forms() {
    let Some((_process, gateway)) = behind_a_gateway().await else { return };
    let send = async |host: &str, origin: &str| {
        let form = [("email", "ayse@example.com"), ("password", "yanlis parola 42")];
        let request = http_client().post(gateway.url("/giris")).header(HOST, host).header(ORIGIN, origin);
        read(request.form(&form)).await.status
    };

    for (host, origin, is_ours) in [
        ("liman.example.com", "http://liman.example.com", true),
        ("liman.example.com:8080", "http://liman.example.com:8080", true),
        ("liman.example.com", "http://evil.example", false),
        ("liman.example.com", "null", false),
    ] {
        assert_eq!(send(host, origin).await != StatusCode::FORBIDDEN, is_ours, "{origin} at {host}");
    }
}

/// A restaurant of the demo that takes orders around the clock, and a meal there.
async fn a_meal(gateway: &Gateway) -> String {
    let get = async |path: &str| read(http_client().get(gateway.url(path))).await;
    let restaurant = at_last("the restaurant is listed", async || {
        let listed = get("/restaurants?limit=100").await;
        let listed = (listed.status == StatusCode::OK).then(|| listed.json())?;
        let found = listed.as_array()?.iter().find(|restaurant| restaurant["name"] == "Çıpa Kebap")?;
        found["id"].as_str().map(str::to_owned)
    });
    let meals = get(&format!("/meals/restaurant/{}", restaurant.await)).await.json();
    let adana = meals.as_array().unwrap().iter().find(|meal| meal["name"] == "Adana Kebap").unwrap();
    adana["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_stream_arrives_as_it_is_written() {
    if !shared::are_wanted() {
        return;
    }
    let Process { server, folder: _folder } = Process::new(&[("DEMO_KITCHENS", "false")]);
    let mut server = server.demonstrating();
    server.start().await.unwrap();
    let gateway = open_gateway(|_| &server).await;
    let access = sign_up(&server, "ayse@example.com").await;
    let meal = a_meal(&gateway).await;
    let post = |path: &str, body: Value| http_client().post(gateway.url(path)).bearer_auth(&access).json(&body);
    let order = at_last("the order is placed", async || {
        let item = json!({ "meal_id": meal, "quantity": 3 });
        let order = json!({ "payment_method": "cash", "fulfilment": "pickup", "items": [item] });
        let placed = read(post("/carts/checkout", order)).await;
        (placed.status == StatusCode::OK).then(|| placed.json()["public_id"].as_str().unwrap().to_owned())
    });
    let cancel = format!("/carts/orders/{}/cancel", order.await);
    let api = http_client().get(gateway.url("/carts/orders/live")).bearer_auth(&access);
    let page = http_client().get(gateway.url("/siparisler/olaylar")).header("cookie", format!("access={access}"));
    let mut streams = Vec::new();

    for request in [api, page] {
        let request = request.header("accept-encoding", "gzip");
        let mut stream = in_time("the stream begins", request.send()).await.unwrap();
        assert_eq!(stream.status(), StatusCode::OK);
        assert_eq!(stream.headers()[CONTENT_TYPE], "text/event-stream");
        assert!(!stream.headers().contains_key("content-encoding"));
        // It goes on for half an hour: what arrives now was not kept until its end.
        let first = in_time("something arrives", stream.chunk()).await.unwrap().expect("it goes on");
        assert!(!first.is_empty());
        streams.push(stream);
    }
    let cancelled = read(post(&cancel, json!({}))).await;
    assert_eq!(cancelled.status, StatusCode::OK, "{}", cancelled.text);
    for stream in &mut streams {
        in_time("the change arrives", stream.chunk()).await.unwrap().expect("it goes on");
    }
}

#[tokio::test]
async fn a_process_that_is_away_is_said_to_be_to_a_reader_and_to_a_program() {
    let Some((mut process, gateway)) = behind_a_gateway().await else { return };
    process.server.stop().await.unwrap();

    let reader = read(http_client().get(gateway.url("/sepet")).header(ACCEPT, "text/html,*/*;q=0.8")).await;
    let program = read(http_client().get(gateway.url("/carts/current"))).await;

    assert_eq!((reader.status, program.status), (StatusCode::BAD_GATEWAY, StatusCode::BAD_GATEWAY));
    assert_eq!(reader.headers[CONTENT_TYPE], "text/plain; charset=utf-8");
    assert!(reader.text.contains("birazdan") && reader.text.contains("shortly"), "{}", reader.text);
    assert_eq!(program.headers[CONTENT_TYPE], "application/problem+json");
    let problem: Value = program.json();
    assert_eq!((&problem["status"], &problem["code"]), (&json!(502), &json!("UNAVAILABLE")));
    for answer in [reader, program] {
        assert_eq!(answer.headers["retry-after"], "5");
        assert_eq!(answer.headers["cache-control"], "no-store");
    }
}
