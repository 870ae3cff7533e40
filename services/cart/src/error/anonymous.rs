//! What a client sees of an anonymous cart that can't be answered with.

use axum::http::StatusCode;
use ephemeral::EphemeralError;
use kit::{Fault, Problem, Text};

use crate::anonymous::AnonymousError;
use crate::model::anonymous::CartRefusal;
use crate::model::{MOST_LINES, MOST_OF_A_LINE};

const QUANTITY_LIMIT: Text =
    Text::new("Bir üründen en çok 99 adet seçilebilir.", "There can be 99 of an item at most.");

pub(super) fn problem(error: AnonymousError) -> Problem {
    match error {
        AnonymousError::Refused(refusal) => refused(refusal),
        AnonymousError::Unavailable => Problem::unavailable(),
        AnonymousError::Absent => EphemeralError::Absent.into(),
    }
}

fn refused(refusal: CartRefusal) -> Problem {
    let unprocessable = |code, tr, en| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, Text::new(tr, en));
    match refusal {
        CartRefusal::NoCart => Problem::not_found("CART_NOT_FOUND", "Sepet bulunamadı.", "Cart not found"),
        CartRefusal::NoLine => {
            Problem::not_found("CART_ITEM_NOT_FOUND", "Sepet ya da ürün bulunamadı.", "Cart or item not found")
        }
        CartRefusal::Ambiguous(lines) => Problem::conflict(
            "LINE_AMBIGUOUS",
            "Bu ürün sepette farklı seçeneklerle duruyor; satırı belirtin.",
            "The cart holds this item with several options; name the line.",
        )
        .with("lines", &lines),
        CartRefusal::OtherRestaurant => Problem::bad_request(
            "DIFFERENT_RESTAURANT",
            "Sepetinizde başka bir restoranın ürünleri var (different restaurant).",
            "Cannot add item from different restaurant",
        ),
        CartRefusal::QuantityLimit => Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "QUANTITY_LIMIT", QUANTITY_LIMIT)
            .naming(Fault::new("quantity", "QUANTITY_LIMIT", QUANTITY_LIMIT))
            .with("max", &MOST_OF_A_LINE),
        CartRefusal::TooManyLines => unprocessable(
            "TOO_MANY_LINES",
            "Sepette en çok 50 farklı ürün olabilir.",
            "A cart can hold 50 different items at most.",
        )
        .with("max", &MOST_LINES),
        CartRefusal::TooLong => unprocessable("CART_TOO_LARGE", "Sepet çok büyük.", "The cart is too large."),
        CartRefusal::KeyReused => kit::idempotency::reused(),
        CartRefusal::Changed(_) => Problem::new(StatusCode::PRECONDITION_FAILED, "CART_CHANGED", CHANGED),
        CartRefusal::TooManyCarts(retry_after) => Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "TOO_MANY_CARTS",
            Text::new(
                "Bu ağdan çok fazla sepet açıldı ya da uzatıldı, lütfen daha sonra deneyin.",
                "Too many carts were made or extended from this network, please try again later.",
            ),
        )
        .retry_after(retry_after),
        CartRefusal::Unreadable(_) => {
            Problem::conflict("CART_UNREADABLE", "Bu sepet okunamıyor.", "This cart can't be read.")
        }
    }
}

/// Why a change is refused whose client has seen another state.
const CHANGED: Text = Text::new("Sepet bu arada değişti.", "The cart has changed meanwhile.");
