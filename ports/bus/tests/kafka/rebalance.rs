//! Members come and go while events flow: each has its effect once, in the order of its key.

use crate::support::{Process, fresh_prefix, kafka, noter, shared};

const EVENTS: u32 = 600;
const KEYS: u32 = 12;

#[tokio::test(flavor = "multi_thread")]
async fn members_that_come_and_go_double_nothing_and_keep_the_order() {
    let Some(brokers) = shared() else { return };
    let prefix = fresh_prefix();
    let described = |instance: &str| {
        let mut kafka = kafka(&brokers, &prefix, 6);
        kafka.instance = instance.to_owned();
        kafka
    };
    let first = Process::start(described("first"), vec![noter()]).await;

    for number in 0..EVENTS / 3 {
        first.note(&key(number), number).await;
    }
    let second = Process::beside(&first, described("second"), vec![noter()]).await;
    for number in EVENTS / 3..EVENTS * 2 / 3 {
        first.note(&key(number), number).await;
    }
    second.wait_for_notes(EVENTS as usize / 2).await;
    first.stop().await;
    for number in EVENTS * 2 / 3..EVENTS {
        second.note(&key(number), number).await;
    }
    second.wait_for_notes(EVENTS as usize).await;
    let second = second.idle().await;

    assert_eq!(second.notes().await.len(), EVENTS as usize, "nothing is doubled");
    for first in 0..KEYS {
        let expected: Vec<u32> = (0..EVENTS).filter(|number| number % KEYS == first).collect();
        assert_eq!(second.notes_of(&key(first)).await, expected);
    }
    second.stop().await;
}

fn key(number: u32) -> String {
    (number % KEYS).to_string()
}
