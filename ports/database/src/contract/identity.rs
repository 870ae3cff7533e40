//! Which database this is, and which process has a lock of it.

use super::Harness;

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
    drop(held);

    assert_eq!(refused, (true, true));
    assert!(is_held && another_name.is_some());
    // A server notices a moment later that a connection is gone.
    let deadline = clock::Sources::system().now() + std::time::Duration::from_secs(20);
    while other.try_session_lock("relay").await.unwrap().is_none() {
        assert!(clock::Sources::system().now() < deadline, "the lock outlives its holder");
        tokio::task::yield_now().await;
    }
}

pub async fn a_database_is_told_from_every_other<H: Harness>() {
    let (harness, another) = (H::fresh().await, H::fresh().await);

    let identifier = harness.database().system_identifier().await.unwrap();

    assert_eq!(harness.connect().await.system_identifier().await.unwrap(), identifier);
    assert_ne!(another.database().system_identifier().await.unwrap(), identifier);
}
