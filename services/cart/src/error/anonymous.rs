//! What a client sees of an anonymous cart that can't be answered with.

use std::time::Duration;

use axum::http::StatusCode;
use ephemeral::EphemeralError;
use kit::{Problem, Text};

use crate::anonymous::AnonymousError;
use crate::model::anonymous::CartRefusal;

use super::{line_ambiguous, quantity_limit, too_many_lines};

pub(super) fn problem(error: AnonymousError) -> Problem {
    match error {
        AnonymousError::Refused(refusal) => refused(refusal),
        AnonymousError::TooManyUnknown(retry_after) => too_many_unknown(retry_after),
        AnonymousError::Unavailable => Problem::unavailable(),
        AnonymousError::Absent => EphemeralError::Absent.into(),
    }
}

fn refused(refusal: CartRefusal) -> Problem {
    match refusal {
        CartRefusal::NoCart => Problem::not_found("CART_NOT_FOUND", "Sepet bulunamadı.", "Cart not found"),
        CartRefusal::NoLine => {
            Problem::not_found("ITEM_NOT_FOUND", "Sepet ya da ürün bulunamadı.", "Cart or item not found")
        }
        CartRefusal::Ambiguous(lines) => line_ambiguous(&lines),
        CartRefusal::OtherRestaurant => Problem::bad_request(
            "DIFFERENT_RESTAURANT",
            "Sepetinizde başka bir restoranın ürünleri var (different restaurant).",
            "Cannot add item from different restaurant",
        ),
        CartRefusal::QuantityLimit => quantity_limit(),
        CartRefusal::TooManyLines => too_many_lines(),
        CartRefusal::TooLong => Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "CART_TOO_LARGE",
            Text::new("Sepet çok büyük.", "The cart is too large."),
        ),
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

fn too_many_unknown(retry_after: Duration) -> Problem {
    let text = Text::new(
        "Bu ağdan var olmayan çok fazla sepet istendi, lütfen daha sonra deneyin.",
        "Too many carts that do not exist were asked for from this network, please try again later.",
    );
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_UNKNOWN_CARTS", text).retry_after(retry_after)
}

/// Why a change is refused whose client has seen another state.
const CHANGED: Text = Text::new("Sepet bu arada değişti.", "The cart has changed meanwhile.");
