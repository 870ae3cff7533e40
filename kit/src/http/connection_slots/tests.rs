//! Who gives way to whom, and who comes in last.

use super::held::CROWDED_TIMEOUT;
use super::*;

fn slots(total: u32) -> Arc<ConnectionSlots> {
    slots_for(total, 2)
}

fn slots_for(total: u32, per_client: u32) -> Arc<ConnectionSlots> {
    ConnectionSlots::new(ConnectionLimits {
        total: total.try_into().unwrap(),
        per_client: per_client.try_into().unwrap(),
        write_timeout: Duration::from_secs(10),
        proxies: TrustedProxies::default(),
    })
}

fn take(slots: &Arc<ConnectionSlots>, address: &str) -> Arc<ConnectionSlot> {
    slots.take(address.parse().unwrap(), &CancellationToken::new())
}

/// A connection with a request whose body is awaited since then.
fn awaited(slots: &Arc<ConnectionSlots>, address: &str, since: Instant) -> (Arc<ConnectionSlot>, Busy) {
    let slot = take(slots, address);
    let busy = slot.begin_request();
    slot.set_awaited(Some(since));
    (slot, busy)
}

#[test]
fn the_body_that_is_awaited_longest_gives_way_after_two_seconds() {
    let (slots, start) = (slots(2), Instant::now());
    let first = awaited(&slots, "192.0.2.1", start);
    let second = awaited(&slots, "192.0.2.2", start + Duration::from_secs(1));
    let due = start + CROWDED_TIMEOUT;

    let early = slots.state().close_one(due - Duration::from_millis(1), |_, _| true);
    let late = slots.state().close_one(due, |_, _| true);

    assert_eq!((early, late), (Err(Some(due)), Ok(())));
    assert!(first.0.connection().given_up().is_cancelled() && !second.0.connection().given_up().is_cancelled());
}

#[test]
fn whoever_has_more_than_an_even_share_is_awaited_less_long_and_goes_first() {
    let (slots, start) = (slots(6), Instant::now());
    let modest = awaited(&slots, "192.0.2.1", start - CROWDED_TIMEOUT);
    let crowd: Vec<_> = (0..5).map(|_| awaited(&slots, "192.0.2.2", start)).collect();

    let closed = slots.state().close_one(start + CROWDING_TIMEOUT, |_, _| true);

    let given_up = crowd.iter().filter(|(slot, _)| slot.connection().given_up().is_cancelled()).count();
    assert_eq!((closed, given_up, modest.0.connection().given_up().is_cancelled()), (Ok(()), 1, false));
}

#[test]
fn whoever_is_idle_gives_way_first() {
    let (slots, start) = (slots(2), Instant::now());
    let slow = awaited(&slots, "192.0.2.1", start);
    let idle = take(&slots, "192.0.2.2");

    let closed = slots.state().close_one(start + 2 * CROWDED_TIMEOUT, |_, _| true);

    assert_eq!(
        (closed, slow.0.connection().given_up().is_cancelled(), idle.connection().gives_way().is_cancelled()),
        (Ok(()), false, true)
    );
}

#[test]
fn a_delegated_network_of_ipv6_is_one_client() {
    let slots = slots(8);
    let busy = ["2001:db8:1:200::1", "2001:db8:1:2ff::1"].map(|address| take(&slots, address).begin_request());

    let admitted = ["2001:db8:1:280::1", "2001:db8:1:300::1"].map(|address| slots.admit(address.parse().unwrap()));

    assert_eq!((busy.len(), admitted), (2, [Admission::Refused, Admission::First]));
}

#[test]
fn a_crowd_that_is_waited_for_comes_in_last_and_drives_nobody_else_out() {
    let (slots, start) = (slots_for(6, 8), Instant::now());
    let admit = |address: &str| slots.admit(address.parse().unwrap());
    let idle = take(&slots, "192.0.2.1");
    let crowd: Vec<_> = (0..4).map(|_| awaited(&slots, "192.0.2.2", start)).collect();
    let with_room = admit("192.0.2.2");
    let modest = awaited(&slots, "192.0.2.3", start);

    let admitted = ["192.0.2.2", "192.0.2.1", "192.0.2.3", "192.0.2.4"].map(admit);
    let early = slots.state().make_room(start, Admission::Last);
    let late = slots.state().make_room(start + 2 * CROWDING_TIMEOUT, Admission::Last);

    assert_eq!(with_room, Admission::First);
    assert_eq!(admitted, [Admission::Last, Admission::First, Admission::First, Admission::First]);
    assert_eq!((early, late), (Err(Some(start + CROWDING_TIMEOUT)), Ok(())));
    assert_eq!(crowd.iter().filter(|(slot, _)| slot.connection().given_up().is_cancelled()).count(), 1);
    assert!(!idle.connection().gives_way().is_cancelled() && !modest.0.connection().gives_way().is_cancelled());
}

#[test]
fn a_crowd_that_waits_for_its_answers_waits_with_all_others() {
    let slots = slots_for(4, 8);
    let _busy: Vec<_> = (0..4).map(|_| take(&slots, "192.0.2.2").begin_request()).collect();

    assert_eq!(slots.admit("192.0.2.2".parse().unwrap()), Admission::First);
}
