//! What can go wrong here, and what a client sees of it.

mod anonymous;
mod order;

use axum::http::StatusCode;
use contracts::OrderStatus;
use contracts::pricing::PriceRefusal;
use database::DatabaseError;
use kit::{Fault, Faults, Problem, Text};

use crate::anonymous::AnonymousError;
use crate::model::{
    ChoiceRefusal, KeptLine, LineChoice, MOST_DELAYS, MOST_LINES, MOST_OF_A_LINE, MergeId, QUANTITY_LIMIT,
    RestaurantConflict, WouldBeLost,
};

pub(crate) use order::{ChangedPrice, OrderRefusal, UnavailableItem};

/// Why an action had no effect.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CartError {
    /// The cart has no such line.
    #[error("the cart has no such line")]
    ItemNotFound,
    /// A meal is named of which there are several lines, each with other options.
    #[error("the cart has several lines of the meal")]
    LineAmbiguous(Vec<LineChoice>),
    /// The cart has meals of another restaurant.
    #[error("the cart has meals of another restaurant")]
    DifferentRestaurant(Box<RestaurantConflict>),
    /// One of the carts is not what the client has seen.
    #[error("a cart has changed since the preview")]
    MergeChanged,
    /// The user has no such merge.
    #[error("the user has no such merge")]
    MergeNotFound,
    /// It was too long ago.
    #[error("the merge is too old to be undone")]
    UndoTooLate,
    /// The user's cart holds more of these than it did right after the merge.
    #[error("something would be lost if the merge were undone")]
    UndoWouldLose(Vec<KeptLine>),
    /// A later merge has found what this one has made.
    #[error("a later merge has to be undone first")]
    UndoLaterFirst(MergeId),
    /// What would go back into the anonymous cart does not fit to what is there by now.
    #[error("the anonymous cart has no place for what would go back there")]
    NoPlaceForUndo,
    /// A cart has so many lines and no more.
    #[error("the cart has too many lines")]
    TooManyLines,
    /// The meal can't be put into a cart so.
    #[error(transparent)]
    Choice(#[from] ChoiceRefusal),
    /// The anonymous cart can't be changed so, or can't be reached.
    #[error(transparent)]
    Anonymous(#[from] AnonymousError),
    /// Nothing is ordered.
    #[error(transparent)]
    Order(#[from] OrderRefusal),
    /// The idempotency key stands for another request.
    #[error("the idempotency key was used for another request")]
    KeyReused,
    /// The user has no such order, or may not know of it.
    #[error("there is no such order")]
    OrderNotFound,
    /// The order stands where it can't make the step.
    #[error("the order has changed")]
    OrderChanged(OrderStatus),
    /// Orders make no such step by this caller.
    #[error("the caller may not move the order so")]
    StepForbidden,
    /// Whoever calls off what somebody else has ordered says why.
    #[error("a reason is missing")]
    ReasonMissing,
    /// Its diner has had enough mails that it takes longer.
    #[error("the order was delayed too often")]
    DelayedTooOften,
    /// A campaign that held by itself has had its last order meanwhile.
    #[error("the campaign is used up")]
    CampaignUsedUp,
    /// The account has ordered too often today.
    #[error(transparent)]
    TooManyOrders(kit::TooManyWrites),
    /// A line holds no more units.
    #[error("a line holds no more units")]
    QuantityLimit,
    /// The provider of payments does not answer.
    #[error("the provider of payments does not answer")]
    ProviderSilent,
    /// There is no such payment.
    #[error("there is no such payment")]
    PaymentNotFound,
    /// Nothing was taken by card, or less is left of it.
    #[error("there is not so much to refund")]
    NothingToRefund,
    /// The caller runs no such restaurant.
    #[error("the caller runs no such restaurant")]
    RestaurantNotFound,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl CartError {
    /// Whether others kept for too long what was waited for.
    pub(crate) fn is_lock_timeout(&self) -> bool {
        matches!(self, Self::Database(error) if error.is_lock_timeout())
    }
}

impl From<WouldBeLost> for CartError {
    fn from(WouldBeLost(lines): WouldBeLost) -> Self {
        Self::UndoWouldLose(lines)
    }
}

impl From<CartError> for Problem {
    fn from(error: CartError) -> Self {
        match error {
            CartError::ItemNotFound => Self::not_found("ITEM_NOT_FOUND", "Ürün sepette yok.", "Item not found"),
            CartError::LineAmbiguous(lines) => line_ambiguous(&lines),
            CartError::DifferentRestaurant(conflict) => Self::bad_request(
                "DIFFERENT_RESTAURANT",
                "Sepetinizde başka bir restoranın ürünleri var (different restaurant).",
                "Cart already has items from a different restaurant",
            )
            .with("conflict", &conflict),
            CartError::MergeChanged => Self::new(
                StatusCode::PRECONDITION_FAILED,
                "CART_CHANGED",
                Text::new(
                    "Sepetlerden biri bu arada değişti; önizlemeyi yeniden alın.",
                    "One of the carts has changed meanwhile; ask for the preview again.",
                ),
            ),
            CartError::MergeNotFound => {
                Self::not_found("MERGE_NOT_FOUND", "Böyle bir birleştirme yok.", "There is no such merge.")
            }
            CartError::UndoTooLate => Self::new(
                StatusCode::GONE,
                "UNDO_TOO_LATE",
                Text::new(
                    "Sepetlerin birleştirilmesi 24 saat içinde geri alınabilir.",
                    "A merge can be undone within 24 hours.",
                ),
            ),
            CartError::UndoWouldLose(lines) => Self::conflict(
                "UNDO_WOULD_LOSE",
                "Sepete birleştirmeden sonra eklenenler kaybolurdu; önce onları çıkarın.",
                "What was added to the cart since the merge would be lost; take it out first.",
            )
            .with("lines", &lines.iter().map(LineChoice::from).collect::<Vec<_>>()),
            CartError::UndoLaterFirst(merge_id) => Self::conflict(
                "UNDO_LATER_FIRST",
                "Sonraki bir birleştirme bu ürünleri içeriyor; önce onu geri alın.",
                "A later merge has found what this one has added; undo that one first.",
            )
            .with("merge_id", &merge_id),
            CartError::NoPlaceForUndo => Self::conflict(
                "UNDO_HAS_NO_PLACE",
                "Oturum açmadan doldurulan sepette artık başka ya da çok fazla ürün var; önce onları çıkarın.",
                "The anonymous cart holds other meals, or too many, by now; take them out first.",
            ),
            CartError::TooManyLines => too_many_lines(),
            CartError::Choice(refusal) => of_choice(refusal),
            CartError::Anonymous(error) => anonymous::problem(error),
            CartError::Order(refusal) => order::problem(refusal),
            CartError::KeyReused => kit::idempotency::reused(),
            CartError::OrderNotFound => {
                Self::not_found("ORDER_NOT_FOUND", "Sipariş bulunamadı.", "There is no such order.")
            }
            CartError::OrderChanged(status) => {
                Self::conflict("ORDER_STATE_CHANGED", "Sipariş durumu değişti.", "The order has changed.")
                    .with("status", &status)
            }
            CartError::StepForbidden => Self::forbidden(
                "STEP_FORBIDDEN",
                "Bu adımı yalnız restoran atabilir.",
                "The restaurant alone can do this.",
            ),
            CartError::ReasonMissing => {
                let text = Text::new("Neden belirtilmelidir.", "A reason must be given.");
                Self::invalid(vec![Fault::new("reason", "REQUIRED", text)])
            }
            CartError::DelayedTooOften => Self::conflict(
                "DELAYED_TOO_OFTEN",
                "Sipariş daha fazla ertelenemez.",
                "The order can't be delayed any more.",
            )
            .with("max", &MOST_DELAYS),
            CartError::CampaignUsedUp => {
                Self::conflict("CAMPAIGN_USED_UP", "Kampanya tükendi.", "The campaign is used up.")
            }
            CartError::QuantityLimit => quantity_limit(),
            CartError::TooManyOrders(too_many) => too_many.into(),
            CartError::ProviderSilent => Self::unavailable(),
            CartError::PaymentNotFound => {
                Self::not_found("PAYMENT_NOT_FOUND", "Ödeme bulunamadı.", "There is no such payment.")
            }
            CartError::NothingToRefund => Self::conflict(
                "NOTHING_TO_REFUND",
                "Bu siparişte iade edilebilecek bu kadar tutar yok.",
                "There is not so much to refund in this order.",
            ),
            CartError::RestaurantNotFound => {
                Self::not_found("RESTAURANT_NOT_FOUND", "Restoran bulunamadı.", "Restaurant not found")
            }
            CartError::Database(error) => error.into(),
        }
    }
}

/// 409: of which of these?
fn line_ambiguous(lines: &[LineChoice]) -> Problem {
    Problem::conflict(
        "LINE_AMBIGUOUS",
        "Sepette bu üründen farklı seçeneklerle birkaç tane var; satırın line_id değerini kullanın.",
        "The cart has several lines of this meal with other options; use the line_id of one.",
    )
    .with("lines", &lines)
}

fn too_many_lines() -> Problem {
    let text = Text::new("Sepete en çok 50 farklı ürün konabilir.", "A cart holds 50 lines at most.");
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "TOO_MANY_LINES", text).with("max", &MOST_LINES)
}

/// What is wrong with the fields of a line. A quantity alone is answered as where a line can't hold as many.
pub(crate) fn check(faults: Faults) -> Result<(), Problem> {
    if faults.are_all("QUANTITY_LIMIT") { Err(quantity_limit()) } else { faults.check() }
}

/// 422: a line holds from one to so many.
fn quantity_limit() -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "QUANTITY_LIMIT", QUANTITY_LIMIT)
        .naming(Fault::new("quantity", "QUANTITY_LIMIT", QUANTITY_LIMIT))
        .with("max", &MOST_OF_A_LINE)
}

/// 422 that names the field, and the option or the group of which more is to be said.
fn of_choice(refusal: ChoiceRefusal) -> Problem {
    let naming = |field, code, text: Text| {
        Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, text.clone()).naming(Fault::new(field, code, text))
    };
    match refusal {
        ChoiceRefusal::RestaurantGone => naming(
            "restaurant_id",
            "RESTAURANT_GONE",
            Text::new("Bu restoran artık sipariş almıyor.", "This restaurant is no more."),
        ),
        ChoiceRefusal::UnknownMeal => naming(
            "meal_id",
            "UNKNOWN_MEAL",
            Text::new("Bu restoranın menüsünde böyle bir ürün yok.", "The restaurant has no such meal."),
        ),
        ChoiceRefusal::Options(refusal) => {
            let problem = naming("options", refusal.code(), of_options(refusal));
            match refusal {
                PriceRefusal::OptionUnknown(id) | PriceRefusal::OptionUnavailable(id) => problem.with("option_id", &id),
                PriceRefusal::TooFewChoices(id) | PriceRefusal::TooManyChoices(id) => problem.with("group_id", &id),
                PriceRefusal::MealUnavailable | PriceRefusal::MealtimeOver | PriceRefusal::PriceChanged(_) => problem,
            }
        }
    }
}

fn of_options(refusal: PriceRefusal) -> Text {
    match refusal {
        PriceRefusal::OptionUnknown(_) => {
            Text::new("Bu ürünün böyle bir seçeneği yok.", "The meal has no such option.")
        }
        PriceRefusal::OptionUnavailable(_) => Text::new("Bu seçenek şu anda yok.", "The option is not available."),
        PriceRefusal::TooFewChoices(_) => {
            Text::new("Bu üründe daha fazla seçim yapılmalı.", "More options must be chosen with this meal.")
        }
        PriceRefusal::TooManyChoices(_) => {
            Text::new("Bu üründe daha az seçim yapılmalı.", "Fewer options may be chosen with this meal.")
        }
        PriceRefusal::MealUnavailable | PriceRefusal::MealtimeOver | PriceRefusal::PriceChanged(_) => {
            Text::new("Bu ürün şu anda alınamıyor.", "The meal can't be had at the moment.")
        }
    }
}
