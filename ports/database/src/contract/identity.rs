//! Which database this is, and which process has a lock of it.

use super::Harness;
use crate::{Contender, SessionLock};

pub async fn a_session_lock_has_one_holder_until_it_is_dropped<H: Harness>() {
    let harness = H::fresh().await;
    let other = harness.connect().await;

    let mut held = harness.database().try_session_lock("relay").await.unwrap().unwrap();
    let refused = (
        harness.database().try_session_lock("relay").await.unwrap().is_none(),
        other.try_session_lock("relay").await.unwrap().is_none(),
    );
    let another_name = other.try_session_lock("serve").await.unwrap();
    let is_held = held.is_held().await;
    let names = ["relay", "serve", "nobody's"].map(str::to_owned);
    let seen = other.held_session_locks(names.to_vec()).await.unwrap();
    drop(held);

    assert_eq!(refused, (true, true));
    assert!(is_held && another_name.is_some());
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), names[..2]);
    taken(&mut other.contend("relay")).await;
}

pub async fn a_contender_takes_a_session_lock_once_its_holder_lets_go<H: Harness>() {
    let harness = H::fresh().await;
    let mut contenders = [harness.database().contend("relay"), harness.connect().await.contend("relay")];
    let mut held = contenders[0].try_lock().await.unwrap().unwrap();

    let mut refused = Vec::new();
    for contender in contenders.iter_mut().chain([&mut harness.database().contend("relay")]) {
        refused.push(contender.try_lock().await.unwrap().is_none());
        refused.push(contender.try_lock().await.unwrap().is_none());
    }
    let is_held = held.is_held().await;
    drop(held);

    assert_eq!(refused, [true; 6]);
    assert!(is_held);
    let mut next = taken(&mut contenders[1]).await;
    assert!(next.is_held().await && contenders[0].try_lock().await.unwrap().is_none());
}

/// The lock, a moment later: so long a server takes to notice that a connection is gone.
async fn taken(contender: &mut Contender) -> SessionLock {
    let deadline = clock::Sources::system().now() + std::time::Duration::from_secs(20);
    loop {
        if let Some(lock) = contender.try_lock().await.unwrap() {
            return lock;
        }
        assert!(clock::Sources::system().now() < deadline, "the lock outlives its holder");
        tokio::task::yield_now().await;
    }
}

pub async fn a_database_is_distinguished_from_every_other<H: Harness>() {
    let (harness, another) = (H::fresh().await, H::fresh().await);

    let identifier = harness.database().system_identifier().await.unwrap();

    assert_eq!(harness.connect().await.system_identifier().await.unwrap(), identifier);
    assert_ne!(another.database().system_identifier().await.unwrap(), identifier);
}
