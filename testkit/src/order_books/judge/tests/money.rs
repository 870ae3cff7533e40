//! Books in which money is missing, or too much.

use super::super::money::{WITHOUT_MONEY, faults_of_payment};
use super::*;

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
    let too_little = complaints(|books| {
        // What its mails say, nobody has seen.
        books.arrived = None;
        let sums = &mut books.orders[0].sums;
        (sums.delivery_fee, sums.total) = (sums.delivery_fee + 1, sums.total + 1);
    });
    let twice = complaints(|books| books.payments.push(books.payments[0].clone()));
    let taken_twice = complaints(|books| {
        let payment = &mut books.payments[0];
        (payment.captured_kurus, payment.charge.captured_kurus) = (2 * TOTAL, 2 * TOTAL);
    });
    let held_for_more = complaints(|books| books.payments[0].charge.amount_kurus += 1);
    let in_cash = complaints(|books| books.payments[0].order = 5);

    expect("order 1 was taken on and is not paid", &for_nothing);
    expect("order 1 was taken on and is not paid", &given_back);
    expect("order 1 is not what its card pays", &too_little);
    expect("order 1 has 2 payments", &twice);
    expect("order 1 is paid more than once", &taken_twice);
    expect("order 1 is held with the provider for another amount", &held_for_more);
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
    let held = Charge { state: "authorised".to_owned(), amount_kurus: TOTAL, ..Charge::default() };
    let faults = |order: &BookedOrder, payment: &BookedPayment| faults_of_payment(order, payment).collect::<Vec<_>>();

    assert_eq!(faults(&order, &payment), ["waits for its answer and is not held"]);
    let payment = BookedPayment { charge: held, ..payment };
    assert_eq!(faults(&order, &payment), Vec::<&str>::new());
    let unpaid = BookedOrder { status: UNPAID.to_owned(), ..order };
    assert_eq!(faults(&unpaid, &payment), ["still waits for its card"]);
}

#[test]
fn a_total_follows_from_lines_discount_and_fee() {
    type Spoil = fn(&mut BookedOrder);
    let wrong: [(Spoil, &str); 6] = [
        (|order| order.sums.delivery_fee += 1, "order 5 has a total that does not follow"),
        (|order| order.lines[0].unit_price += 1, "order 5 has a line that costs something else"),
        (|order| order.lines[0].discount = -500, "order 5 has a line that costs something else"),
        (|order| order.sums.subtotal -= 1, "order 5 costs something else than its lines"),
        (|order| order.lines[0].discount -= 1, "order 5 has another discount than its lines"),
        (|order| order.lines.clear(), "order 5 has no lines"),
    ];
    for (spoil, fault) in wrong {
        let complaints = complaints(|books| spoil(&mut books.orders[4]));

        assert!(complaints.iter().any(|complaint| complaint.contains(fault)), "{fault}: {complaints:?}");
    }
}
