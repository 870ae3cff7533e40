//! What a merge takes goes once, and what is left can be read by both platforms.

use super::*;
use crate::model::MergeId;

const MERGE: MergeId = MergeId(uuid::Uuid::from_u128(7));

/// A cart with two of a meal that was merged, into which three of it and one of another came since.
fn merged_and_grown() -> (Vec<u8>, Taken) {
    let base = bytes_of(&applied(None, &Change::Add(some(1, 2))).0);
    let taken = AnonymousCart::read(id(), &base).unwrap().taken(Rest::Gone);
    let more = bytes_of(&applied(Some(&base), &Change::Add(some(1, 3))).0);
    (bytes_of(&applied(Some(&more), &Change::Add(some(2, 1))).0), taken)
}

#[test]
fn what_came_since_is_left_and_a_cart_of_which_nothing_is_left_is_gone() {
    let (grown, taken) = merged_and_grown();
    let base = bytes_of(&applied(None, &Change::Add(some(1, 2))).0);

    let (left, _) = applied(Some(&grown), &Change::Take(MERGE, taken.clone()));
    let (nothing, _) = applied(Some(&base), &Change::Take(MERGE, taken));

    let left = AnonymousCart::read(id(), &bytes_of(&left)).unwrap();
    assert_eq!(quantities(&left), [(meal(1), 3), (meal(2), 1)]);
    assert_eq!(nothing, Standing::Absent);
}

#[test]
fn a_merge_is_settled_once_also_where_a_peer_has_written_what_is_left() {
    let (grown, taken) = merged_and_grown();
    let take = Change::Take(MERGE, taken);
    let left = bytes_of(&applied(Some(&grown), &take).0);
    let seen_by_peer = peer::read(&left).unwrap();
    let of_peer = peer::write(&seen_by_peer);

    for standing in [&left, &of_peer] {
        let (after, answer) = applied(Some(standing), &take);
        assert_eq!((bytes_of(&after), answer.unwrap().is_repeat), (standing.clone(), true));
    }
    assert_eq!(seen_by_peer["items"].as_array().unwrap().len(), 2);
}

#[test]
fn a_merge_takes_nothing_from_another_cart_that_stands_there_by_now() {
    let (_, taken) = merged_and_grown();
    let later = Stamp { now: "2026-03-02T12:00:00.000002Z".parse().unwrap(), nonce: "f".repeat(16) };
    let mut another = Standing::Absent;
    another.apply(id(), (&Change::Add(some(1, 2)), None), &later).unwrap();
    let before = another.clone();

    another.apply(id(), (&Change::Take(MERGE, taken), None), &later).unwrap();

    assert_eq!(another, before);
}
