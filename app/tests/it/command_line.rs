//! The built program, run as an operator runs it: what it says, and what it ends with.

use lezzetlimani::settings::table::TABLE;
use reqwest::StatusCode;
use serde_json::json;

use crate::support::{Desk, Ended, http_client, topic_names};

#[tokio::test]
async fn help_lists_the_commands_and_the_exit_codes() {
    let desk = Desk::new();

    let help = desk.run(&["--help"]).await;
    let unknown = desk.run(&["fly"]).await;

    assert_eq!(help.code, Some(0));
    for listed in
        ["serve", "config", "dead-letters", "import", "backup", "--data", "0  done", "1  failed", "2  refused"]
    {
        assert!(help.said.contains(listed), "{listed} is missing in {}", help.said);
    }
    assert_eq!(unknown.code, Some(2));
}

#[tokio::test]
async fn a_port_in_use_is_reported_before_anything_is_written() {
    let desk = Desk::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();

    let ended = desk.run(&["serve", "--port", &address.port().to_string()]).await;

    ended.expect(1, &format!("can't listen on {address}"));
    assert!(!desk.data().join("lezzetlimani.db").exists());
}

#[tokio::test]
async fn a_broken_setting_stops_the_start_by_name() {
    let desk = Desk::new();
    std::fs::write(desk.folder.path().join("lezzetlimani.toml"), "server_prot = 8080\n").unwrap();

    let unknown = desk.run(&["serve"]).await;
    let missing = desk.run(&["serve", "--config", "nowhere.toml"]).await;
    std::fs::write(desk.folder.path().join("lezzetlimani.toml"), "login_window = 'long'\n").unwrap();
    let broken = desk.run(&["serve"]).await;

    unknown.expect(2, "lezzetlimani.toml: unknown setting server_prot");
    missing.expect(2, "there is no settings file nowhere.toml");
    broken.expect(2, "LOGIN_WINDOW=long (file lezzetlimani.toml): not a duration");
}

#[tokio::test]
async fn a_part_of_a_fleet_without_state_that_others_reach_is_refused_and_nothing_is_made() {
    let desk = Desk::new();

    desk.run(&["serve", "auth"])
        .await
        .expect(2, "DATABASE_URL or DB_HOST, REDIS_HOST or REDIS_URL, KAFKA_BROKERS missing");

    assert!(!desk.data().exists());
}

#[tokio::test]
async fn a_terminated_server_ends_in_order() {
    let desk = Desk::new();
    let mut server = desk.server();
    server.start().await.unwrap();

    let status = server.stop().await.unwrap();

    assert_eq!(status.code(), Some(0));
}

#[tokio::test]
async fn commands_that_only_read_work_beside_a_running_server() {
    let desk = Desk::new();
    let mut server = desk.server();
    server.start().await.unwrap();
    let port = server.url("").rsplit(':').next().unwrap().to_owned();

    assert_eq!(desk.run(&["health", "--port", &port]).await.json()["status"], "ready");
    assert_eq!(desk.run(&["dead-letters", "list", "--json"]).await.json(), json!([]));
    assert_eq!(desk.run(&["keys", "list", "--json"]).await.json().as_array().unwrap().len(), 2);
    let topics = desk.run(&["topics", "--json"]).await.json();
    let names: Vec<&str> = topics.as_array().unwrap().iter().filter_map(|topic| topic["topic"].as_str()).collect();
    assert_eq!(names, topic_names());
    assert_eq!(desk.run(&["mail", "test", "ayse@example.com"]).await.code, Some(0));
    desk.run(&["dead-letters", "show", "1"]).await.expect(2, "there is no dead letter 1");
    assert_eq!(desk.run(&["campaigns", "list", "--json"]).await.json(), json!([]));
    for action in ["show", "pause", "resume", "cancel"] {
        let unknown = desk.run(&["campaigns", action, "018f0000-0000-7000-8000-000000000001"]).await;
        unknown.expect(2, "there is no such campaign");
    }
    let rewind = ["topics", "rewind", "user", "--since", "2026-11-28T09:30:00Z", "--dry-run"];
    desk.run(&rewind).await.expect(2, "without Kafka a consumer's position stands in the database itself");
    let year = desk.run(&["topics", "rewind", "user", "--since", "2026"]).await;
    assert_eq!(year.code, Some(2), "{year:?}");
    for part in ["'2026'", "--since", "as in 2026-11-28T09:30:00Z"] {
        assert!(year.complained.contains(part), "{part} is missing in {year:?}");
    }
    for action in ["list", "replay", "discard"] {
        let topic = desk.run(&["dead-letters", action, "--topic", "nonsense"]).await;
        topic.expect(2, "no topic is called nonsense; known are: ");
        let consumer = desk.run(&["dead-letters", action, "--consumer", "nobody", "--json"]).await;
        consumer.expect(2, "no consumer is called nobody; known are: ");
        let fitting = desk.run(&["dead-letters", action, "--topic", "user_created", "--consumer", "user"]).await;

        assert!(topic_names().iter().all(|name| topic.complained.contains(name)), "{topic:?}");
        assert!(consumer.complained.contains("notification") && consumer.complained.contains("user"), "{consumer:?}");
        assert_eq!((topic.said.as_str(), consumer.said.as_str(), fitting.code), ("", "", Some(0)), "{fitting:?}");
    }

    server.stop().await.unwrap();
    desk.run(&["health", "--port", &port]).await.expect(1, "does not answer");
}

#[tokio::test]
async fn commands_make_no_platform_by_a_slip_of_the_pen() {
    let desk = Desk::new();

    for command in [
        &["topics"][..],
        &["keys", "list"],
        &["dead-letters", "list"],
        &["campaigns", "list"],
        &["admin", "lock", "a@example.com"],
    ] {
        desk.run(command).await.expect(2, "there is no platform in the folder");
    }

    assert!(!desk.data().exists());
}

#[tokio::test]
async fn a_backup_of_a_running_server_is_one_file_that_serves_again_with_the_key() {
    let desk = Desk::new();
    let mut server = desk.server();
    server.start().await.unwrap();
    let file = desk.folder.path().join("backup.db");
    let path = file.to_str().unwrap();
    let create = ["admin", "create", "ayse@example.com", "--password-stdin"];
    assert_eq!(desk.run_with_input(&create, "gizli deniz feneri 42\n").await.code, Some(0));

    assert_eq!(desk.run(&["backup", path]).await.code, Some(0));
    desk.run(&["backup", path]).await.expect(2, "exists already");
    let dangling = desk.folder.path().join("dangling.db");
    std::os::unix::fs::symlink("nowhere", &dangling).unwrap();
    desk.run(&["backup", dangling.to_str().unwrap()]).await.expect(2, "exists already");
    let at_once = desk.folder.path().join("at-once.db");
    let backup = async || desk.run(&["backup", at_once.to_str().unwrap()]).await.code;
    let copies: [_; 3] = tokio::join!(backup(), backup(), backup()).into();
    assert_eq!(copies.iter().filter(|code| **code == Some(0)).count(), 1, "{copies:?}");

    let other = Desk::new();
    std::fs::create_dir(other.data()).unwrap();
    std::fs::copy(&file, other.data().join("lezzetlimani.db")).unwrap();
    std::fs::copy(desk.data().join("secret.key"), other.data().join("secret.key")).unwrap();
    let mut restored = other.server();
    restored.start().await.unwrap();
    assert_eq!(login(&restored.url("/auth/login"), "ayse@example.com", "gizli deniz feneri 42").await, StatusCode::OK);
}

#[tokio::test]
async fn an_operator_makes_promotes_locks_and_unlocks_accounts() {
    let desk = Desk::new();
    let create = ["admin", "create", "ayse@example.com", "--password-stdin"];

    let made = desk.run_with_input(&create, "gizli deniz feneri 42\n").await;
    let promoted = desk.run_with_input(&create, "gizli deniz feneri 43\n").await;

    assert!(made.said.contains("ayse@example.com runs the platform now"), "{made:?}");
    assert!(promoted.said.contains("was promoted"), "{promoted:?}");
    desk.run_with_input(&create, "short\n").await.expect(2, "password");
    desk.run_with_input(&create, "").await.expect(2, "no password on standard input");
    for action in ["lock", "unlock", "sign-out"] {
        assert_eq!(desk.run(&["admin", action, "ayse@example.com"]).await.code, Some(0), "{action}");
        desk.run(&["admin", action, "nobody@example.com"]).await.expect(2, "there is no such account");
    }
}

#[tokio::test]
async fn an_operator_grants_roles_to_accounts_that_are_there() {
    let desk = Desk::new();
    let mut server = desk.server();
    server.start().await.unwrap();
    let create = ["admin", "create", "ayse@example.com", "--password-stdin"];
    assert_eq!(desk.run_with_input(&create, "gizli deniz feneri 42\n").await.code, Some(0));
    let grant = async |email: &str, role: &str| desk.run(&["admin", "grant", email, role]).await;

    for role in ["manager", "user", "admin", "manager"] {
        let granted = grant("AYSE@example.com", role).await;
        assert_eq!(granted.code, Some(0), "{granted:?}");
        let said = format!("ayse@example.com is {role} in a second, from the next refresh of each session on.");
        assert_eq!(granted.said.trim_end(), said);
        assert_eq!(role_of(&server, "ayse@example.com").await, role);
    }
    grant("nobody@example.com", "manager").await.expect(2, "there is no such account");
    for (email, role, part) in [("ayse@example.com", "chef", "'chef'"), ("ayse", "manager", "'ayse'")] {
        let refused = grant(email, role).await;
        assert_eq!(refused.code, Some(2), "{refused:?}");
        assert!(refused.complained.contains(part), "{refused:?}");
    }
    assert_eq!(role_of(&server, "ayse@example.com").await, "manager");
}

/// The role in the access token of a new session.
async fn role_of(server: &testkit::Server, email: &str) -> String {
    let body = json!({ "email": email, "password": "gizli deniz feneri 42" });
    let signed_in = http_client().post(server.url("/auth/login")).json(&body).send().await.unwrap();
    let tokens: serde_json::Value = signed_in.json().await.unwrap();
    let me = http_client().get(server.url("/auth/me")).bearer_auth(tokens["access_token"].as_str().unwrap());
    let me: serde_json::Value = me.send().await.unwrap().json().await.unwrap();
    me["role"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn dead_letters_are_acted_on_only_when_they_are_chosen() {
    let desk = Desk::new();
    assert_eq!(desk.run(&["migrate"]).await.code, Some(0));

    assert_eq!(desk.run(&["dead-letters", "discard"]).await.code, Some(2));
    assert_eq!(desk.run(&["dead-letters", "discard", "--all", "--topic", "user_created"]).await.code, Some(2));
    assert_eq!(desk.run(&["dead-letters", "discard", "1", "--topic", "user_created"]).await.code, Some(2));
    for how in [&["dead-letters", "discard", "1", "2"][..], &["dead-letters", "discard", "1", "2", "--json"]] {
        let refused = desk.run(how).await;
        refused.expect(2, "there is no dead letter 1");
        assert_eq!(refused.said, "");
    }
    for state in ["open", "replayed", "discarded", "all"] {
        assert_eq!(desk.run(&["dead-letters", "list", "--state", state, "--json"]).await.json(), json!([]), "{state}");
    }
    let other_meaning = desk.run(&["dead-letters", "list", "--all"]).await;
    assert_eq!(other_meaning.code, Some(2), "it would list what `replay --all` leaves: {other_meaning:?}");
    let all = desk.run(&["dead-letters", "replay", "--all", "--dry-run"]).await;
    assert!(all.said.contains("0 would be replayed; nothing was changed."), "{all:?}");
}

#[tokio::test]
async fn only_services_that_take_something_over_can_be_imported_for() {
    let desk = Desk::new();
    assert_eq!(desk.run(&["migrate"]).await.code, Some(0));

    let help = desk.run(&["import", "first-platform", "--help"]).await;
    let notification = desk.run(&["import", "first-platform", "notification"]).await;

    assert!(help.said.contains("user") && !help.said.contains("notification"), "{}", help.said);
    assert_eq!(notification.code, Some(2));
    assert!(
        notification.complained.contains("possible values: auth, user, address, restaurant, cart]"),
        "{notification:?}"
    );
    desk.run(&["import", "first-platform", "user"])
        .await
        .expect(2, "no table in this database from which user imports");
}

#[tokio::test]
async fn the_configuration_shows_each_value_its_source_and_no_secret() {
    let desk = Desk::new();
    let mut command = desk.command(&["config", "--json"]);
    let output = command.env("METRICS_TOKEN", "never show this").env("LOGIN_ATTEMPTS", "7").output().await.unwrap();

    let shown = Ended::of(output).json();

    let of = |name: &str| shown.as_array().unwrap().iter().find(|setting| setting["name"] == name).unwrap().clone();
    assert_eq!(
        (&of("LOGIN_ATTEMPTS")["value"], &of("LOGIN_ATTEMPTS")["source"]),
        (&json!("7"), &json!("environment LOGIN_ATTEMPTS"))
    );
    assert_eq!((&of("METRICS_TOKEN")["value"], &of("LOGIN_WINDOW")["source"]), (&json!("********"), &json!("default")));
    assert_eq!(of("DATA_DIR")["source"], "flag --data");
    assert!(!shown.to_string().contains("never show this"));
}

#[tokio::test]
async fn the_configuration_shows_every_setting_also_when_some_are_wrong_and_says_why() {
    let desk = Desk::new();
    let file = "login_attempts = 7\nserver_port = 1.5\nserver_prot = 8080\nlogin_window = 'long'\n";
    std::fs::write(desk.folder.path().join("lezzetlimani.toml"), file).unwrap();
    let ask = async |arguments: &[&str]| {
        let mut command = desk.command(arguments);
        command.env("METRICS_TOKEN", "x").env("METRICS_TOKEN_FILE", "y").env("EMAIL_PORT", "many");
        Ended::of(command.output().await.unwrap())
    };

    let table = ask(&["config"]).await;
    let json = ask(&["config", "--json"]).await;

    for ended in [&table, &json] {
        ended.expect(2, "lezzetlimani.toml: ");
    }
    for row in TABLE {
        let heads = [format!("{} = ", row.name), format!("{} is not set", row.name)];
        assert!(table.said.lines().any(|line| heads.iter().any(|head| line.starts_with(head))), "{}", row.name);
    }
    let long =
        "LOGIN_WINDOW = long  (file lezzetlimani.toml)\n    WRONG: not a duration such as 15m or 2s\n    How long";
    assert!(table.said.contains(long), "{}", table.said);
    let shown: Vec<serde_json::Value> = serde_json::from_str(&json.said).unwrap();
    let wrong: Vec<&str> = shown
        .iter()
        .filter(|setting| !setting["fault"].is_null())
        .map(|setting| setting["name"].as_str().unwrap())
        .collect();
    assert_eq!(wrong, ["SERVER_PORT", "METRICS_TOKEN", "LOGIN_WINDOW", "EMAIL_PORT"]);
    let of = |name: &str| shown.iter().find(|setting| setting["name"] == name).unwrap();
    assert_eq!(of("LOGIN_ATTEMPTS")["value"], "7");
    assert_eq!(of("EMAIL_PORT")["value"], "many");
    assert_eq!(of("SERVER_HOST")["value"], "127.0.0.1", "a default that depends on others is known all the same");
}

#[tokio::test]
async fn the_configuration_is_that_of_the_services_that_are_named() {
    let desk = Desk::new();
    let of = async |services: &[&str], name: &str| {
        let shown = desk.run(&[&["config", "--json"], services].concat()).await.json();
        let setting = shown.as_array().unwrap().iter().find(|setting| setting["name"] == name).unwrap();
        (setting["value"].clone(), setting["source"].clone())
    };

    assert_eq!(of(&["restaurant"], "KAFKA_BROKERS").await, (json!("kafka:9092"), json!("default")));
    assert_eq!(of(&["restaurant"], "SERVER_PORT").await, (json!("8084"), json!("default")));
    assert_eq!(of(&[], "KAFKA_BROKERS").await, (json!(null), json!(null)));
    assert_eq!(of(&[], "SERVER_PORT").await, (json!("8080"), json!("default")));
    let about = desk.run(&["config", "restaurant"]).await.said;
    for (name, meaning) in [
        ("KAFKA_BROKERS", "Default for restaurant alone: kafka:9092."),
        ("REDIS_URL", "Notification and restaurant alone go without"),
        ("JWT_ACCESS_SECRET_KEY", "it is enough without REDIS_URL, but tokens are good there until they expire"),
    ] {
        let (_, rest) = about.split_once(&format!("\n{name} ")).unwrap();
        assert!(rest.lines().nth(1).unwrap().contains(meaning), "{name}: {about}");
    }
    assert_eq!(desk.run(&["config", "kitchen"]).await.code, Some(2));
}

#[tokio::test]
async fn the_configuration_marks_settings_that_do_not_go_together() {
    let desk = Desk::new();
    let mut command = desk.command(&["config"]);

    let ended =
        Ended::of(command.env("EMAIL_HOST", "mail").env("EMAIL_USERNAME", "a@example.com").output().await.unwrap());

    ended.expect(2, "EMAIL_USERNAME=a@example.com (environment EMAIL_USERNAME): it needs EMAIL_PASSWORD");
    assert!(ended.said.contains("\n    WRONG: it needs EMAIL_PASSWORD\n"), "{}", ended.said);
}

#[tokio::test]
async fn the_descriptions_need_no_platform() {
    let desk = Desk::new();

    assert_eq!(desk.run(&["openapi"]).await.json()["openapi"], "3.1.0");
    assert_eq!(desk.run(&["asyncapi"]).await.json()["asyncapi"], "3.0.0");
    assert!(!desk.data().exists());
}

pub(crate) async fn login(url: &str, email: &str, password: &str) -> StatusCode {
    let body = json!({ "email": email, "password": password });
    http_client().post(url).json(&body).send().await.unwrap().status()
}
