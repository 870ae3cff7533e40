//! Books in which mails are missing, or too many.

use super::*;

/// What is complained of once `spoil` has been at the mail of the step.
fn with_mail(step: (i64, i64), spoil: impl FnOnce(&mut BookedMail)) -> Vec<String> {
    complaints(|books| spoil(books.mails.iter_mut().find(|mail| mail.step == Some(step)).unwrap()))
}

/// The same of the mail as it has come to its reader.
fn with_arrival(number: usize, spoil: impl FnOnce(&mut ArrivedMail)) -> Vec<String> {
    complaints(|books| spoil(&mut books.arrived.as_mut().unwrap()[number]))
}

#[test]
fn a_mail_that_is_missing_is_missed() {
    let missing = complaints(|books| without_mails(books, |step| step == (1, 3)));
    let (mut books, _) = books();
    without_mails(&mut books, |(order, _)| order == 2);

    expect("order 1 has 0 mails of step 3, by which it was accepted", &missing);
    assert_eq!(books.unmailed(), 2);
}

#[test]
fn a_mail_that_was_made_twice_is_one_too_many() {
    let twice = complaints(|books| {
        let again = BookedMail { message_id: "<again@example.com>".to_owned(), ..books.mails[0].clone() };
        books.arrived.as_mut().unwrap().push(arrival(&again));
        books.mails.push(again);
    });

    expect("order 1 has 2 mails of step 2, by which it was placed", &twice);
}

#[test]
fn a_mail_of_another_order_makes_up_for_none() {
    // As many mails to the same reader as there are steps.
    let exchanged = with_mail((1, 3), |mail| mail.step = Some((2, 3)));
    let of_nobody = with_mail((1, 3), |mail| mail.step = Some((9, 3)));
    let unasked = with_mail((1, 3), |mail| mail.step = None);
    let of_no_step = with_mail((1, 3), |mail| mail.step = Some((1, 8)));

    let one_and_two = ["order 1 has 0 mails of step 3", "order 2 has 2 mails of step 3"];
    assert!(one_and_two.iter().all(|fault| exchanged.iter().any(|it| it.contains(fault))), "{exchanged:?}");
    for (complaints, fault) in [
        (of_nobody, "order 9 has mails and is not there"),
        (unasked, "no step of an order has asked for"),
        (of_no_step, "order 1 has a mail of a step that it never made"),
    ] {
        assert!(complaints.iter().any(|complaint| complaint.contains(fault)), "{fault}: {complaints:?}");
    }
}

#[test]
fn a_mail_says_the_step_that_it_is_of_and_goes_to_who_has_ordered() {
    let other = with_mail((1, 3), |mail| mail.subject = "Your order was cancelled".to_owned());
    let english = with_mail((1, 3), |mail| mail.subject = "Your order was accepted".to_owned());
    let again = with_mail((1, 4), |mail| mail.subject = "Your order was accepted".to_owned());
    let elsewhere = with_mail((1, 3), |mail| mail.reader = "stranger@example.com".to_owned());

    expect("order 1 has the mail \"Your order was cancelled\" of step 3, by which it was accepted", &other);
    assert_eq!(english, Vec::<String>::new());
    expect("order 1 has the mail \"Your order was accepted\" of step 4", &again);
    expect("order 1 of ayse@example.com has a mail to stranger@example.com", &elsewhere);
}

#[test]
fn nobody_is_written_to_of_a_card_that_is_waited_for() {
    let waited_for = complaints(|books| {
        let mail =
            BookedMail { step: Some((1, 1)), message_id: "<1.1@example.com>".to_owned(), ..books.mails[0].clone() };
        books.arrived.as_mut().unwrap().push(arrival(&mail));
        books.mails.push(mail);
    });

    expect("order 1 has 1 mails of step 1, by which it was awaiting_payment", &waited_for);
}

#[test]
fn a_mail_whose_reader_was_not_known_yet_may_be_missing() {
    let unknown = |books: &mut OrderBooks| {
        let step = books.steps.iter_mut().find(|step| (step.order, step.version) == (1, 2));
        step.unwrap().is_mailed = false;
    };
    let without = complaints(|books| {
        unknown(books);
        without_mails(books, |step| step == (1, 2));
    });

    assert_eq!([complaints(unknown), without], [Vec::<String>::new(), Vec::new()]);
}

#[test]
fn a_mail_comes_once_or_as_often_as_nobody_knows_better() {
    let came = |state: &str, ambiguities: i64, times: usize| {
        complaints(|books| {
            let mail = &mut books.mails[0];
            (mail.state, mail.ambiguities) = (state.to_owned(), ambiguities);
            let again = arrival(mail);
            let arrived = books.arrived.as_mut().unwrap();
            arrived.retain(|mail| mail.message_id != again.message_id);
            arrived.extend(std::iter::repeat_n(again, times));
        })
    };

    for (state, ambiguities, times) in [("sent", 0, 1), ("sent", 1, 2), ("ambiguous", 1, 0), ("ambiguous", 2, 2)] {
        assert_eq!(came(state, ambiguities, times), Vec::<String>::new(), "{state} {ambiguities} {times}");
    }
    for (state, ambiguities, times) in [("sent", 0, 0), ("sent", 0, 2), ("sent", 1, 3), ("pending", 0, 0)] {
        expect(&format!("a mail of order 1 came {times} times"), &came(state, ambiguities, times));
    }
}

#[test]
fn the_mails_of_an_order_are_shown_together_and_with_no_others() {
    let apart = with_arrival(1, |mail| mail.thread = "<elsewhere@example.com>".to_owned());
    let shared = complaints(|books| {
        let arrived = books.arrived.iter_mut().flatten().filter(|mail| mail.thread == "<2@example.com>");
        arrived.for_each(|mail| mail.thread = "<1@example.com>".to_owned());
    });
    let never_made = complaints(|books| {
        let arrived = books.arrived.as_mut().unwrap();
        arrived.push(ArrivedMail { message_id: "<forged@example.com>".to_owned(), ..arrived[0].clone() });
    });

    expect("the mails of order 1 are shown in 2 threads", &apart);
    expect("the mails of the orders {1, 2} are shown together", &shared);
    expect("<forged@example.com> came in a thread, and was never made", &never_made);
}

#[test]
fn a_mail_says_the_code_and_the_total_of_its_order() {
    for text in ["Sipariş kodu: K2QF\nTutar: 71,00 ₺", "Sipariş kodu: K1QF\nTutar: 70,00 ₺", ""] {
        let wrong = with_arrival(0, |mail| mail.text = text.to_owned());

        expect("order 1 has a mail of something else", &wrong);
    }
    let english = with_arrival(0, |mail| mail.text = "Order code: K1QF\nTotal: ₺71.00".to_owned());
    assert_eq!(english, Vec::<String>::new());
}
