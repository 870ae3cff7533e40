//! A writer of addresses that is killed behind its commit, and what its replica answers from then on.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use testkit::Server;
use testkit::servers::FreezingProxy;

use super::fleet::Fleet;
use super::process::Process;
use crate::support::{TIMEOUT, at_last, http_client, read, token_in};

/// Enough that one which is forgotten late shows.
const ADDRESSES: usize = 12;

/// Lets nobody record an event until there is a table `go_on`.
const HOLD_EVENTS: &str = "BEGIN; LOCK TABLE bus_outbox IN SHARE ROW EXCLUSIVE MODE; DO $$ BEGIN \
    FOR i IN 1..1000 LOOP \
        IF EXISTS (SELECT FROM pg_class WHERE relname = 'go_on') THEN RETURN; END IF; \
        PERFORM pg_sleep(0.005); \
    END LOOP; \
    RAISE 'nobody went on'; END $$; COMMIT";
const EVENTS_ARE_HELD: &str = "SELECT mode FROM pg_locks WHERE relation = 'bus_outbox'::regclass AND granted \
    AND mode = 'ShareRowExclusiveLock' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

/// Two replicas of the address service, one of which loses Redis when it is told to, and somebody who is signed in.
struct Replicas {
    reader: Process,
    writer: Process,
    proxy: FreezingProxy,
    /// Lets everybody in, and says nothing.
    hanging: TcpListener,
    token: String,
    _auth: Process,
    _notification: Process,
}

impl Replicas {
    async fn start(fleet: &Fleet) -> Self {
        let proxy = FreezingProxy::start(fleet.redis.port()).await.unwrap();
        let through_proxy = fleet.redis.url().replace(&fleet.redis.port().to_string(), &proxy.port().to_string());
        let mut auth = fleet.process("auth");
        let mut notification = fleet.process("notification");
        let mut reader = fleet.process("address");
        let mut writer = fleet.process_with("address", &[("REDIS_URL", &through_proxy)]);
        for process in [&mut auth, &mut notification, &mut reader, &mut writer] {
            process.server.start().await.unwrap();
        }
        assert_eq!(auth.register("ayse@example.com").await, StatusCode::CREATED);
        let mails = fleet.mails.wait_for(1, TIMEOUT).await.unwrap();
        let proof = json!({ "token": token_in(&mails[0]) });
        let tokens = read(http_client().post(auth.server.url("/auth/verify-email")).json(&proof)).await.tokens();
        let hanging = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        Self { reader, writer, proxy, hanging, token: tokens.access, _auth: auth, _notification: notification }
    }

    fn ask(&self, server: &Server, method: Method, path: &str) -> RequestBuilder {
        http_client().request(method, server.url(path)).bearer_auth(&self.token)
    }

    /// Writes down as many addresses and reads each, and their list; their paths.
    async fn cached_addresses(&self, count: usize) -> Vec<String> {
        let home = json!({
            "title": "Ev", "address": "Moda Caddesi 12", "city": "İstanbul", "district": "Kadıköy",
            "full_address": "Moda Caddesi 12, Kadıköy", "zip_code": "34710", "is_default": false,
        });
        let mut paths = Vec::new();
        for _ in 0..count {
            let created = read(self.ask(&self.reader.server, Method::POST, "/addresses").json(&home)).await;
            assert_eq!(created.status, StatusCode::CREATED, "{}", created.text);
            paths.push(format!("/addresses/{}", created.json()["id"].as_str().unwrap()));
        }
        assert_eq!(self.titles(&paths).await, vec!["Ev"; 2 * count]);
        paths
    }

    /// What the replica that lives answers of each, and of all in their list.
    async fn titles(&self, paths: &[String]) -> Vec<String> {
        let title = |address: &Value| address["title"].as_str().unwrap().to_owned();
        let get = async |path: &str| {
            let answer = read(self.ask(&self.reader.server, Method::GET, path)).await;
            assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
            answer.json()
        };
        let mut titles = Vec::new();
        for path in paths {
            titles.push(title(&get(path).await));
        }
        titles.extend(get("/addresses").await.as_array().unwrap().iter().map(title));
        titles
    }

    /// From now on nothing that the writer sends comes to Redis, and nothing of it later either.
    fn cut_writer_off(&self) {
        self.proxy.switch_over(self.hanging.local_addr().unwrap().port());
        self.proxy.freeze();
    }

    /// Has the writer rename each address, until `killed` is over, at whose end it is dead.
    async fn rename_until<T>(&self, paths: &[String], killed: impl Future<Output = T>) -> T {
        let new = json!({ "title": "Yeni" });
        // They wait for each other, and each for Redis: some may be told to come again.
        let rename = async |path: &String| {
            let ask = || self.ask(&self.writer.server, Method::PUT, path).json(&new).send();
            while ask().await.is_ok_and(|answer| answer.status() != StatusCode::OK) {}
        };
        let renaming = async {
            join_all(paths.iter().map(rename)).await;
            std::future::pending().await
        };
        tokio::select! {
            done = killed => done,
            () = renaming => unreachable!(),
        }
    }
}

/// Returns when so many new titles are committed.
async fn are_committed(fleet: &Fleet, count: usize) {
    at_last("the changes are committed", async || {
        let titles = fleet.database.texts("SELECT title FROM address_address WHERE title = 'Yeni'").await;
        (titles.len() == count).then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_a_writer_left_that_was_killed_behind_its_commit_is_not_read() {
    let Some(fleet) = Fleet::prepare().await else { return };
    let mut replicas = Replicas::start(&fleet).await;
    let paths = replicas.cached_addresses(1).await;
    let key = paths[0].replace("/addresses/", "cache:address:");

    let cut_off_right_before_the_commit = async {
        at_last("what is cached gives way to a lease", async || {
            fleet.redis.cli(&["GETRANGE", &key, "0", "0"]).unwrap().eq("L").then_some(())
        })
        .await;
        replicas.cut_writer_off();
        fleet.database.execute("CREATE TABLE go_on ()").await;
        are_committed(&fleet, 1).await;
    };
    let renamed = async {
        at_last("nobody commits an event", async || {
            (fleet.database.texts(EVENTS_ARE_HELD).await.len() == 1).then_some(())
        })
        .await;
        replicas.rename_until(&paths, cut_off_right_before_the_commit).await;
    };
    tokio::join!(fleet.database.execute(HOLD_EVENTS), renamed);
    replicas.writer.server.kill().await.unwrap();

    assert_eq!(replicas.titles(&paths).await, ["Yeni", "Yeni"]);
}

#[tokio::test]
async fn what_a_writer_left_that_never_came_to_redis_is_forgotten_at_once() {
    let Some(fleet) = Fleet::prepare().await else { return };
    let mut replicas = Replicas::start(&fleet).await;
    let paths = replicas.cached_addresses(ADDRESSES).await;

    replicas.cut_writer_off();
    replicas.rename_until(&paths, are_committed(&fleet, ADDRESSES)).await;
    replicas.writer.server.kill().await.unwrap();
    let killed = Instant::now();

    let new = vec!["Yeni"; 2 * ADDRESSES];
    at_last("the replica has forgotten it", async || (replicas.titles(&paths).await == new).then_some(())).await;
    // A second is promised, on a machine that is not as busy as this one may be.
    assert!(killed.elapsed() < Duration::from_secs(5), "{:?}", killed.elapsed());
}
