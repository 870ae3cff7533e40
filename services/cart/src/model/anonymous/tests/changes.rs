//! What changes do to a cart, and what is refused.

use std::time::Duration;

use super::*;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A cart with what was added.
fn with(items: &[AddItem]) -> Vec<u8> {
    items
        .iter()
        .fold(None, |bytes: Option<Vec<u8>>, item| {
            let (standing, answer) = applied(bytes.as_deref(), &Change::Add(item.clone()));
            answer.unwrap();
            Some(bytes_of(&standing))
        })
        .unwrap()
}

fn with_option(number: u32, option: u128, quantity: u32) -> AddItem {
    AddItem { options: Some(options(&[option])), ..some(number, quantity) }
}

fn named(name: &str) -> LineName {
    LineName(name.to_owned())
}

fn to(quantity: u32) -> LineChange {
    LineChange { quantity: Some(quantity), ..LineChange::default() }
}

#[test]
fn an_add_adds_and_an_update_sets() {
    let bytes = with(&[some(1, 2), some(1, 3), some(2, 1)]);
    let (standing, answer) = applied(Some(&bytes), &Change::Update(named(&meal(2)), to(7)));

    let Changed { cart, etag, is_repeat } = answer.unwrap();
    assert_eq!(quantities(&cart), [(meal(1), 5), (meal(2), 7)]);
    assert_eq!((cart.item_count(), cart.version, is_repeat), (12, 4, false));
    assert_eq!(etag, ETag::of(&bytes_of(&standing)));
}

#[test]
fn what_an_update_leaves_out_stays_and_an_empty_note_goes() {
    let noted = AddItem { note: Some(note("acısız")), schedule_date: Some(stamp().now), ..some(1, 2) };
    let bytes = with(&[noted, some(1, 1)]);
    let kept = applied(Some(&bytes), &Change::Update(named(&meal(1)), to(1))).1.unwrap();
    let change = LineChange { note: Some(Note::default()), ..LineChange::default() };
    let cleared = applied(Some(&bytes), &Change::Update(named(&meal(1)), change)).1.unwrap();

    let line = &kept.cart.lines[0];
    assert_eq!((line.note.as_deref(), line.schedule_date), (Some("acısız"), Some(stamp().now)));
    assert_eq!((cleared.cart.lines[0].note.as_deref(), cleared.cart.lines[0].quantity), (None, 3));
}

#[test]
fn a_refused_change_changes_nothing() {
    let full: Vec<AddItem> = (1..=50).map(|number| some(number, 1)).collect();
    let elsewhere = AddItem { restaurant_id: meal(9), ..some(1, 1) };
    let cases = [
        (with(&[some(1, 98)]), Change::Add(some(1, 2)), CartRefusal::QuantityLimit),
        (with(&[some(1, 1)]), Change::Add(some(2, 100)), CartRefusal::QuantityLimit),
        (with(&full), Change::Add(some(51, 1)), CartRefusal::TooManyLines),
        (with(&[some(1, 1)]), Change::Add(elsewhere), CartRefusal::OtherRestaurant),
        (with(&[some(1, 1)]), Change::Update(named(&meal(2)), to(1)), CartRefusal::NoLine),
    ];

    for (bytes, change, refusal) in cases {
        let (standing, answer) = applied(Some(&bytes), &change);
        assert_eq!((answer, bytes_of(&standing)), (Err(refusal), bytes), "{change:?}");
    }
}

#[test]
fn only_an_add_makes_a_cart() {
    for change in
        [Change::Update(named(&meal(1)), to(1)), Change::Remove(named(&meal(1))), Change::Clear, Change::Extend(3)]
    {
        assert_eq!(applied(None, &change), (Standing::Absent, Err(CartRefusal::NoCart)), "{change:?}");
    }
}

#[test]
fn an_emptied_cart_takes_meals_of_any_restaurant() {
    let bytes = with(&[some(1, 1)]);
    let elsewhere = Change::Add(AddItem { restaurant_id: meal(9), ..some(2, 1) });

    for emptying in [Change::Clear, Change::Remove(named(&meal(1)))] {
        let (standing, emptied) = applied(Some(&bytes), &emptying);
        let (_, added) = applied(Some(&bytes_of(&standing)), &elsewhere);
        assert_eq!(
            (emptied.unwrap().cart.restaurant_id(), added.unwrap().cart.restaurant_id()),
            (None, Some(&*meal(9)))
        );
    }
}

#[test]
fn what_is_not_there_is_removed_without_a_write() {
    let bytes = with(&[some(1, 1)]);

    let (standing, answer) = applied(Some(&bytes), &Change::Remove(named(&meal(2))));

    assert_eq!((answer.unwrap().cart.version, bytes_of(&standing)), (1, bytes));
}

#[test]
fn an_add_with_a_known_key_adds_nothing_and_sixteen_keys_are_known() {
    let keyed = |number: u32| keyed(&number.to_string(), some(1, 1));
    let bytes = with(&(0..17).map(keyed).collect::<Vec<_>>());

    let (standing, repeat) = applied(Some(&bytes), &Change::Add(keyed(1)));
    let (_, forgotten) = applied(Some(&bytes), &Change::Add(keyed(0)));

    let (repeat, forgotten) = (repeat.unwrap(), forgotten.unwrap());
    assert_eq!((repeat.is_repeat, repeat.cart.item_count(), bytes_of(&standing)), (true, 17, bytes));
    assert_eq!((forgotten.is_repeat, forgotten.cart.item_count()), (false, 18));
}

#[test]
fn a_known_key_adds_nothing_whatever_the_condition_and_stands_for_one_add() {
    let bytes = with(&[keyed("k", some(1, 2))]);
    let mut standing = Standing::read(id(), Some(&bytes)).unwrap();
    let long_ago = IfMatch::parse("\"0000000000000000\"");

    let repeat = standing.apply(id(), (&Change::Add(keyed("k", some(1, 2))), Some(&long_ago)), &stamp());
    let other = standing.apply(id(), (&Change::Add(keyed("k", some(1, 3))), None), &stamp());

    assert_eq!(repeat.map(|repeat| (repeat.is_repeat, repeat.cart.item_count())), Ok((true, 2)));
    assert_eq!((other, bytes_of(&standing)), (Err(CartRefusal::KeyReused), bytes));
}

#[test]
fn a_key_that_an_earlier_release_has_kept_is_known() {
    let item = keyed("k", some(1, 2));
    let mut cart: serde_json::Value = serde_json::from_slice(&with(std::slice::from_ref(&item))).unwrap();
    let done = cart["done"][0].as_str().unwrap()[..16].to_owned();
    cart["done"] = serde_json::json!([done]);

    let (_, repeat) = applied(Some(cart.to_string().as_bytes()), &Change::Add(item));

    assert!(repeat.unwrap().is_repeat);
}

#[test]
fn a_change_that_changes_nothing_leaves_the_bytes() {
    let bytes = with(&[some(1, 2)]);
    let nothing = [LineChange::default(), to(2)].map(|change| Change::Update(named(&meal(1)), change));
    let (empty, _) = applied(Some(&bytes), &Change::Clear);

    for change in nothing {
        assert_eq!(bytes_of(&applied(Some(&bytes), &change).0), bytes, "{change:?}");
    }
    assert_eq!(bytes_of(&applied(Some(&bytes_of(&empty)), &Change::Clear).0), bytes_of(&empty));
}

#[test]
fn a_refused_add_leaves_its_key_free() {
    let keyed = |quantity| keyed("k", some(1, quantity));
    let bytes = with(&[some(1, 90)]);

    let (standing, refused) = applied(Some(&bytes), &Change::Add(keyed(10)));
    let (_, smaller) = applied(Some(&bytes_of(&standing)), &Change::Add(keyed(9)));

    assert_eq!((refused, smaller.unwrap().cart.item_count()), (Err(CartRefusal::QuantityLimit), 99));
}

#[test]
fn a_condition_is_about_the_bytes_right_before_the_change() {
    let bytes = with(&[some(1, 1)]);
    let seen = IfMatch::parse(&ETag::of(&bytes).header());
    let mut standing = Standing::read(id(), Some(&bytes)).unwrap();

    let first = standing.apply(id(), (&Change::Add(some(1, 1)), Some(&seen)), &stamp());
    let second = standing.apply(id(), (&Change::Add(some(1, 1)), Some(&seen)), &stamp());

    assert_eq!((first.unwrap().cart.item_count(), second), (2, Err(CartRefusal::Changed(standing.clone()))));
    let mut absent = Standing::Absent;
    let add = absent.apply(id(), (&Change::Add(some(1, 1)), Some(&IfMatch::Any)), &stamp());
    assert_eq!(add, Err(CartRefusal::Changed(Standing::Absent)));
}

#[test]
fn a_meal_names_its_line_without_options_or_its_only_one_and_else_the_lines_are_named() {
    let one = with(&[with_option(1, 1, 2)]);
    let several = with(&[with_option(1, 1, 2), with_option(1, 2, 3)]);
    let and_plain = with(&[with_option(1, 1, 2), some(1, 5), with_option(1, 2, 3)]);
    let lines: Vec<_> =
        AnonymousCart::read(id(), &several).unwrap().lines.iter().map(crate::model::LineChoice::from).collect();
    let update = |bytes: &[u8], name: &str| applied(Some(bytes), &Change::Update(named(name), to(9))).1;
    let counts = |bytes: &[u8], name: &str| {
        let cart = update(bytes, name).unwrap().cart;
        cart.lines.iter().map(|line| line.quantity).collect::<Vec<_>>()
    };

    assert_eq!(counts(&one, &meal(1)), [9]);
    assert_eq!(counts(&and_plain, &meal(1).to_uppercase()), [2, 9, 3]);
    assert_eq!(counts(&several, &lines[1].line_id.to_string()), [2, 9]);
    assert_eq!(update(&several, &meal(1)), Err(CartRefusal::Ambiguous(lines.clone())));
    assert_eq!(applied(Some(&several), &Change::Remove(named(&meal(1)))).1, Err(CartRefusal::Ambiguous(lines)));
}

#[test]
fn a_cart_is_kept_as_long_as_somebody_said_and_an_empty_one_for_a_day() {
    let bytes = with(&[some(1, 1)]);
    let (standing, extended) = applied(Some(&bytes), &Change::Extend(90));
    let (standing, added) = applied(Some(&bytes_of(&standing)), &Change::Add(some(1, 1)));
    let (_, emptied) = applied(Some(&bytes_of(&standing)), &Change::Clear);

    let ttls = [extended, added, emptied].map(|answer| answer.unwrap().cart.ttl());
    assert_eq!(ttls, [90 * DAY, 90 * DAY, DAY]);
    assert_eq!(AnonymousCart::read(id(), &bytes).unwrap().ttl(), 30 * DAY);
}
