//! Why nothing is ordered, or an order does not move, and what a client sees of it. The first reason that holds is answered, in
//! the order of [`OrderRefusal`].

use std::time::Duration;

use axum::http::StatusCode;
use clock::Timestamp;
use contracts::{MealId, Money};
use kit::{Fault, Problem, Text};
use serde::Serialize;
use utoipa::ToSchema;

use crate::model::{CouponRefusal, DueRefusal, Unavailable};

/// When it is worth to ask again for an order that is being written.
const IN_PROGRESS_DELAY: Duration = Duration::from_secs(1);

/// Why nothing is ordered.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub(crate) enum OrderRefusal {
    /// Nothing is wanted.
    #[error("nothing is ordered")]
    Empty,
    /// No menu has the meal.
    #[error("no menu has the meal")]
    UnknownMeal(MealId),
    /// The meals are of more than one.
    #[error("the meals are of several restaurants")]
    DifferentRestaurants,
    /// The restaurant was deleted, or shows itself to nobody.
    #[error("the restaurant is gone")]
    RestaurantGone,
    /// It can't be for then.
    #[error("it can't be for then: {0:?}")]
    Due(DueRefusal),
    /// Some of it can't be had.
    #[error("some of it can't be had")]
    Unavailable(Vec<UnavailableItem>),
    /// The diner has no such address.
    #[error("the diner has no such address")]
    AddressNotFound,
    /// Nothing was heard of the address yet.
    #[error("the address is not known here yet")]
    AddressNotKnownYet,
    /// The lines of the cart are wanted at several times.
    #[error("the lines are wanted at several times")]
    SeveralTimes,
    /// Too many orders of the account wait for a card.
    #[error("too many orders wait for a card")]
    TooManyUnpaid,
    /// The restaurant does not deliver there.
    #[error("the address is outside the delivery area")]
    OutsideArea,
    /// The restaurant does not take it.
    #[error("the payment method is not offered")]
    PaymentMethodNotOffered,
    /// It is too little.
    #[error("the meals cost less than the least that is brought")]
    MinOrder {
        /// What they must cost.
        least: Money,
        /// What they cost.
        subtotal: Money,
    },
    /// It is more than anybody pays.
    #[error("the order is too expensive")]
    TooExpensive,
    /// The coupon gives nothing off.
    #[error("the coupon gives nothing off: {0:?}")]
    Coupon(CouponRefusal),
    /// It costs more than the diner has seen.
    #[error("the total has changed")]
    PriceChanged {
        /// What the diner has seen in all, where that is said.
        expected: Option<Money>,
        /// What it is.
        total: Money,
        /// What of it has another price than the diner has seen; nothing where it is not said what that was.
        lines: Vec<ChangedPrice>,
    },
    /// An order of the diner is being written for too long.
    #[error("an order of the diner is being written")]
    InProgress,
    /// The card pays nothing.
    #[error("the card was declined")]
    PaymentDeclined,
    /// The time has as many orders as the kitchen makes.
    #[error("the slot is full")]
    SlotFull {
        /// When there is place, soonest first.
        free: Vec<Timestamp>,
    },
}

/// What can't be had, and why.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub(crate) struct UnavailableItem {
    pub(crate) meal_id: MealId,
    pub(crate) name: Option<String>,
    #[serde(serialize_with = "code")]
    #[schema(value_type = String, example = "SOLD_OUT")]
    pub(crate) reason: Unavailable,
}

/// What one of it has cost, and costs.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct ChangedPrice {
    pub(crate) meal_id: MealId,
    pub(crate) was: Money,
    pub(crate) is: Money,
}

fn code<S: serde::Serializer>(reason: &Unavailable, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(reason.code())
}

impl OrderRefusal {
    /// Whether it is said before anything of the meals is.
    pub(crate) fn is_of_restaurant(&self) -> bool {
        matches!(self, Self::Due(DueRefusal::Closed(_) | DueRefusal::Paused(_)))
    }
}

pub(super) fn problem(refusal: OrderRefusal) -> Problem {
    match refusal {
        OrderRefusal::Empty => unprocessable("EMPTY_ORDER", Text::new("Sepetiniz boş.", "The cart is empty.")),
        OrderRefusal::UnknownMeal(id) => {
            let text = Text::new("Ürün bulunamadı.", "There is no such item.");
            unprocessable("UNKNOWN_MEAL", text).with("meal_id", &id)
        }
        OrderRefusal::DifferentRestaurants => Problem::bad_request(
            "DIFFERENT_RESTAURANT",
            "Bir siparişte yalnız bir restoranın ürünleri olabilir (different restaurant).",
            "An order has items of one restaurant (different restaurant).",
        ),
        OrderRefusal::RestaurantGone => {
            Problem::conflict("RESTAURANT_GONE", "Bu restoran artık yok.", "This restaurant is gone.")
        }
        OrderRefusal::Due(refusal) => of_time(refusal),
        OrderRefusal::Unavailable(items) => {
            let names: Vec<&str> = items.iter().filter_map(|item| item.name.as_deref()).collect();
            let names = names.join(", ");
            let text = said(format!("Şu anda alınamıyor: {names}."), format!("Not available: {names}."));
            Problem::new(StatusCode::CONFLICT, "ITEM_UNAVAILABLE", text).with("items", &items)
        }
        OrderRefusal::AddressNotFound => {
            Problem::not_found("ADDRESS_NOT_FOUND", "Adres bulunamadı.", "There is no such address.")
        }
        OrderRefusal::AddressNotKnownYet => Problem::conflict(
            "ADDRESS_NOT_KNOWN_YET",
            "Adres henüz hazır değil; birazdan yeniden deneyin.",
            "The address is not ready yet; try again in a moment.",
        ),
        OrderRefusal::SeveralTimes => {
            let tr = "Sepetteki ürünler farklı saatler için; schedule_date gönderin.";
            let text = Text::new(tr, "The lines of the cart are wanted at several times; send schedule_date.");
            let fault = Fault::new("schedule_date", "SCHEDULE_INVALID", text.clone());
            unprocessable("SCHEDULE_INVALID", text).naming(fault)
        }
        OrderRefusal::TooManyUnpaid => Problem::conflict(
            "TOO_MANY_UNPAID",
            "Ödeme bekleyen siparişleriniz var; önce onları ödeyin ya da iptal edin.",
            "Orders of yours wait for a payment; pay or cancel them first.",
        ),
        OrderRefusal::OutsideArea => {
            let tr = "Restoran bu adrese servis yapmıyor.";
            unprocessable("OUTSIDE_DELIVERY_AREA", Text::new(tr, "The restaurant does not deliver to this address."))
        }
        OrderRefusal::PaymentMethodNotOffered => {
            let tr = "Restoran bu ödeme yöntemini kabul etmiyor.";
            let text = Text::new(tr, "The restaurant does not take this payment method.");
            unprocessable("PAYMENT_METHOD_NOT_OFFERED", text)
        }
        OrderRefusal::MinOrder { least, subtotal } => {
            let missing = Money::from_kurus(least.kurus() - subtotal.kurus()).unwrap_or_default();
            let tr = format!("En az {least} ₺; {missing} ₺ eksik.");
            let text = said(tr, format!("At least {least} ₺; {missing} ₺ are missing."));
            unprocessable("MIN_ORDER", text).with("missing", &missing)
        }
        OrderRefusal::TooExpensive => {
            let text = Text::new("Sipariş tutarı çok yüksek.", "The order costs too much.");
            unprocessable("ORDER_TOO_EXPENSIVE", text)
        }
        OrderRefusal::Coupon(refusal) => of_coupon(refusal),
        OrderRefusal::PriceChanged { expected, total, lines } => {
            let text = match expected {
                Some(seen) => said(
                    format!("Tutar değişti: {seen} → {total} ₺."),
                    format!("The total has changed: {seen} → {total} ₺."),
                ),
                None => said(
                    format!("Fiyatlar değişti; tutar {total} ₺."),
                    format!("Prices have changed; the total is {total} ₺."),
                ),
            };
            Problem::new(StatusCode::CONFLICT, "PRICE_CHANGED", text).with("lines", &lines).with("total", &total)
        }
        OrderRefusal::InProgress => Problem::conflict(
            "CHECKOUT_IN_PROGRESS",
            "Siparişiniz işleniyor; birazdan yeniden deneyin.",
            "Your order is being processed; try again in a moment.",
        )
        .retry_after(IN_PROGRESS_DELAY),
        OrderRefusal::PaymentDeclined => {
            let text = Text::new("Kart reddedildi, ücret alınmadı.", "The card was declined; nothing was charged.");
            Problem::new(StatusCode::PAYMENT_REQUIRED, "PAYMENT_DECLINED", text)
        }
        OrderRefusal::SlotFull { free } => {
            Problem::conflict("SLOT_FULL", "Bu saat doldu.", "This time is full.").with("free_slots", &free)
        }
    }
}

fn of_time(refusal: DueRefusal) -> Problem {
    let schedule = |code, tr, en| {
        let text = Text::new(tr, en);
        unprocessable(code, text.clone()).naming(Fault::new("schedule_date", code, text))
    };
    match refusal {
        DueRefusal::Closed(opens_at) => {
            Problem::conflict("RESTAURANT_CLOSED", "Restoran kapalı.", "The restaurant is closed.")
                .with("next_opening", &opens_at)
        }
        DueRefusal::Paused(opens_at) => Problem::conflict(
            "RESTAURANT_PAUSED",
            "Restoran şu anda sipariş almıyor.",
            "The restaurant takes no orders at the moment.",
        )
        .with("next_opening", &opens_at),
        DueRefusal::TooSoon(soonest) => {
            schedule("SCHEDULE_TOO_SOON", "Teslimat zamanı çok yakın.", "The time is too soon.")
                .with("soonest", &soonest)
        }
        DueRefusal::TooFar => {
            schedule("SCHEDULE_TOO_FAR", "En çok 7 gün sonrası için.", "The time is more than 7 days ahead.")
        }
        DueRefusal::OutsideHours => schedule(
            "SCHEDULE_OUTSIDE_HOURS",
            "Restoran o saatte sipariş almıyor.",
            "The restaurant takes no orders for that time.",
        ),
    }
}

/// 400, as the first platform answers what it does not take.
fn of_coupon(refusal: CouponRefusal) -> Problem {
    let (code, text) = match refusal {
        CouponRefusal::Unknown => ("COUPON_UNKNOWN", Text::new("Kupon bulunamadı.", "There is no such coupon.")),
        CouponRefusal::NotStarted => {
            ("COUPON_NOT_STARTED", Text::new("Kuponun süresi başlamadı.", "The coupon holds later."))
        }
        CouponRefusal::Expired => ("COUPON_EXPIRED", Text::new("Kuponun süresi doldu.", "The coupon has expired.")),
        CouponRefusal::OtherRestaurant => (
            "COUPON_OTHER_RESTAURANT",
            Text::new("Kupon bu restoranda geçmez.", "The coupon does not hold at this restaurant."),
        ),
        CouponRefusal::MinBasket(least) => {
            let tr = format!("Bu kupon en az {least} ₺ için geçerli.");
            ("COUPON_MIN_BASKET", said(tr, format!("The coupon holds from {least} ₺ on.")))
        }
        CouponRefusal::Used => ("COUPON_USED", Text::new("Bu kuponu kullandınız.", "You have used this coupon.")),
        CouponRefusal::UsedUp => ("COUPON_USED_UP", Text::new("Kupon tükendi.", "The coupon is used up.")),
    };
    Problem::new(StatusCode::BAD_REQUEST, code, text)
}

fn unprocessable(code: &'static str, text: Text) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, text)
}

fn said(tr: String, en: String) -> Text {
    Text { tr: tr.into(), en: en.into() }
}
