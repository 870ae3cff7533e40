//! Books that break each promise.

mod mails;
mod money;

use reqwest::StatusCode;
use serde_json::json;

use super::mails::subjects;
use super::*;
use crate::order_books::{ArrivedMail, BookedLine, BookedMail, BookedPayment, Charge, Sums};

const AYSE: &str = "ayse@example.com";
const TOTAL: i64 = 7_100;
const SUMS: Sums = Sums { subtotal: 6_000, discount: 500, delivery_fee: 1_600, total: TOTAL };
const LINE: BookedLine = BookedLine { quantity: 2, unit_price: 3_000, total: 6_000, discount: 500 };

/// Four orders of two units: delivered and paid by card, rejected and paid by card, cancelled behind its capture, and one of
/// a card that was declined; and one in cash. All is as it was answered, and each step has come as a mail.
fn books() -> (OrderBooks, OrderAnswers) {
    let mut books = OrderBooks::default();
    let mut answers = OrderAnswers::default();
    let placed = [("awaiting_payment", "diner"), ("placed", "system")];
    let histories: [(&str, &[(&str, &str)]); 5] = [
        ("credit_card", &[("accepted", "owner"), ("accepted", "owner"), ("delivered", "owner")]),
        ("credit_card", &[("rejected", "system")]),
        ("credit_card", &[("accepted", "owner"), ("cancelled", "diner")]),
        ("credit_card", &[("payment_failed", "system")]),
        ("cash", &[("placed", "diner"), ("accepted", "owner"), ("on_the_way", "owner"), ("delivered", "system")]),
    ];
    for ((method, rest), number) in histories.into_iter().zip(1..) {
        let before = match (method, number) {
            ("cash", _) => &placed[..0],
            (_, 4) => &placed[..1],
            _ => &placed[..],
        };
        let history = [before, rest].concat();
        let steps = history.iter().zip(1..).map(|((status, actor), version)| BookedStep {
            order: number,
            version,
            status: (*status).to_owned(),
            actor: (*actor).to_owned(),
            is_mailed: true,
        });
        books.steps.extend(steps);
        let (status, version) = (history.last().unwrap().0, i64::try_from(history.len()).unwrap());
        let key = format!("key {number}");
        let body = json!({ "id": number, "version": 1, "status": history[0].0 });
        let code = if number == 4 { StatusCode::PAYMENT_REQUIRED } else { StatusCode::OK };
        assert!(answers.note_checkout((&key, 2), (code, &body)));
        assert!(answers.note_state(&json!({ "id": number, "version": version, "status": status })));
        books.orders.push(BookedOrder {
            number,
            code: format!("K{number}QF"),
            key,
            status: status.to_owned(),
            version,
            payment_method: method.to_owned(),
            sums: SUMS,
            lines: vec![LINE],
            reader: AYSE.to_owned(),
        });
    }
    let states = [("captured", "authorised", TOTAL, 0), ("released", "voided", 0, 0)];
    let more = [("released", "authorised", TOTAL, TOTAL), ("declined", "declined", 0, 0)];
    for ((state, of_charge, captured, refunded), order) in states.into_iter().chain(more).zip(1..) {
        books.payments.push(BookedPayment {
            order,
            token: "ok".to_owned(),
            state: state.to_owned(),
            amount_kurus: TOTAL,
            captured_kurus: captured,
            refunding_kurus: 0,
            refunded_kurus: refunded,
            charge: Charge {
                state: of_charge.to_owned(),
                amount_kurus: TOTAL,
                captured_kurus: captured,
                refunded_kurus: refunded,
            },
        });
    }
    books.mails = mails_of(&books.steps);
    books.arrived = Some(books.mails.iter().map(arrival).collect());
    (books, answers)
}

/// The mails of these steps, as they are due.
fn mails_of(steps: &[BookedStep]) -> Vec<BookedMail> {
    let mut before: Option<&BookedStep> = None;
    let mut mails = Vec::new();
    for step in steps {
        let known = before.filter(|before| before.order == step.order).map(|before| before.status.as_str());
        if let Some(subject) = subjects(known, &step.status).first() {
            mails.push(BookedMail {
                step: Some((step.order, step.version)),
                reader: AYSE.to_owned(),
                subject: (*subject).to_owned(),
                message_id: format!("<{}.{}@example.com>", step.order, step.version),
                state: "sent".to_owned(),
                ambiguities: 0,
            });
        }
        before = Some(step);
    }
    mails
}

/// The mail as it comes to its reader.
fn arrival(mail: &BookedMail) -> ArrivedMail {
    let (order, _) = mail.step.unwrap();
    let (message_id, thread) = (mail.message_id.clone(), format!("<{order}@example.com>"));
    ArrivedMail { message_id, thread, text: format!("Sipariş kodu: K{order}QF\nTutar: 71,00 ₺") }
}

/// Takes away all mails of these, as if nobody had asked for them.
fn without_mails(books: &mut OrderBooks, is_gone: impl Fn((i64, i64)) -> bool) {
    books.mails.retain(|mail| !is_gone(mail.step.unwrap()));
    books.arrived = Some(books.mails.iter().map(arrival).collect());
}

/// What is complained of once `spoil` has been at the books.
fn complaints(spoil: impl FnOnce(&mut OrderBooks)) -> Vec<String> {
    let (mut books, answers) = books();
    spoil(&mut books);
    books.judge(&answers)
}

/// There is one complaint, and it holds `words`.
#[track_caller]
fn expect(words: &str, complaints: &[String]) {
    assert!(complaints.len() == 1 && complaints[0].contains(words), "{words}: {complaints:#?}");
}

#[test]
fn nothing_is_wrong_in_books_that_are_as_they_were_answered() {
    let (books, answers) = books();

    assert_eq!(books.judge(&answers), Vec::<String>::new());
    assert_eq!(books.unmailed(), 0);
    let totals = books.totals();
    assert_eq!((totals.orders, totals.delivered, totals.came_to_nothing), (5, 2, 3));
    assert_eq!((totals.captured_kurus, totals.refunded_kurus), (2 * TOTAL, TOTAL));
}

#[test]
fn an_answered_order_that_is_not_there_is_lost() {
    let lost = complaints(|books| {
        books.orders.remove(4);
        books.steps.retain(|step| step.order != 5);
        without_mails(books, |(order, _)| order == 5);
    });

    assert!(lost.contains(&"the checkout under key 5 was answered, and there is no such order".to_owned()), "{lost:?}");
    let states = lost.iter().filter(|complaint| complaint.starts_with("order 5 was answered as")).count();
    assert_eq!((states, lost.len()), (2, 3), "{lost:?}");
}

#[test]
fn a_key_has_one_order_and_that_which_was_answered() {
    let two = complaints(|books| {
        let (first, again) = (books.orders[4].clone(), BookedOrder { number: 6, ..books.orders[4].clone() });
        let steps: Vec<_> = books.steps.iter().filter(|step| step.order == first.number).cloned().collect();
        let steps: Vec<_> = steps.into_iter().map(|step| BookedStep { order: 6, ..step }).collect();
        books.orders.push(BookedOrder { code: "K6QF".to_owned(), ..again });
        books.mails.extend(mails_of(&steps));
        books.arrived = Some(books.mails.iter().map(arrival).collect());
        books.steps.extend(steps);
    });
    let other = complaints(|books| {
        let (one, two) = (books.orders[0].key.clone(), books.orders[2].key.clone());
        (books.orders[0].key, books.orders[2].key) = (two, one);
    });

    expect("the key key 5 has 2 orders", &two);
    assert_eq!(other.len(), 2, "{other:?}");
    assert!(other[0].contains("was answered as order 1 and is order 3"), "{other:?}");
}

#[test]
fn a_declined_card_orders_nothing() {
    let (books, mut answers) = books();

    answers.note_checkout(("key 1", 2), (StatusCode::PAYMENT_REQUIRED, &json!({})));

    expect("order 1 was answered as not paid and is delivered", &books.judge(&answers));
}

#[test]
fn an_order_has_the_units_that_were_ordered() {
    for units in [1, 3] {
        let wrong = complaints(|books| {
            let (one, order) = (BookedLine { quantity: 1, total: 3_000, discount: 0, ..LINE }, &mut books.orders[1]);
            order.lines = vec![one; units];
            let subtotal = order.lines.iter().map(|line| line.total).sum();
            order.sums = Sums { subtotal, discount: 0, delivery_fee: TOTAL - subtotal, total: TOTAL };
        });

        expect(&format!("order 2 has {units} units of the 2"), &wrong);
    }
}

#[test]
fn a_history_has_no_gap_and_leads_to_what_the_order_is() {
    let gap = complaints(|books| {
        books.steps.retain(|step| (step.order, step.version) != (1, 2));
        without_mails(books, |step| step == (1, 2));
    });
    let elsewhere = complaints(|books| books.orders[4].status = "on_the_way".to_owned());
    let nobodys = complaints(|books| {
        books.steps.push(BookedStep { order: 9, ..books.steps[0].clone() });
    });

    assert!(gap[0].contains("order 1 is in version 5, and its history has [1, 3, 4, 5]"), "{gap:?}");
    expect("order 5 is on_the_way, and delivered by its history", &elsewhere);
    expect("order 9 has a history and is not there", &nobodys);
}

#[test]
fn an_order_makes_only_steps_that_its_actor_may_make() {
    for (version, status, actor) in [(3, "accepted", "diner"), (2, "placed", "owner"), (4, "preparing", "system")] {
        let wrong = complaints(|books| {
            let mut steps = books.steps.iter_mut();
            let step = steps.find(|step| (step.order, step.version) == (1, version)).unwrap();
            (step.status, step.actor) = (status.to_owned(), actor.to_owned());
        });

        assert!(wrong.iter().any(|it| it.contains(&format!("to {status} by the {actor}"))), "{wrong:?}");
    }
    let moved = complaints(|books| {
        let last = BookedStep { version: 4, status: "accepted".to_owned(), ..books.steps[7].clone() };
        assert_eq!((last.order, books.steps[7].status.as_str()), (2, "rejected"));
        books.steps.push(BookedStep { actor: "owner".to_owned(), ..last });
        (books.orders[1].version, books.orders[1].status) = (4, "accepted".to_owned());
        books.payments[1].captured_kurus = TOTAL;
        books.payments[1].charge.captured_kurus = TOTAL;
        let mail =
            BookedMail { step: Some((2, 4)), message_id: "<2.4@example.com>".to_owned(), ..books.mails[0].clone() };
        let mail = BookedMail { subject: subjects(Some("rejected"), "accepted")[0].to_owned(), ..mail };
        books.arrived.as_mut().unwrap().push(arrival(&mail));
        books.mails.push(mail);
    });
    expect("order 2 went from rejected to accepted by the owner", &moved);
}

#[test]
fn an_order_was_what_it_was_answered_as() {
    let (books, mut answers) = books();

    answers.note_state(&json!({ "id": 2, "version": 3, "status": "accepted" }));
    answers.note_state(&json!({ "id": 2, "version": 4, "status": "accepted" }));

    let wrong = books.judge(&answers);
    assert_eq!(wrong.len(), 2, "{wrong:?}");
    assert!(wrong[0].contains("answered as accepted in version 3, which was rejected"), "{wrong:?}");
    assert!(wrong[1].contains("answered as accepted in version 4, which was nothing"), "{wrong:?}");
}
