//! What these pages say with values in it, in both languages side by side.

use clock::Timestamp;
use contracts::{Locale, Money, OrderStatus, PaymentMethod};
use web::{dates, money};

use crate::model::{Fulfilment, Reason, RestaurantNow, Unavailable};

/// `3 ürün`.
pub(super) fn items(count: u32, locale: Locale) -> String {
    match (locale, count) {
        (Locale::Tr, _) => format!("{count} ürün"),
        (Locale::En, 1) => "1 item".to_owned(),
        (Locale::En, _) => format!("{count} items"),
    }
}

/// Why a line can't be had.
pub(super) fn unavailable(why: Unavailable, locale: Locale) -> &'static str {
    match why {
        Unavailable::SoldOut => locale.say("Tükendi", "Sold out"),
        Unavailable::Removed | Unavailable::UnknownMeal => locale.say("Artık menüde yok", "No longer on the menu"),
        Unavailable::RestaurantGone => locale.say("Restoran artık yok", "The restaurant is gone"),
        Unavailable::MealtimeOver => locale.say("Bu saatte servis edilmiyor", "Not served at this time"),
        Unavailable::OptionsInvalid => {
            locale.say("Seçenekleri değişti; yeniden seçin", "Its options have changed; choose again")
        }
        Unavailable::PriceUnknown => locale.say("Fiyatı şu anda bilinmiyor", "Its price is not known right now"),
    }
}

/// What is missing to the least that is brought.
pub(super) fn missing(missing: Money, least: Option<Money>, locale: Locale) -> String {
    let (missing, least) = (money::amount(missing, locale), money::amount(least.unwrap_or_default(), locale));
    match locale {
        Locale::Tr => format!("En az sipariş tutarı {least}; {missing} daha ekleyin."),
        Locale::En => format!("The minimum order is {least}; add {missing} more."),
    }
}

/// Why the restaurant takes no orders now, and when it does; `None` while it does.
pub(super) fn closed(now: &RestaurantNow, locale: Locale) -> Option<String> {
    if now.accepts_orders {
        return None;
    }
    let state = if now.orders_paused {
        locale.say("Restoran ara verdi.", "The restaurant is taking a break.")
    } else {
        locale.say("Restoran şu anda sipariş almıyor.", "The restaurant takes no orders right now.")
    };
    Some(match now.opens_at {
        Some(at) => format!("{state} {}", opens_at(at, locale)),
        None => state.to_owned(),
    })
}

/// When somebody is there again.
pub(super) fn opens_at(at: Timestamp, locale: Locale) -> String {
    let at = dates::date_time(at, locale);
    match locale {
        Locale::Tr => format!("Açılış: {at}."),
        Locale::En => format!("It opens on {at}."),
    }
}

/// With what an order is paid.
pub(super) fn payment_method(method: PaymentMethod, locale: Locale) -> &'static str {
    match method {
        PaymentMethod::Cash => locale.say("Kapıda nakit", "Cash at the door"),
        PaymentMethod::Pos => locale.say("Kapıda kartla", "Card at the door"),
        PaymentMethod::CreditCard => locale.say("Şimdi kartla", "Card, now"),
    }
}

/// What an order stands at.
pub(super) fn status(status: OrderStatus, fulfilment: Fulfilment, locale: Locale) -> &'static str {
    match (status, fulfilment) {
        (OrderStatus::AwaitingPayment, _) => locale.say("Ödeme bekleniyor", "Waiting for the payment"),
        (OrderStatus::Placed, _) => locale.say("Restorana iletildi", "Sent to the restaurant"),
        (OrderStatus::Accepted, _) => locale.say("Kabul edildi", "Accepted"),
        (OrderStatus::Preparing, _) => locale.say("Hazırlanıyor", "Being prepared"),
        (OrderStatus::OnTheWay, Fulfilment::Delivery) => locale.say("Yolda", "On its way"),
        (OrderStatus::OnTheWay, Fulfilment::Pickup) => locale.say("Hazır", "Ready"),
        (OrderStatus::Delivered, _) => locale.say("Teslim edildi", "Delivered"),
        (OrderStatus::Rejected, _) => locale.say("Restoran kabul etmedi", "The restaurant has declined it"),
        (OrderStatus::Cancelled, _) => locale.say("İptal edildi", "Cancelled"),
        (OrderStatus::PaymentFailed, _) => locale.say("Ödeme alınamadı", "The payment has failed"),
    }
}

/// Why an order came to nothing.
pub(super) fn reason(reason: Reason, locale: Locale) -> &'static str {
    match reason {
        Reason::Closed => locale.say("Mutfak kapalı", "The kitchen is closed"),
        Reason::SoldOut => locale.say("Bir ürün tükendi", "Something is sold out"),
        Reason::TooBusy => locale.say("Mutfak çok yoğun", "The kitchen is too busy"),
        Reason::Area => locale.say("Adres servis alanının dışında", "The address is outside the delivery area"),
        Reason::Other => locale.say("Başka bir neden", "Another reason"),
        Reason::NoAnswer => locale.say("Restoran süresinde yanıt vermedi", "The restaurant has not answered in time"),
        Reason::PaymentRefused => locale.say("Karttan ödeme alınamadı", "The card gave no money"),
    }
}
