//! What each domain gets.

use super::*;
use proptest::prelude::*;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;
const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

fn admitted(domains: &Domains, class: MailClass, now: Timestamp) -> usize {
    (0..1_000).take_while(|_| domains.admit("a.example", class, now)).count()
}

#[test]
fn a_domain_gets_a_second_of_mails_at_once_and_no_other_pays_for_it() {
    let domains = Domains::new(10);

    assert_eq!(admitted(&domains, MailClass::Commercial, NOW), 10);
    assert_eq!(admitted(&domains, MailClass::Commercial, NOW + SECOND / 2), 5);
    assert!(domains.admit("b.example", MailClass::Commercial, NOW));
    assert_eq!(admitted(&domains, MailClass::Transactional, NOW), 1_000);
}

#[test]
fn senders_share_the_rate() {
    let domains = Domains::new(10);
    domains.divide(2);

    assert_eq!(admitted(&domains, MailClass::Commercial, NOW), 5);
}

#[test]
fn who_has_to_wait_is_admitted_at_its_place() {
    let domains = Domains::new(10);
    admitted(&domains, MailClass::Commercial, NOW);

    let mut places = domains.places("a.example", MailClass::Commercial, NOW, 100);
    places.extend(domains.places("a.example", MailClass::Commercial, NOW, 100));

    assert!(places.iter().all(|place| domains.admit("a.example", MailClass::Commercial, *place)), "{places:?}");
    assert!(places.windows(2).all(|pair| pair[0] < pair[1]), "{places:?}");
    assert!(*places.last().unwrap() <= NOW + 21 * SECOND, "{places:?}");
}

#[test]
fn a_domain_that_asks_for_fewer_gets_half_for_a_quarter_of_an_hour_and_then_more_by_and_by() {
    let domains = Domains::new(10);

    let slowness = domains.slow_down("a.example", NOW);

    assert_eq!(domains.slow_down("a.example", NOW + SECOND), slowness, "it is the same request");
    for (after, share) in [(0, 0.5), (15, 0.5), (16, 0.6), (19, 0.9), (20, 1.0), (60, 1.0)] {
        assert!((slowness.share_at(NOW + after * MINUTE) - share).abs() < 1e-9, "after {after} minutes");
    }
    assert!((domains.rate_of("a.example", NOW) - 5.0).abs() < 0.01);
    assert!((domains.rate_of("b.example", NOW) - 10.0).abs() < 0.01);
    let again = domains.slow_down("a.example", NOW + MINUTE);
    assert!((again.share - 0.25).abs() < 1e-9, "{again:?}");
}

#[test]
fn mail_that_somebody_waits_for_is_slowed_only_while_the_domain_asks_for_it() {
    let domains = Domains::new(2);
    domains.slow_down("a.example", NOW);

    assert_eq!(admitted(&domains, MailClass::Transactional, NOW), 1);
    let place = domains.places("a.example", MailClass::Transactional, NOW, 1)[0];
    assert_eq!(place, NOW + SECOND);
    assert!(domains.admit("a.example", MailClass::Transactional, place));
    assert_eq!(admitted(&domains, MailClass::Transactional, NOW + SLOWNESS_RETENTION), 1_000);
}

#[test]
fn a_process_follows_what_others_know() {
    let domains = Domains::new(10);
    let slowness = Slowness { share: 0.25, slowed_at: NOW };

    domains.follow(vec![("a.example".to_owned(), slowness)], NOW);

    assert!((domains.rate_of("a.example", NOW) - 2.5).abs() < 0.01);
    domains.follow(Vec::new(), NOW + SLOWNESS_RETENTION);
    assert!(domains.inner().slow.is_empty());
}

#[test]
fn however_many_domains_there_are_few_are_remembered() {
    let domains = Domains::new(1);
    for number in 0..3 * MOST_DOMAINS {
        domains.admit(&format!("{number}.example"), MailClass::Commercial, NOW);
    }

    assert!(domains.inner().rows.len() <= MOST_DOMAINS);
}

#[test]
fn a_clock_that_is_set_back_holds_no_mail_for_as_long() {
    let domains = Domains::new(10);
    admitted(&domains, MailClass::Commercial, NOW + 24 * 60 * MINUTE);

    assert!(domains.admit("a.example", MailClass::Commercial, NOW));
}

proptest! {
    #[test]
    fn no_domain_ever_gets_more_than_a_second_of_mails_beyond_its_rate(
        steps in proptest::collection::vec(0_u64..400, 1..300), rate in 1_u32..20,
    ) {
        let (domains, mut now, mut sent) = (Domains::new(rate), NOW, 0_u32);
        for step in steps {
            now += Duration::from_millis(step);
            sent += u32::from(domains.admit("a.example", MailClass::Commercial, now));
            let allowed = (now - NOW).to_std().unwrap().as_secs_f64() * f64::from(rate) + f64::from(rate);
            prop_assert!(f64::from(sent) <= allowed + 0.001, "{sent} of {allowed}");
        }
    }

    #[test]
    fn who_comes_a_bit_after_its_place_is_admitted_all_the_same(
        late in proptest::collection::vec(0.0..1.0, 1..150), rate in 1_u32..20, senders in 1_u32..40,
    ) {
        let domains = Domains::new(rate);
        domains.divide(senders);
        admitted(&domains, MailClass::Commercial, NOW);
        let interval = Duration::from_secs_f64(domains.rate_of("a.example", NOW).recip());
        let a_bit = interval.max(BURST_WINDOW.saturating_sub(interval));

        let places = domains.places("a.example", MailClass::Commercial, NOW, late.len());
        // Whose turn lies further ahead than any place asks again then.
        let places = places.into_iter().filter(|place| *place < NOW + MAX_DOMAIN_DELAY);
        let mut claims: Vec<Timestamp> = places.zip(late).map(|(place, late)| place + a_bit.mul_f64(late)).collect();
        claims.sort();

        for claim in claims {
            prop_assert!(domains.admit("a.example", MailClass::Commercial, claim), "at {claim}");
        }
    }

    #[test]
    fn a_campaign_to_a_slow_domain_keeps_nobody_waiting_who_waits_and_pays_for_them(
        late in proptest::collection::vec(0_u64..300, 100..200), rate in 2_u32..20, senders in 1_u32..4,
    ) {
        let domains = Domains::new(rate);
        domains.divide(senders);
        domains.slow_down("a.example", NOW);
        let interval = Duration::from_secs_f64(domains.rate_of("a.example", NOW).recip());
        let (mut commercial, mut awaited) = (0, 0);

        for (number, late) in (0_u32..).zip(late) {
            let now = NOW + interval * number;
            commercial += admitted(&domains, MailClass::Commercial, now);
            let now = now + Duration::from_millis(late).min(interval / 2);
            if number % 2 == 0 {
                prop_assert!(domains.admit("a.example", MailClass::Transactional, now), "at {now}");
                awaited += 1;
            }
            let (sent, burst) = (commercial + awaited, 1.0 + BURST_WINDOW.div_duration_f64(interval));
            let allowed = f64::from(number) + 1.5 + 2.0 * burst;
            prop_assert!(f64::from(u32::try_from(sent).unwrap()) <= allowed, "{sent} of {allowed}");
        }
        prop_assert!(commercial >= awaited / 2, "{commercial} beside {awaited}");
    }
}
