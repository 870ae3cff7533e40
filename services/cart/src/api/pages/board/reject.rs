//! `/mutfak/{restaurant}/red/{order}`: an order is turned down, or called off once it was accepted. It has a page of its own, so that
//! nobody does it by a slip, and says why.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use contracts::{Locale, OrderActor, OrderId, OrderStatus, RestaurantId};
use kit::{Field, Problem};
use strum::{EnumString, IntoStaticStr};
use web::{Flash, Form, Page, Reader, Typed, set_cookies};

use super::kitchen::KitchenOrder;
use super::{steps, words};
use crate::actions::AskedStep;
use crate::api::step_body::RejectOrder;
use crate::error::CartError;
use crate::model::{Reason, Step};
use crate::state::Carts;

/// What a person may say.
const REASONS: [Reason; 5] = [Reason::SoldOut, Reason::TooBusy, Reason::Closed, Reason::Area, Reason::Other];

/// What is done, as the page was shown for: an order that somebody accepts meanwhile is not called off instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
enum Refusal {
    #[strum(serialize = "red")]
    Reject,
    #[strum(serialize = "iptal")]
    CallOff,
}

#[derive(Template)]
#[template(path = "board/reject.html")]
struct Body<'a> {
    locale: Locale,
    form: &'a Typed,
    restaurant_id: RestaurantId,
    id: OrderId,
    refusal: Refusal,
    lines: Vec<(i16, String)>,
    /// The word on the wire, and the text.
    reasons: Vec<(&'static str, &'static str)>,
}

pub(super) async fn show(reader: Reader, asked: KitchenOrder) -> Result<Page, Problem> {
    let refusal = Refusal::of(asked.order.order.status)?;
    Ok(page(&reader, &asked, refusal, &Typed::default()))
}

pub(super) async fn reject_order(
    State(carts): State<Arc<Carts>>,
    reader: Reader,
    asked: KitchenOrder,
    form: Form<RejectOrder>,
) -> Response {
    let Form { mut fields, typed } = form;
    // A browser sends a field that is empty, too.
    if typed.value("text").trim().is_empty() {
        fields.text = Field::Absent;
    }
    let refusal = typed.value("adim").parse().unwrap_or(Refusal::Reject);
    let made = match fields.step() {
        Ok(step) => steps::make(&carts, &asked, AskedStep { step: refusal.step(), ..step }).await,
        Err(problem) => Err(problem),
    };
    match made {
        Ok(()) => {
            let said = set_cookies([reader.will_hear(refusal.flash())]);
            (said, Redirect::to(&asked.kitchen.path())).into_response()
        }
        Err(problem) => {
            page(&reader, &asked, refusal, &typed.refused(&problem, reader.locale)).refused(&problem).into_response()
        }
    }
}

impl Refusal {
    /// What an order that stands so can be refused by.
    fn of(status: OrderStatus) -> Result<Self, CartError> {
        let both = [Self::Reject, Self::CallOff].into_iter();
        let mut possible = both.filter(|refusal| refusal.step().sources(OrderActor::Owner).contains(&status));
        possible.next().ok_or(CartError::OrderChanged(status))
    }

    fn step(self) -> Step {
        match self {
            Self::Reject => Step::Reject,
            Self::CallOff => Step::Cancel,
        }
    }

    fn flash(self) -> Flash {
        match self {
            Self::Reject => Flash::OrderRejected,
            Self::CallOff => Flash::OrderCalledOff,
        }
    }

    /// Its word in the form.
    fn as_str(self) -> &'static str {
        self.into()
    }
}

fn page(reader: &Reader, asked: &KitchenOrder, refusal: Refusal, form: &Typed) -> Page {
    let locale = reader.locale;
    let order = &asked.order;
    let code = &order.order.code;
    let title = match refusal {
        Refusal::Reject => format!("{} #{code}", locale.say("Siparişi reddet", "Reject the order")),
        Refusal::CallOff => format!("{} #{code}", locale.say("Siparişi iptal et", "Call off the order")),
    };
    let body = Body {
        locale,
        form,
        restaurant_id: asked.kitchen.id,
        id: order.order.public_id,
        refusal,
        lines: order.lines.iter().map(|line| (line.quantity, line.name.clone())).collect(),
        reasons: REASONS.map(|reason| (reason.as_str(), words::reason(reason, locale))).to_vec(),
    };
    Page::of(reader, title, &body)
}
