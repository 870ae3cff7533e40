//! What a restaurant is at this moment, in one sentence.

use clock::Timestamp;
use contracts::Locale;
use contracts::opening_hours::HoursState;
use web::dates;

use crate::model::DraftReason;
use crate::store::restaurant::Restaurant;

/// A chip: its text, and its class.
pub(super) struct StateChip {
    pub(super) text: String,
    pub(super) class: &'static str,
}

/// Whether diners see it, and whether it is open.
pub(super) fn state_of(restaurant: &Restaurant, now: Timestamp, locale: Locale) -> StateChip {
    if restaurant.draft_reason.is_some() {
        let text = locale.say("Taslak: yalnız siz görüyorsunuz", "Draft: you alone see it").to_owned();
        return StateChip { text, class: "warn" };
    }
    if let Some(until) = restaurant.paused_until.filter(|until| *until > now) {
        let text = format!("{} {}", locale.say("Arada · dönüş", "On a break · back at"), dates::clock(until));
        return StateChip { text, class: "warn" };
    }
    match restaurant.schedule().state(now) {
        HoursState::Open { closes_at: Some(closes_at), .. } => {
            let text = format!("{} {}", locale.say("Açık · kapanış", "Open · closes at"), dates::clock(closes_at));
            StateChip { text, class: "good" }
        }
        HoursState::Open { closes_at: None, .. } => {
            StateChip { text: locale.say("Açık", "Open").to_owned(), class: "good" }
        }
        HoursState::Closed { opens_at: Some(opens_at) } => {
            let text =
                format!("{} {}", locale.say("Kapalı · açılış", "Closed · opens"), dates::date_time(opens_at, locale));
            StateChip { text, class: "bad" }
        }
        HoursState::Closed { opens_at: None } => {
            StateChip { text: locale.say("Kapalı", "Closed").to_owned(), class: "bad" }
        }
    }
}

/// Why diners don't see it, and what helps.
pub(super) fn draft_text(reason: DraftReason, locale: Locale) -> &'static str {
    match reason {
        DraftReason::AddressUnknown => locale.say(
            "Adresi henüz bilinmiyor. Adresi kaydettiyseniz birazdan görünür; yoksa adres kimliğini düzeltin.",
            "Its address is not known yet. If you have saved the address it shows shortly; else correct its id.",
        ),
        DraftReason::AddressOfAnother => locale.say(
            "Adresi başka biri yazmış. Kendi yazdığınız bir adresin kimliğini verin.",
            "Somebody else has written its address down. Give the id of an address that you have written.",
        ),
        DraftReason::DeliveryAreaElsewhere => locale.say(
            "Teslimat bölgesi adresini içine almıyor. Bölgeyi yeniden çizin.",
            "Its delivery area is not around its address. Draw the area anew.",
        ),
    }
}
