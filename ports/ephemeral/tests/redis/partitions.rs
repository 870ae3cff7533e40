//! Servers that are cut off from the others and not from us.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ephemeral::redis::{Node, Topology};
use ephemeral::{EphemeralStore, Position};
use tokio::sync::Semaphore;

use crate::harness::{at_last, connect, node, reached_by};
use crate::scripted::{Door, Scripted, array, bulk, number};

/// What servers answer that can't do their part.
const REFUSALS: [&str; 5] = [
    "CLUSTERDOWN The cluster is down",
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
    "LOADING Redis is loading the dataset in memory",
    "READONLY You can't write against a read only replica.",
    "NOREPLICAS Not enough good replicas to write.",
];

/// A cluster of which one server was cut off, with a witness of the old order, and another one was elected in its place.
struct Parted {
    is_cut_off: Arc<AtomicBool>,
    seeds: Vec<Node>,
    _servers: Vec<Scripted>,
}

impl Parted {
    /// The server that is cut off refuses with `refusal`.
    async fn start(refusal: &'static str) -> Self {
        let (old, stale, witness, elected) =
            (Door::open().await, Door::open().await, Door::open().await, Door::open().await);
        let (before, after) = (order(old.port(), 5), order(elected.port(), 6));
        let is_cut_off = Arc::new(AtomicBool::new(false));
        let stale_answers = Arc::new(Semaphore::new(0));
        let seeds = [&old, &stale, &witness].map(|door| node(door.port())).into();
        let old = old.serve({
            let (is_cut_off, before) = (is_cut_off.clone(), before.clone());
            move |command| {
                let refuses = command == "GET key" && is_cut_off.load(Ordering::SeqCst);
                let refusal = refuses.then(|| format!("-{refusal}\r\n"));
                std::future::ready(refusal.unwrap_or_else(|| answer(&before, &command, "old")))
            }
        });
        let stale = stale.serve({
            let (before, is_cut_off, stale_answers) = (before.clone(), is_cut_off.clone(), stale_answers.clone());
            move |command| {
                if command == "CLUSTER SLOTS" && is_cut_off.load(Ordering::SeqCst) {
                    stale_answers.add_permits(1);
                }
                std::future::ready(answer(&before, &command, "nobody"))
            }
        });
        let witness = witness.serve({
            let (is_cut_off, after) = (is_cut_off.clone(), after.clone());
            move |command| {
                let is_parted = is_cut_off.load(Ordering::SeqCst);
                let answer = answer(if is_parted { &after } else { &before }, &command, "nobody");
                let stale_answers = stale_answers.clone();
                async move {
                    // Whoever believes the fastest believes the stale one.
                    if is_parted && command == "CLUSTER SLOTS" {
                        stale_answers.acquire().await.unwrap().forget();
                    }
                    answer
                }
            }
        });
        let elected = elected.serve(move |command| std::future::ready(answer(&after, &command, "elected")));
        Self { is_cut_off, seeds, _servers: vec![old, stale, witness, elected] }
    }
}

/// Who has all keys, as of an epoch.
#[derive(Clone)]
struct Order {
    slots: String,
    info: String,
}

fn order(master: u16, epoch: u16) -> Order {
    let master = array(&[bulk("127.0.0.1"), number(master)]);
    let slots = array(&[array(&[number(0), number(16383), master])]);
    Order { slots, info: bulk(&format!("cluster_state:ok\r\ncluster_current_epoch:{epoch}\r\n")) }
}

fn answer(order: &Order, command: &str, value: &str) -> String {
    match command {
        "CLUSTER SLOTS" => order.slots.clone(),
        "CLUSTER INFO" => order.info.clone(),
        "GET key" => bulk(value),
        other => panic!("nobody should ask {other}"),
    }
}

#[tokio::test]
async fn a_server_of_a_cluster_that_is_cut_off_is_left_for_the_one_elected_in_its_place() {
    for refusal in REFUSALS {
        let parted = Parted::start(refusal).await;
        let store = connect(&reached_by(Topology::Cluster(parted.seeds.clone()))).await;

        let before = store.get("key").await.unwrap();
        parted.is_cut_off.store(true, Ordering::SeqCst);
        let refused = store.get("key").await;
        let after = at_last(async || store.get("key").await).await;

        assert_eq!(before.as_deref(), Some(&b"old"[..]));
        assert!(refused.is_err(), "{refused:?}");
        assert_eq!(after.as_deref(), Some(&b"elected"[..]), "{refusal}");
    }
}

/// What a master answers that was replaced and does not know it, or just learnt it; the last one from within a script, as before
/// version 7.
const REFUSALS_OF_REPLACED: [&str; 5] = [
    "NOREPLICAS Not enough good replicas to write.",
    "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
    "LOADING Redis is loading the dataset in memory",
    "READONLY You can't write against a read only replica.",
    "ERR Error running script (call to f_0): @user_script:1: -READONLY You can't write against a read only replica.",
];

#[tokio::test]
async fn a_master_that_refuses_is_left_for_the_one_that_sentinels_name_by_then() {
    for refusal in REFUSALS_OF_REPLACED {
        let (old, elected, asked) = (Door::open().await, Door::open().await, Door::open().await);
        let (sentinels, ports) = (vec![node(asked.port())], [old.port(), elected.port()]);
        let is_replaced = Arc::new(AtomicBool::new(false));
        let _sentinel = asked.serve({
            let is_replaced = is_replaced.clone();
            move |_| {
                let master = ports[usize::from(is_replaced.load(Ordering::SeqCst))];
                std::future::ready(array(&[bulk("127.0.0.1"), bulk(&master.to_string())]))
            }
        });
        let _old = old.serve({
            let is_replaced = is_replaced.clone();
            move |command| {
                let refuses = command == "GET key" && is_replaced.load(Ordering::SeqCst);
                std::future::ready(if refuses { format!("-{refusal}\r\n") } else { value_and_feed(&command, "old") })
            }
        });
        let _elected = elected.serve(|command| std::future::ready(value_and_feed(&command, "elected")));
        let store = connect(&reached_by(Topology::Sentinel { sentinels, master: "main".to_owned() })).await;
        let follow = async || store.follow("feed", Position::START, Duration::ZERO).await.unwrap().entries;

        let before = (store.get("key").await.unwrap(), follow().await);
        is_replaced.store(true, Ordering::SeqCst);
        let refused = store.get("key").await;
        let after = at_last(async || store.get("key").await).await;

        assert_eq!(before.0.as_deref(), Some(&b"old"[..]));
        assert_eq!(before.1[0].1, b"old");
        assert!(refused.is_err(), "{refused:?}");
        assert_eq!(after.as_deref(), Some(&b"elected"[..]), "{refusal}");
        assert_eq!(follow().await[0].1, b"elected", "a follower goes with the others: {refusal}");
    }
}

#[tokio::test]
async fn a_master_that_refuses_and_stays_is_resolved_again_ten_times_a_second_at_most() {
    let door = Door::open().await;
    let server = reached_by(Topology::Single(node(door.port())));
    let _master = door.serve(|command| {
        let refusal = "-NOREPLICAS Not enough good replicas to write.\r\n".to_owned();
        std::future::ready(if command.starts_with("SET") { refusal } else { value_and_feed(&command, "value") })
    });
    let store = connect(&server).await;

    let started = std::time::Instant::now();
    for _ in 0..200 {
        store.put("key", b"new", Duration::from_secs(1)).await.unwrap_err();
        assert_eq!(store.get("key").await.unwrap().as_deref(), Some(&b"value"[..]), "what it does not refuse it does");
    }

    let searches = started.elapsed().as_millis() / 100 + 1;
    assert!(u128::from(store.connections()) <= 1 + searches, "{} in {:?}", store.connections(), started.elapsed());
}

/// A master with one key and one feed of one entry.
fn value_and_feed(command: &str, value: &str) -> String {
    match command.split(' ').next() {
        Some("GET") => bulk(value),
        Some("XINFO") => array(&[bulk("last-generated-id"), bulk("1-0")]),
        Some("XREAD") => {
            let fields = array(&[bulk("previous"), bulk("0-0"), bulk("entry"), bulk(value)]);
            array(&[array(&[bulk("feed"), array(&[array(&[bulk("1-0"), fields])])])])
        }
        _ => panic!("nobody should ask {command}"),
    }
}

/// A sentinel that names `master` once `gate` is open.
fn sentinel(door: Door, master: u16, gate: Arc<Semaphore>) -> Scripted {
    let named = array(&[bulk("127.0.0.1"), bulk(&master.to_string())]);
    door.serve(move |command| {
        assert_eq!(command, "SENTINEL GET-MASTER-ADDR-BY-NAME main");
        let (named, gate) = (named.clone(), gate.clone());
        async move {
            drop(gate.acquire().await.unwrap());
            named
        }
    })
}

fn master(door: Door, value: &'static str) -> Scripted {
    door.serve(move |command| {
        assert_eq!(command, "GET key");
        std::future::ready(bulk(value))
    })
}

#[tokio::test]
async fn the_master_that_most_sentinels_name_is_used_whoever_is_the_fastest() {
    let (old, elected) = (Door::open().await, Door::open().await);
    let (old_port, elected_port) = (old.port(), elected.port());
    let _masters = [master(old, "old"), master(elected, "elected")];
    let (doors, gate) = ([Door::open().await, Door::open().await, Door::open().await], Arc::new(Semaphore::new(0)));
    let sentinels = doors.each_ref().map(|door| node(door.port())).into();
    let [cut_off, second, third] = doors;
    let cut_off = cut_off.serve({
        let gate = gate.clone();
        move |_| {
            gate.add_permits(1);
            std::future::ready(array(&[bulk("127.0.0.1"), bulk(&old_port.to_string())]))
        }
    });
    let _sentinels = [cut_off, sentinel(second, elected_port, gate.clone()), sentinel(third, elected_port, gate)];

    let store = connect(&reached_by(Topology::Sentinel { sentinels, master: "main".to_owned() })).await;

    assert_eq!(store.get("key").await.unwrap().as_deref(), Some(&b"elected"[..]));
}

#[tokio::test]
async fn the_only_sentinel_that_is_left_is_believed() {
    let (only, master_door) = (Door::open().await, Door::open().await);
    let gone = [Door::open().await, Door::open().await];
    let sentinels = [&only, &gone[0], &gone[1]].map(|door| node(door.port())).into();
    let _sentinel = sentinel(only, master_door.port(), Arc::new(Semaphore::new(1)));
    let _master = master(master_door, "value");
    drop(gone);

    let store = connect(&reached_by(Topology::Sentinel { sentinels, master: "main".to_owned() })).await;

    assert_eq!(store.get("key").await.unwrap().as_deref(), Some(&b"value"[..]));
}
