//! Undoings whose process dies at each step, and beside others. No unit is lost, and none is there twice.

use super::*;

on_every_database! {
    Fixture:
    no_unit_is_lost_or_doubled_by_an_undo_that_dies_at_any_step,
    no_unit_is_lost_or_doubled_by_an_undo_on_redis,
    a_merge_finishes_first_what_an_undo_left_behind_that_died,
    merges_and_undos_at_once_and_adds_beside_them_keep_all_units,
    what_went_back_already_does_not_go_back_again_behind_a_merge,
    what_an_older_store_brings_back_of_an_undone_merge_can_be_merged,
    a_cart_that_was_read_before_something_went_back_into_it_is_not_merged_once_more,
    a_cart_that_an_older_store_parts_from_what_went_back_into_it_can_be_merged,
    what_an_older_store_brings_back_of_a_merge_is_not_there_twice_behind_its_undoing,
}

/// Everything that an undo asks the store for: whether there is a place, what stands there, that again for the change, and the
/// change; before that what the merge has left to do, if anything.
const DEATHS: [Death; 11] = [
    Death::Before(1),
    Death::Before(2),
    Death::Before(3),
    Death::Behind(3),
    Death::Before(4),
    Death::Behind(4),
    Death::Before(5),
    Death::Before(6),
    Death::Before(7),
    Death::Behind(7),
    Death::Never,
];

async fn merged(carts: &Carts, user_id: UserId) -> MergeId {
    let merged = merge_cart(carts, user_id, asked()).await.unwrap();
    let Merged::Done(id, _) = merged else { panic!("nothing was merged: {merged:?}") };
    id
}

/// One undo that dies so, of a merge that is finished or not, with adds all along; what finishes it by chance, and the same again.
async fn survive_undo(fixture: &Fixture, real: &Arc<dyn EphemeralStore>, death: Death, seed: u64) {
    let (crowd, user_id) = (Crowd::new(fixture, real, seed), fixture.new_user());
    let carts = over(fixture, real);
    crowd.add(some(0, 2)).await;
    let merge_id = if seed.is_multiple_of(2) {
        merged(&carts, user_id).await
    } else {
        let dying = Deadly::new(real, Death::Before(2), &crowd);
        let halfway = over(fixture, &(Arc::clone(&dying) as Arc<dyn EphemeralStore>));
        tokio::select! {
            merged = merge_cart(&halfway, user_id, asked()) => panic!("it goes on: {merged:?}"),
            () = dying.died.notified() => {}
        }
        let last = store::merge::find_last(&carts.context.database, (id(), user_id), clock::Timestamp::UNIX_EPOCH);
        last.await.unwrap().expect("the merge was committed").id
    };
    let all = || crowd.added.load(Ordering::Relaxed);
    let deadly = Deadly::new(real, death, &crowd);
    let dying = over(fixture, &(Arc::clone(&deadly) as Arc<dyn EphemeralStore>));

    tokio::select! {
        undone = undo_merge(&dying, user_id, merge_id) => { undone.unwrap(); }
        () = deadly.died.notified() => {}
    }
    crowd.come_by().await;
    if crowd.below(2) == 0 {
        finish_merges(&carts).await.unwrap();
        let (of_user, anonymous) = units(&carts, user_id).await;
        assert_eq!(of_user + anonymous, all(), "{death:?}, seed {seed}, after the sweep");
    }
    crowd.come_by().await;
    undo_merge(&carts, user_id, merge_id).await.unwrap();
    assert_eq!(units(&carts, user_id).await, (0, all()), "{death:?}, seed {seed}");

    merge_cart(&carts, user_id, asked()).await.unwrap();
    finish_merges(&carts).await.unwrap();
    assert_eq!(units(&carts, user_id).await, (all(), 0), "{death:?}, seed {seed}, merged again");
}

async fn no_unit_is_lost_or_doubled_by_an_undo_that_dies_at_any_step(fixture: Fixture) {
    for death in DEATHS {
        for seed in 0..10 {
            survive_undo(&fixture, &fixture.context.ephemeral, death, seed).await;
        }
    }
}

/// Where nothing stands at the key, too: what the user does not have any more is on its way back there.
async fn a_merge_finishes_first_what_an_undo_left_behind_that_died(fixture: Fixture) {
    for (death, seed) in DEATHS.into_iter().zip(100..) {
        let (crowd, user_id) = (Crowd::new(&fixture, &fixture.context.ephemeral, seed), fixture.new_user());
        let carts = over(&fixture, &fixture.context.ephemeral);
        crowd.add(some(0, 2)).await;
        let merge_id = merged(&carts, user_id).await;
        let deadly = Deadly::alone(&fixture.context.ephemeral, death);
        let dying = over(&fixture, &(Arc::clone(&deadly) as Arc<dyn EphemeralStore>));
        tokio::select! {
            undone = undo_merge(&dying, user_id, merge_id) => { undone.unwrap(); }
            () = deadly.died.notified() => {}
        }

        merge_cart(&carts, user_id, asked()).await.unwrap();

        assert_eq!(units(&carts, user_id).await, (2, 0), "{death:?}");
    }
}

async fn no_unit_is_lost_or_doubled_by_an_undo_on_redis(fixture: Fixture) {
    if !shared::are_wanted() {
        return;
    }
    let server = RedisServer::start().await.unwrap();
    let redis = on(&server).await;
    for death in DEATHS {
        for seed in 0..4 {
            survive_undo(&fixture, &redis, death, seed).await;
        }
    }
}

async fn merges_and_undos_at_once_and_adds_beside_them_keep_all_units(fixture: Fixture) {
    let (real, user_id) = (&fixture.context.ephemeral, fixture.new_user());
    let crowd = Crowd::new(&fixture, real, 1);
    let replicas = [over(&fixture, real), over(&fixture, real)];
    let adding = async {
        for number in 0..40 {
            crowd.add(some(number % 4, 1)).await;
            crowd.clock.advance(Duration::from_millis(1));
        }
    };
    let going_to_and_fro = async |carts: &Carts| {
        let mut undone = 0;
        for _ in 0..10 {
            if let Ok(Merged::Done(merge_id, _)) = merge_cart(carts, user_id, asked()).await {
                // Refused where the other has merged more of the same meal since.
                undone += u32::from(undo_merge(carts, user_id, merge_id).await.is_ok());
            }
        }
        undone
    };

    let ((), here, there) = tokio::join!(adding, going_to_and_fro(&replicas[0]), going_to_and_fro(&replicas[1]));
    finish_merges(&replicas[0]).await.unwrap();
    crowd.clock.advance(Duration::from_millis(1));
    merge_cart(&replicas[0], user_id, asked()).await.unwrap();

    assert!(here + there > 0, "nothing was undone");
    assert_eq!(units(&replicas[0], user_id).await, (40, 0));
}

/// Whoever is to give it back stops between finding no cart and writing one, until another process has done so and the cart has
/// gone into that of the user again.
async fn what_went_back_already_does_not_go_back_again_behind_a_merge(fixture: Fixture) {
    let (real, user_id) = (Arc::clone(&fixture.context.ephemeral), fixture.new_user());
    let crowd = Crowd::new(&fixture, &real, 1);
    for read in [1, 2] {
        crowd.add(some(0, 2)).await;
        let merge_id = merged(&fixture.carts, user_id).await;
        let deadly = Deadly::new(&real, Death::Before(2), &crowd);
        let dying = over(&fixture, &(Arc::clone(&deadly) as Arc<dyn EphemeralStore>));
        tokio::select! {
            undone = undo_merge(&dying, user_id, merge_id) => panic!("it goes on: {undone:?}"),
            () = deadly.died.notified() => {}
        }
        let (carts, came_by) = (over(&fixture, &real), Arc::new(AtomicU64::new(0)));
        let counted = Arc::clone(&came_by);
        let others = async move {
            finish_merges(&carts).await.unwrap();
            merge_cart(&carts, user_id, asked()).await.unwrap();
            counted.fetch_add(1, Ordering::Relaxed);
        };
        let stalled = over(&fixture, &Overtaken::at(read, &real, others.boxed()));

        // Its attempts may run out.
        let _ = finish_merges(&stalled).await;

        let all = crowd.added.load(Ordering::Relaxed);
        let (of_user, anonymous) = units(&fixture.carts, user_id).await;
        assert_eq!((of_user + anonymous, came_by.load(Ordering::Relaxed)), (all, 1), "overtaken behind read {read}");
        merge_cart(&fixture.carts, user_id, asked()).await.unwrap();
    }
}

async fn what_an_older_store_brings_back_of_an_undone_merge_can_be_merged(fixture: Fixture) {
    let (carts, user_id) = (&fixture.carts, fixture.new_user());
    let crowd = Crowd::new(&fixture, &fixture.context.ephemeral, 1);
    crowd.add(some(0, 2)).await;
    let older = fixture.context.ephemeral.get(&id().key()).await.unwrap().unwrap();
    let merge_id = merged(carts, user_id).await;
    undo_merge(carts, user_id, merge_id).await.unwrap();

    fixture.ephemeral.roll_back(&id().key(), &older).await;
    merge_cart(carts, user_id, asked()).await.unwrap();

    assert_eq!(units(carts, user_id).await, (2, 0));
}

/// What was added behind a merge went into the cart that has again what was taken, and with that into the user's.
async fn a_cart_that_was_read_before_something_went_back_into_it_is_not_merged_once_more(fixture: Fixture) {
    let (real, user_id) = (Arc::clone(&fixture.context.ephemeral), fixture.new_user());
    let crowd = Crowd::new(&fixture, &real, 1);
    let carts = over(&fixture, &real);
    crowd.add(some(0, 2)).await;
    let merge_id = merged(&carts, user_id).await;
    crowd.add(some(1, 3)).await;
    let overtaking = async move {
        undo_merge(&carts, user_id, merge_id).await.unwrap();
        merge_cart(&carts, user_id, asked()).await.unwrap();
    };
    let overtaken = over(&fixture, &Overtaken::at(1, &real, overtaking.boxed()));

    merge_cart(&overtaken, user_id, asked()).await.unwrap();

    assert_eq!(units(&overtaken, user_id).await, (5, 0));
}

async fn a_cart_that_an_older_store_parts_from_what_went_back_into_it_can_be_merged(fixture: Fixture) {
    let (carts, user_id) = (&fixture.carts, fixture.new_user());
    let crowd = Crowd::new(&fixture, &fixture.context.ephemeral, 1);
    crowd.add(some(0, 2)).await;
    let merge_id = merged(carts, user_id).await;
    crowd.add(some(1, 3)).await;
    let older = fixture.context.ephemeral.get(&id().key()).await.unwrap().unwrap();
    undo_merge(carts, user_id, merge_id).await.unwrap();

    fixture.ephemeral.roll_back(&id().key(), &older).await;
    merge_cart(carts, user_id, asked()).await.unwrap();

    // What went back there is lost with the newer store.
    assert_eq!(units(carts, user_id).await, (3, 0));
}

async fn what_an_older_store_brings_back_of_a_merge_is_not_there_twice_behind_its_undoing(fixture: Fixture) {
    let (carts, user_id) = (&fixture.carts, fixture.new_user());
    let crowd = Crowd::new(&fixture, &fixture.context.ephemeral, 1);
    crowd.add(some(0, 2)).await;
    let older = fixture.context.ephemeral.get(&id().key()).await.unwrap().unwrap();
    let merge_id = merged(carts, user_id).await;

    fixture.ephemeral.roll_back(&id().key(), &older).await;
    crowd.add(some(1, 3)).await;
    undo_merge(carts, user_id, merge_id).await.unwrap();

    assert_eq!(units(carts, user_id).await, (0, 5));
}
