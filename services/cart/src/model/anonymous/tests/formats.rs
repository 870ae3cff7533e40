//! The bytes at the key of a cart.

use serde_json::{Value, json};

use super::*;

/// As the first platform writes it.
const WRITTEN_BY_PEER: &str = r#"{"cart_id": "018f5a3e-0000-4000-8000-00000000000a", "items": [{"cart_id": "018f5a3e-0000-4000-8000-00000000000a", "restaurant_id": "018f5a3e-2222-4000-8000-000000000001", "meal_id": "018f5a3e-3333-4000-8000-000000000001", "quantity": 2, "note": "ac\u0131s\u0131z", "schedule_date": "2026-11-23T18:00:00+00:00", "created_at": "2026-11-22T13:34:32.794373"}], "created_at": "2026-11-22T13:34:32.794373", "updated_at": "2026-11-22T13:35:00.000001", "restaurant_id": "018f5a3e-2222-4000-8000-000000000001"}"#;

fn peers_cart() -> Value {
    serde_json::from_str(WRITTEN_BY_PEER).unwrap()
}

/// The peer's cart, where `change` has been at it.
fn changed(change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut cart = peers_cart();
    change(&mut cart);
    cart.to_string().into_bytes()
}

fn without(cart: &mut Value, fields: &[&str]) {
    for field in fields {
        cart["items"][0].as_object_mut().unwrap().remove(*field);
    }
}

#[test]
fn a_cart_of_a_peer_is_read() {
    let cart = AnonymousCart::read(id(), WRITTEN_BY_PEER.as_bytes()).unwrap();

    let line = &cart.lines[0];
    assert_eq!((line.meal_id.as_str(), line.quantity, line.note.as_deref()), (meal(1).as_str(), 2, Some("acısız")));
    assert_eq!(line.schedule_date, Some("2026-11-23T18:00:00Z".parse().unwrap()));
    assert_eq!(cart.created_at, "2026-11-22T13:34:32.794373Z".parse::<clock::Timestamp>().unwrap());
    assert_eq!((cart.version, cart.restaurant_id()), (0, Some(RESTAURANT)));
    assert_eq!(cart.expires_at(), "2026-12-22T13:35:00.000001Z".parse::<clock::Timestamp>().unwrap());
}

#[test]
fn what_we_write_stands_there_in_the_form_of_the_first_platform_and_more() {
    let (standing, answer) = applied(Some(WRITTEN_BY_PEER.as_bytes()), &Change::Add(some(1, 1)));

    answer.unwrap();
    let text = String::from_utf8(bytes_of(&standing)).unwrap();
    assert_eq!(
        text,
        r#"{"cart_id":"018f5a3e-0000-4000-8000-00000000000a","items":[{"cart_id":"018f5a3e-0000-4000-8000-00000000000a","restaurant_id":"018f5a3e-2222-4000-8000-000000000001","meal_id":"018f5a3e-3333-4000-8000-000000000001","quantity":3,"note":"acısız","schedule_date":"2026-11-23T18:00:00.000000Z","created_at":"2026-11-22T13:34:32.794373Z"}],"created_at":"2026-11-22T13:34:32.794373Z","updated_at":"2026-11-22T13:34:32.794373Z","restaurant_id":"018f5a3e-2222-4000-8000-000000000001","version":1,"done":[],"nonce":"0123456789abcdef"}"#
    );
}

#[test]
fn whatever_a_peer_can_read_we_read_and_leave_readable_for_it() {
    let variants = [
        changed(|_| ()),
        changed(|cart| without(cart, &["quantity", "note", "schedule_date"])),
        changed(|cart| cart["items"][0]["created_at"] = json!("2026-11-22T13:34:32.794373123Z")),
        changed(|cart| cart["updated_at"] = json!("2026-11-22T13:34:32.794373123")),
        changed(|cart| cart["updated_at"] = json!("2026-11-22T13:34:32")),
        changed(|cart| cart["items"][0]["colour"] = json!({ "a": [1, 2.5, null] })),
        changed(|cart| cart["theirs"] = json!("kept")),
        changed(|cart| cart["restaurant_id"] = Value::Null),
        changed(|cart| cart["items"] = json!([])),
        changed(|cart| drop(cart.as_object_mut().unwrap().remove("restaurant_id"))),
        changed(|cart| cart["version"] = json!(7)),
        changed(|cart| cart["ttl_days"] = json!(90)),
        changed(|cart| cart["done"] = json!(["9f2c41aa03be77d0"])),
        peer::write(&peers_cart()),
    ];

    for bytes in variants {
        let shown = String::from_utf8_lossy(&bytes).into_owned();
        let theirs = peer::read(&bytes).unwrap_or_else(|| panic!("no peer reads {shown}"));
        let (standing, answer) = applied(Some(&bytes), &Change::Add(some(2, 3)));
        answer.unwrap_or_else(|refusal| panic!("{refusal}: {shown}"));

        let then = peer::read(&bytes_of(&standing)).unwrap_or_else(|| panic!("no peer reads what became of {shown}"));
        let before = theirs["items"].as_array().unwrap().len();
        let quantity = |cart: &Value, index: usize| cart["items"][index]["quantity"].as_u64();
        assert_eq!(then["items"].as_array().unwrap().len(), before + 1, "{shown}");
        assert_eq!(
            (quantity(&then, 0), quantity(&then, before)),
            (quantity(&theirs, 0).or(Some(3)), Some(3)),
            "{shown}"
        );
        assert_eq!(then["restaurant_id"], RESTAURANT, "{shown}");
    }
}

#[test]
fn fields_that_nobody_here_knows_are_kept_in_the_cart_and_in_its_lines() {
    let bytes = changed(|cart| {
        cart["theirs"] = json!({ "deep": [1] });
        cart["items"][0]["colour"] = json!("red");
    });

    let (standing, _) = applied(Some(&bytes), &Change::Add(some(1, 1)));

    let then: Value = serde_json::from_slice(&bytes_of(&standing)).unwrap();
    assert_eq!((&then["theirs"], &then["items"][0]["colour"]), (&json!({ "deep": [1] }), &json!("red")));
}

#[test]
fn what_a_peer_takes_for_absent_and_what_has_another_type_is_unreadable() {
    let variants = [
        b"".to_vec(),
        b"{".to_vec(),
        b"1".to_vec(),
        b"null".to_vec(),
        b"[]".to_vec(),
        b"\"cart\"".to_vec(),
        vec![0xff, 0xfe],
        b"{}".to_vec(),
        changed(|cart| without(cart, &["cart_id"])),
        changed(|cart| without(cart, &["created_at"])),
        changed(|cart| without(cart, &["meal_id"])),
        changed(|cart| cart["items"] = json!({})),
        changed(|cart| cart["items"][0] = json!("meal")),
        changed(|cart| cart["items"][0]["quantity"] = json!("2")),
        changed(|cart| cart["items"][0]["quantity"] = json!(0)),
        changed(|cart| cart["items"][0]["quantity"] = json!(-3)),
        changed(|cart| cart["items"][0]["note"] = json!(1)),
        changed(|cart| cart["items"][0]["schedule_date"] = json!("tomorrow")),
        changed(|cart| cart["created_at"] = json!("yesterday")),
        changed(|cart| cart["theirs"] = json!("x".repeat(128 * 1024))),
    ];

    for bytes in variants {
        let read = Standing::read(id(), Some(&bytes));
        assert_eq!(read, Err(Unreadable), "{}", String::from_utf8_lossy(&bytes[..bytes.len().min(400)]));
    }
}

#[test]
fn lines_of_the_same_meal_are_one_on_reading() {
    let bytes = changed(|cart| {
        let mut again = cart["items"][0].clone();
        again["quantity"] = json!(3);
        again["note"] = json!("acılı");
        again["meal_id"] = json!(meal(1).to_uppercase());
        again["created_at"] = json!("2026-11-22T13:00:00");
        cart["items"].as_array_mut().unwrap().push(again);
    });

    let cart = AnonymousCart::read(id(), &bytes).unwrap();

    let line = &cart.lines[0];
    assert_eq!(quantities(&cart), [(meal(1), 5)]);
    assert_eq!((line.note.as_deref(), line.created_at), (Some("acısız"), "2026-11-22T13:00:00Z".parse().unwrap()));
}

#[test]
fn a_name_that_comes_twice_counts_as_a_peer_counts_it() {
    let bytes = WRITTEN_BY_PEER.replace("\"quantity\": 2", "\"quantity\": 9, \"quantity\": 2");

    assert_eq!(quantities(&AnonymousCart::read(id(), bytes.as_bytes()).unwrap()), [(meal(1), 2)]);
}

#[test]
fn options_stand_beside_what_a_peer_knows_and_go_with_its_next_write() {
    let with_options = AddItem { options: Some(options(&[7, 7])), ..some(1, 1) };
    let (standing, _) = applied(None, &Change::Add(some(1, 2)));
    let (standing, answer) = applied(Some(&bytes_of(&standing)), &Change::Add(with_options));

    let bytes = bytes_of(&standing);
    assert_eq!(quantities(&answer.unwrap().cart), [(meal(1), 2), (meal(1), 1)]);
    let items = serde_json::from_slice::<Value>(&bytes).unwrap()["items"].clone();
    assert_eq!(
        (&items[0]["options"], &items[1]["options"]),
        (&Value::Null, &json!([{ "option_id": "00000000-0000-0000-0000-000000000007", "quantity": 2 }]))
    );
    assert_eq!(quantities(&AnonymousCart::read(id(), &bytes).unwrap()).len(), 2);
    let by_peer = peer::write(&peer::read(&bytes).unwrap());
    assert_eq!(quantities(&AnonymousCart::read(id(), &by_peer).unwrap()), [(meal(1), 3)]);
}

/// A cart of 50 lines, each with so many options and such a note.
fn full(options: u128, note: &str) -> AnonymousCart {
    let mut standing = Standing::Absent;
    for number in 0..50 {
        let base = u128::from(number) * 100;
        let numbers: Vec<u128> = (u128::MAX - base - options..u128::MAX - base).collect();
        let item = AddItem {
            options: Some(super::options(&numbers)),
            note: Some(super::note(note)),
            schedule_date: Some("2026-03-02T18:00:00Z".parse().unwrap()),
            ..some(number, 99)
        };
        let item = keyed(&number.to_string(), item);
        standing.apply(id(), (&Change::Add(item), None), &stamp()).unwrap();
    }
    (*standing.unchanged().unwrap().cart).clone()
}

#[test]
fn fifty_lines_with_the_longest_notes_or_twenty_options_each_fit_into_a_cart() {
    for cart in [full(0, &"🥙".repeat(500)), full(20, ""), full(20, "acılı, bol soğanlı, kapıda zili çalmayın")]
    {
        assert_eq!((cart.lines.len(), cart.text().is_ok()), (50, true));
    }
}
