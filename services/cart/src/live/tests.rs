use std::time::Duration;

use contracts::{RestaurantId, UserId};
use futures_util::FutureExt;
use uuid::Uuid;

use super::*;
use crate::model::{MOST_SHOWN, SHOWN_WINDOW};

const NOON: Timestamp = Timestamp::UNIX_EPOCH;

fn report(order: u128, version: i64) -> OrderReport {
    let id = Uuid::from_u128;
    let revision = Revision::new(version, NOON);
    OrderReport { order_id: OrderId(id(order)), user_id: UserId(id(1)), restaurant_id: RestaurantId(id(2)), revision }
}

fn live(order: u128, version: i64) -> LiveOrder {
    LiveOrder {
        report: report(order, version),
        was_placed: true,
        closed_at: None,
        tr: Bytes::new(),
        en: Bytes::from_static(b"{}"),
    }
}

fn diner() -> Audience {
    Audience::Diner(UserId(Uuid::from_u128(1)))
}

fn kitchen() -> Audience {
    Audience::Kitchen(RestaurantId(Uuid::from_u128(2)))
}

/// Orders and versions that wait, and whether all is to be read.
fn unseen(watch: &Watch) -> (Vec<(u128, i64)>, bool) {
    let version =
        |report: OrderReport| (1..9).find(|version| Revision::new(*version, NOON) == report.revision).unwrap();
    let name = |report: OrderReport| (report.order_id.0.as_u128(), version(report));
    let (mut orders, mut is_all) = (Vec::new(), false);
    while let Some(unseen) = watch.unseen().now_or_never() {
        match unseen {
            Unseen::Order(order) => orders.push(name(order.report)),
            Unseen::Changed(report) => orders.push(name(report)),
            Unseen::All => is_all = true,
        }
    }
    (orders, is_all)
}

#[test]
fn a_slow_client_skips_steps_and_nobody_goes_back() {
    let watchers = Watchers::default();
    let watch = watchers.watch(diner());

    for (order, version) in [(7, 1), (7, 3), (8, 1), (7, 2)] {
        watchers.hand_on(live(order, version), NOON);
    }

    assert_eq!(unseen(&watch), (vec![(7, 3), (8, 1)], false));
}

#[test]
fn an_inbox_holds_no_more_than_is_shown() {
    let watchers = Watchers::default();
    let watch = watchers.watch(diner());

    for order in 0..=u128::from(MOST_SHOWN) {
        watchers.hand_on(live(order, 1), NOON);
    }
    watchers.hand_on(live(7, 2), NOON);

    assert_eq!(unseen(&watch), (Vec::new(), true));
}

#[test]
fn of_orders_that_wait_some_bytes_are_held_and_the_rest_is_read_again() {
    let watchers = Watchers::default();
    let watch = watchers.watch(diner());
    let large = |order, version| LiveOrder { tr: vec![b'7'; inbox::MOST_BYTES / 2].into(), ..live(order, version) };

    for (order, version) in [(9, 1), (8, 1), (7, 1), (9, 2)] {
        watchers.hand_on(large(order, version), NOON);
    }
    let seen = std::iter::from_fn(|| watch.unseen().now_or_never());
    let held = seen.map(|unseen| match unseen {
        Unseen::Order(order) => (order.report, true),
        Unseen::Changed(report) => (report, false),
        Unseen::All => panic!("all was to be read"),
    });

    // The one that has changed again keeps its turn.
    let held: Vec<_> = held.collect();
    assert_eq!(held, [(report(9, 2), true), (report(8, 1), false), (report(7, 1), false)]);
}

#[test]
fn an_order_that_changes_all_the_time_keeps_no_other_waiting() {
    let watchers = Watchers::default();
    let watch = watchers.watch(diner());
    watchers.hand_on(live(7, 1), NOON);
    watchers.hand_on(live(8, 1), NOON);

    let mut seen = Vec::new();
    for version in 2..5 {
        if let Some(Unseen::Order(order)) = watch.unseen().now_or_never() {
            seen.push(order.report);
        }
        watchers.hand_on(live(7, version), NOON);
    }

    assert_eq!(seen, [report(7, 1), report(8, 1), report(7, 3)]);
}

#[test]
fn what_a_card_has_paid_is_a_later_state_of_the_same_version() {
    let at = |seconds| NOON + chrono::TimeDelta::seconds(seconds);

    assert!(Revision::new(3, at(5)) < Revision::new(3, at(6)) && Revision::new(3, at(6)) < Revision::new(4, at(0)));
}

#[test]
fn orders_come_to_those_whom_they_concern() {
    let watchers = Watchers::default();
    let (ayse, board) = (watchers.watch(diner()), watchers.watch(kitchen()));
    let stranger = watchers.watch(Audience::Diner(UserId(Uuid::from_u128(3))));

    watchers.hand_on(LiveOrder { was_placed: false, ..live(7, 1) }, NOON);
    watchers.hand_on(live(8, 1), NOON);
    watchers.hand_on(LiveOrder { was_placed: false, ..live(9, 2) }, NOON);

    assert_eq!(unseen(&ayse).0, [(7, 1), (8, 1), (9, 2)]);
    assert_eq!((unseen(&board).0, unseen(&stranger).0), (vec![(8, 1)], vec![]));
}

#[test]
fn what_nobody_watches_or_was_handed_on_is_not_read() {
    let watchers = Watchers::default();
    let reports = [report(7, 2), report(8, 1), report(8, 1)];

    let nobody = watchers.wanted(&reports);
    let watch = watchers.watch(diner());
    watchers.hand_on(live(7, 2), NOON);
    let somebody = watchers.wanted(&reports);
    let newer = watchers.wanted(&[report(7, 3)]);
    watchers.trim(NOON + HANDED_ON_RETENTION);
    let later = watchers.wanted(&reports);
    drop(watch);

    let (seven, eight) = (report(7, 2), report(8, 1));
    assert_eq!((nobody, somebody, newer, later), (vec![], vec![eight], vec![report(7, 3)], vec![seven, eight]));
    assert!(watchers.wanted(&reports).is_empty() && watchers.lock().inboxes.is_empty());
}

#[test]
fn all_is_searched_each_five_seconds_and_at_each_poll_while_something_is_missing() {
    let watchers = Watchers::default();
    let nobody = watchers.search_due(NOON);
    let _watch = watchers.watch(diner());
    let first = watchers.search_due(NOON);
    watchers.end_search(NOON);
    let at = |seconds: i64| watchers.search_due(NOON + chrono::TimeDelta::seconds(seconds));

    let by_time = [at(1), at(5), at(-5)];
    watchers.set_behind();
    let behind = at(1);
    watchers.begin_search();
    watchers.set_feed_away(true);
    let away = at(1);
    watchers.set_feed_away(false);

    let recent = Search::Recent(NOON + chrono::TimeDelta::seconds(1) - RECENT_WINDOW);
    assert_eq!((nobody, first, by_time), (Search::None, Search::All, [recent, Search::All, Search::All]));
    assert_eq!((behind, away, at(1)), (Search::All, Search::All, recent));
}

#[test]
fn a_search_goes_back_to_the_last_one_that_found_all() {
    let watchers = Watchers::default();
    let watch = watchers.watch(diner());
    let at = |seconds: i64| NOON + chrono::TimeDelta::seconds(seconds);

    let first = watchers.searched_up_to(at(0));
    watchers.end_search(at(0));
    let after_an_outage = watchers.searched_up_to(at(300));
    let before_that = unseen(&watch);
    let long_after = watchers.searched_up_to(at(3_600));
    let is_stale = unseen(&watch).1;
    drop(watch);
    watchers.search_due(at(3_600));
    let _newcomer = watchers.watch(diner());

    assert_eq!((first, after_an_outage, long_after), (at(0), at(0), at(3_600)));
    assert_eq!((before_that, is_stale), ((Vec::new(), false), true));
    assert_eq!(watchers.searched_up_to(at(4_000)), at(4_000));
}

#[test]
fn equal_states_have_one_name_and_others_another() {
    let shown = |order, version, closed_at| ShownOrder {
        id: report(order, version).order_id,
        revision: report(order, version).revision,
        closed_at,
    };
    let name = |orders: &[ShownOrder]| orders.iter().copied().collect::<Shown>().state(NOON);
    let (seven, eight) = (shown(7, 1, None), shown(8, 4, None));

    let mut grown = Shown::default();
    let news = [grown.show(eight), grown.show(shown(7, 2, None)), grown.show(seven)];
    let closed_long_ago = shown(9, 1, Some(NOON - SHOWN_WINDOW));

    assert_eq!(news, [true, true, false]);
    assert_eq!(grown.state(NOON), name(&[shown(7, 2, None), eight]));
    assert_eq!(name(&[seven, eight, closed_long_ago]), name(&[eight, seven]));
    assert_ne!(name(&[seven, eight]), name(&[seven]));
    assert_ne!(name(&[seven]), name(&[shown(7, 2, None)]));
    assert_eq!(name(&[]), "0000000000000000-0");
}

#[tokio::test]
async fn whoever_waits_is_woken() {
    let watchers = Watchers::default();
    let watch = watchers.watch(diner());

    let (unseen, ()) = tokio::join!(watch.unseen(), async { watchers.renew_all() });

    assert!(matches!(unseen, Unseen::All));
    assert!(tokio::time::timeout(Duration::ZERO, watch.unseen()).await.is_err());
}
