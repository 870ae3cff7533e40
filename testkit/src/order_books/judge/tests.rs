//! Books that break each promise.

use reqwest::StatusCode;
use serde_json::json;

use super::*;
use crate::order_books::Charge;

const AYSE: &str = "ayse@example.com";
const TOTAL: i64 = 7_100;

/// Four orders of two units: delivered and paid by card, rejected and paid by card, cancelled behind its capture, and one of
/// a card that was declined; and one in cash. All is as it was answered.
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
            key,
            status: status.to_owned(),
            version,
            payment_method: method.to_owned(),
            total_kurus: TOTAL,
            units: 2,
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
            charge: Charge { state: of_charge.to_owned(), captured_kurus: captured, refunded_kurus: refunded },
        });
    }
    let mailed = books.steps.iter().filter(|step| step.status != UNPAID).count();
    books.mails.insert(AYSE.to_owned(), i64::try_from(mailed).unwrap());
    (books, answers)
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
        *books.mails.get_mut(AYSE).unwrap() -= 4;
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
        books.steps.extend(steps.into_iter().map(|step| BookedStep { order: 6, ..step }));
        books.orders.push(again);
        *books.mails.get_mut(AYSE).unwrap() += 4;
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
        let wrong = complaints(|books| books.orders[1].units = units);

        expect(&format!("order 2 has {units} units of the 2"), &wrong);
    }
}

#[test]
fn a_history_has_no_gap_and_leads_to_what_the_order_is() {
    let gap = complaints(|books| {
        let step = books.steps.iter().position(|step| (step.order, step.version) == (1, 4)).unwrap();
        books.steps.remove(step);
        *books.mails.get_mut(AYSE).unwrap() -= 1;
    });
    let elsewhere = complaints(|books| books.orders[4].status = "on_the_way".to_owned());
    let nobodys = complaints(|books| {
        books.steps.push(BookedStep { order: 9, ..books.steps[0].clone() });
    });

    expect("order 1 is in version 5, and its history has [1, 2, 3, 5]", &gap);
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
        *books.mails.get_mut(AYSE).unwrap() += 1;
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

#[test]
fn our_books_are_the_providers() {
    let (captured, refunded) = (
        complaints(|books| books.payments[0].charge.captured_kurus = 2 * TOTAL),
        complaints(|books| books.payments[2].charge.refunded_kurus = 0),
    );
    let under_way = complaints(|books| books.payments[0].refunding_kurus = 1);
    let nobodys = complaints(|books| books.charges_without_order.push("ok authorised".to_owned()));

    for wrong in [captured, refunded, under_way] {
        expect("has other books with us than with the provider", &wrong);
    }
    expect("a charge belongs to no order: ok authorised", &nobodys);
}

#[test]
fn what_came_to_nothing_costs_nothing_and_holds_nothing() {
    let kept = complaints(|books| {
        let payment = &mut books.payments[2];
        (payment.refunded_kurus, payment.charge.refunded_kurus) = (0, 0);
    });
    let held = complaints(|books| books.payments[1].charge.state = "authorised".to_owned());

    expect("order 3 came to nothing and costs something", &kept);
    expect("order 2 came to nothing and is held", &held);
}

#[test]
fn what_was_taken_on_is_paid_once_and_in_full() {
    let for_nothing = complaints(|books| {
        let payment = &mut books.payments[0];
        (payment.captured_kurus, payment.charge.captured_kurus) = (0, 0);
    });
    let given_back = complaints(|books| {
        let payment = &mut books.payments[0];
        (payment.refunded_kurus, payment.charge.refunded_kurus) = (TOTAL, TOTAL);
    });
    let too_little = complaints(|books| books.orders[0].total_kurus += 1);
    let twice = complaints(|books| books.payments.push(books.payments[0].clone()));
    let in_cash = complaints(|books| books.payments[0].order = 5);

    expect("order 1 was taken on and is not paid", &for_nothing);
    expect("order 1 was taken on and is not paid", &given_back);
    expect("order 1 is not what its card pays", &too_little);
    expect("order 1 has 2 payments", &twice);
    assert_eq!(in_cash.len(), 2, "{in_cash:?}");
}

#[test]
fn a_card_without_money_is_charged_nothing() {
    let without = |books: &mut OrderBooks, state: &str| {
        let payment = &mut books.payments[0];
        payment.token = WITHOUT_MONEY.to_owned();
        (payment.captured_kurus, payment.charge.captured_kurus) = (0, 0);
        payment.charge.state = state.to_owned();
    };

    assert_eq!(complaints(|books| without(books, "voided")), Vec::<String>::new());
    expect("has a card without money, which is charged", &complaints(|books| without(books, "authorised")));
}

#[test]
fn what_waits_in_the_end_is_held_and_no_card_is_waited_for() {
    let (mut books, _) = books();
    let order = BookedOrder { status: "placed".to_owned(), ..books.orders.swap_remove(0) };
    let payment = BookedPayment { state: "authorised".to_owned(), ..books.payments.swap_remove(1) };
    let held = Charge { state: "authorised".to_owned(), ..Charge::default() };
    let faults = |order: &BookedOrder, payment: &BookedPayment| faults_of_payment(order, payment).collect::<Vec<_>>();

    assert_eq!(faults(&order, &payment), ["waits for its answer and is not held"]);
    let payment = BookedPayment { charge: held, ..payment };
    assert_eq!(faults(&order, &payment), Vec::<&str>::new());
    let unpaid = BookedOrder { status: UNPAID.to_owned(), ..order };
    assert_eq!(faults(&unpaid, &payment), ["still waits for its card"]);
}

#[test]
fn of_each_step_there_is_one_mail_from_when_on_it_is_known_where_to() {
    let made = |count: i64| move |books: &mut OrderBooks| *books.mails.get_mut(AYSE).unwrap() += count;
    let unknown_at_first = |books: &mut OrderBooks| {
        books.steps.iter_mut().find(|step| step.status == "placed").unwrap().is_mailed = false;
    };

    expect("has 13 mails of orders, which made 14 steps", &complaints(made(-1)));
    expect("has 15 mails of orders, which made 14 steps", &complaints(made(1)));
    for count in [0, -1] {
        let excused = complaints(|books| {
            unknown_at_first(books);
            made(count)(books);
        });
        assert_eq!(excused, Vec::<String>::new());
    }
    expect(
        "stranger@example.com has 1 mails",
        &complaints(|books| {
            books.mails.insert("stranger@example.com".to_owned(), 1);
        }),
    );
    let (mut books, _) = books();
    made(-2)(&mut books);
    assert_eq!(books.unmailed(), 2);
}
